import { HIDDEN, isSecretName, redact, redactArguments } from "./redact.ts";

const DEEPEST = 6;
const LONGEST = 4_000;

/** The text without secrets, at most 4,000 characters. */
export function scrubText(text: string): string {
  const clean = redact(text);
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}... (${clean.length} characters)` : clean;
}

/** Redacts every text inside, six levels deep; errors keep name, code, message, stack and causes. */
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
  if (Array.isArray(x)) return list(x, depth, inside);
  if (x instanceof Set) return list([...x], depth, inside);
  if (x instanceof Map)
    return record(
      [...x].map(([k, v]) => [String(k), v]),
      depth + 1,
      inside,
    );
  if (ArrayBuffer.isView(x)) return `[${x.byteLength} bytes]`;
  return record(Object.entries(x), depth + 1, inside);
}

/** The texts may be a program's arguments, in which an option names the next one. */
const list = (members: readonly unknown[], depth: number, above: ReadonlySet<object>): unknown =>
  (members.every((m) => typeof m === "string") ? redactArguments(members) : members).map((member) =>
    value(member, depth + 1, above),
  );

const record = (
  members: readonly (readonly [string, unknown])[],
  depth: number,
  above: ReadonlySet<object>,
): Record<string, unknown> =>
  Object.fromEntries(
    members.map(([key, member]) => [
      key,
      isSecretName(key) && member !== null && member !== undefined ? HIDDEN : value(member, depth, above),
    ]),
  );

function error(e: Error, depth: number, above: ReadonlySet<object>): unknown {
  const code = "code" in e ? { code: value(e.code, depth + 1, above) } : {};
  const cause = e.cause === undefined ? {} : { cause: value(e.cause, depth + 1, above) };
  // other own fields of foreign errors (request, response, config) may hold headers, so they are dropped
  return { name: e.name, ...code, message: scrubText(e.message), stack: scrubText(e.stack ?? ""), ...cause };
}
