const REMOVED = "[removed]";
/** Fields that hold a secret whatever it looks like. */
const SECRET_KEY =
  /(token|secret|password|authorization|cookie|credential|response_?url|api_?key|private_?key)$/iu;
const SHAPES: readonly (readonly [RegExp, string])[] = [
  // https://docs.slack.dev/authentication/tokens
  [/\bx(?:ox[a-z](?:\.xox[a-z])?|app|wfp)-[A-Za-z0-9-]+/gu, REMOVED],
  [/https?:\/\/hooks\.slack(?:-gov)?\.com\/[^\s"'<>]+/gu, REMOVED],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/giu, `$1 ${REMOVED}`],
  // user:password@ in any address; the lazy scheme keeps the rest readable
  [/([a-z][a-z0-9+.-]*:\/\/)[^/\s"'<>@]*:[^/\s"'<>]*@/giu, `$1${REMOVED}@`],
  [/([?&](?:token|key|secret|password|signature|ticket|app_id)=)[^&\s"'<>]+/giu, `$1${REMOVED}`],
];
const DEEPEST = 6;
const LONGEST = 4_000;

/** The text without tokens, credentials in addresses and Slack's response addresses; at most 4,000 characters. */
export function scrubText(text: string): string {
  const clean = SHAPES.reduce((at, [shape, instead]) => at.replace(shape, instead), text);
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}... (${clean.length} characters)` : clean;
}

/** The same for every text inside, six levels deep; errors keep name, code, message, stack and causes. */
export function scrub(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return record(Object.entries(fields), 0, new Set());
}

function value(x: unknown, depth: number, above: ReadonlySet<object>): unknown {
  if (typeof x === "string") return scrubText(x);
  if (typeof x === "bigint") return x.toString();
  if (typeof x !== "object" || x === null) return typeof x === "function" ? undefined : x;
  if (depth >= DEEPEST || above.has(x)) return "[deeper]";
  const inside = new Set(above).add(x);
  if (x instanceof Error) return error(x, depth, inside);
  if (x instanceof URL) return scrubText(x.href);
  if (x instanceof Date) return Number.isNaN(x.getTime()) ? null : x.toISOString();
  if (Array.isArray(x)) return x.map((item) => value(item, depth + 1, inside));
  if (x instanceof Set) return [...x].map((item) => value(item, depth + 1, inside));
  if (x instanceof Map)
    return record(
      [...x].map(([k, v]) => [String(k), v]),
      depth + 1,
      inside,
    );
  if (ArrayBuffer.isView(x)) return `[${x.byteLength} bytes]`;
  return record(Object.entries(x), depth + 1, inside);
}

const record = (
  members: readonly (readonly [string, unknown])[],
  depth: number,
  above: ReadonlySet<object>,
): Record<string, unknown> =>
  Object.fromEntries(
    members.map(([key, member]) => [
      key,
      SECRET_KEY.test(key) && member !== null && member !== undefined ? REMOVED : value(member, depth, above),
    ]),
  );

function error(e: Error, depth: number, above: ReadonlySet<object>): unknown {
  const code = "code" in e ? { code: value(e.code, depth + 1, above) } : {};
  const cause = e.cause === undefined ? {} : { cause: value(e.cause, depth + 1, above) };
  // own fields of foreign errors (request, response, config) are where headers hide
  return { name: e.name, ...code, message: scrubText(e.message), stack: scrubText(e.stack ?? ""), ...cause };
}
