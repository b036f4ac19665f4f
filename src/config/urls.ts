import { MAY, mayNot, type Verdict } from "../model/verdict.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u;

const parse = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);
const plainUrl = (u: URL): Verdict<string> => {
  if (u.username !== "" || u.password !== "") return mayNot("must not contain a user or password");
  return u.search === "" && u.hash === "" ? MAY : mayNot("must not contain a query or fragment");
};

/**
 * Whether a web page's URL may be configured. The reasons of these functions never repeat the URL, because it may hold
 * a secret.
 */
export function webUrl(text: string): Verdict<string> {
  const u = parse(text);
  if (u === null || !["http:", "https:"].includes(u.protocol))
    return mayNot("must be an http or https address");
  return plainUrl(u);
}

/** A path prefix is allowed, because clusters may be behind a proxy. */
export function clusterUrl(text: string): Verdict<string> {
  const u = parse(text);
  if (u === null || !["http:", "https:"].includes(u.protocol))
    return mayNot("must be Flink's REST address, like http://jobmanager:8081");
  const verdict = plainUrl(u);
  return verdict.is === "may not" && verdict.why.includes("password")
    ? mayNot(`${verdict.why}; use auth: { kind: basic, ... }`)
    : verdict;
}

/** The tokens are sent to this URL, so plain http is allowed only to loopback. */
export function slackUrl(text: string): Verdict<string> {
  const u = parse(text);
  if (u === null) return mayNot("must be an address like https://slack.com/api/");
  const safe = u.protocol === "https:" || (u.protocol === "http:" && LOOPBACK.test(u.hostname));
  if (!safe) return mayNot("must be https, or loopback");
  return plainUrl(u);
}

/** For a URL in the configuration file; a URL with a password belongs in the environment. */
export function redisUrl(text: string): Verdict<string> {
  const verdict = redisAddress(text);
  if (verdict.is === "may not" || parse(text)?.password === "") return verdict;
  return mayNot("contains a password; write { env: REDIS_URL }");
}

/** For a URL from the environment or a secret file. */
export function redisAddress(text: string): Verdict<string> {
  const u = parse(text);
  return u !== null && ["redis:", "rediss:"].includes(u.protocol) && u.hostname !== ""
    ? MAY
    : mayNot("must be an address like redis://host:6379 or rediss://...");
}

/** Whether a valid URL of Redis goes with the other keys of `redis`, which may not be validated. */
export function redisFits(
  text: string,
  { sentinels, cluster, tls }: { sentinels?: unknown; cluster?: unknown; tls?: unknown },
): Verdict<string> {
  const u = parse(text);
  if (u === null) return MAY;
  if (tls !== undefined && u.protocol !== "rediss:")
    return mayNot("must begin with rediss://, because redis.tls is set");
  if (sentinels !== undefined && u.port !== "")
    return mayNot(
      "with redis.sentinels, must be the name of the master without a port, like redis://mymaster",
    );
  if (cluster !== undefined && !/^\/?0?$/u.test(u.pathname))
    return mayNot("a Redis Cluster has database 0 only, like redis://redis-1:6379");
  return MAY;
}
