const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u;

const parse = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);
const extras = (u: URL): string | null => {
  if (u.username !== "" || u.password !== "") return "must not hold a user or password";
  return u.search === "" && u.hash === "" ? null : "must not hold a query or fragment";
};

/** The problem with a web page's URL, or null. These functions never repeat the URL, because it may hold a secret. */
export function webUrlProblem(text: string): string | null {
  const u = parse(text);
  if (u === null || !["http:", "https:"].includes(u.protocol)) return "must be an http or https address";
  return extras(u);
}

/** A path prefix is allowed, because clusters may be behind a proxy. */
export function clusterUrlProblem(text: string): string | null {
  const u = parse(text);
  if (u === null || !["http:", "https:"].includes(u.protocol))
    return "must be Flink's REST address, like http://jobmanager:8081";
  const extra = extras(u);
  return extra?.includes("password") ? `${extra}; use auth: { kind: basic, ... }` : extra;
}

/** The tokens are sent to this URL, so plain http is allowed only to loopback. */
export function slackUrlProblem(text: string): string | null {
  const u = parse(text);
  if (u === null) return "must be an address like https://slack.com/api/";
  const safe = u.protocol === "https:" || (u.protocol === "http:" && LOOPBACK.test(u.hostname));
  if (!safe) return "must be https, or loopback";
  return extras(u);
}

/** For a URL in the configuration file; a URL with a password belongs in the environment. */
export function redisUrlProblem(text: string): string | null {
  return (
    redisAddressProblem(text) ??
    (parse(text)?.password === "" ? null : "holds a password; write { env: REDIS_URL }")
  );
}

/** For a URL from the environment or a secret file. */
export function redisAddressProblem(text: string): string | null {
  const u = parse(text);
  return u !== null && ["redis:", "rediss:"].includes(u.protocol) && u.hostname !== ""
    ? null
    : "must be an address like redis://host:6379 or rediss://...";
}
