import { MAY, mayNot, type Verdict } from "./verdict.ts";

/** File systems that Flink ships or documents. Savepoints cannot be written to others. */
const SCHEMES: ReadonlySet<string> = new Set([
  "file",
  "s3",
  "s3a",
  "s3p",
  "gs",
  "hdfs",
  "abfs",
  "abfss",
  "wasb",
  "wasbs",
  "oss",
  "viewfs",
]);
/** Azure uses `container@account.host` where other URLs have user info. */
const AZURE: ReadonlySet<string> = new Set(["abfs", "abfss", "wasb", "wasbs"]);
/** An empty authority means the default name node. */
const DEFAULTED: ReadonlySet<string> = new Set(["hdfs", "viewfs"]);
const LONGEST = 1_000;

export type ParsedDirectory = { ok: string } | { problem: string };

interface Location {
  scheme: string;
  authority: string;
  segments: readonly string[];
}

/**
 * Parses a savepoint directory as typed: returns it normalised (single slashes between segments, none at the end), or
 * the problem in words. It must be under one of `roots`, compared segment by segment. Works on the text only; nothing
 * is looked up.
 */
export function parseSavepointDirectory(text: string, roots: readonly string[]): ParsedDirectory {
  const parsed = parse(text.trim());
  if (typeof parsed === "string") return { problem: parsed };
  if (roots.length === 0) {
    return { problem: "this cluster accepts no directory; leave it out, and Flink uses its default" };
  }
  const under = roots.some((root) => {
    const at = parse(root.trim());
    return typeof at !== "string" && contains(at, parsed);
  });
  return under ? { ok: write(parsed) } : { problem: `it must be below ${roots.join(" or ")}` };
}

/** Parses a root from the configuration: returns it normalised, or the problem in words. */
export function parseSavepointRoot(text: string): ParsedDirectory {
  const parsed = parse(text.trim());
  return typeof parsed === "string" ? { problem: parsed } : { ok: write(parsed) };
}

/**
 * Whether `path` is below `directory`, both as Flink reports or uses them. Such paths may contain anything, since
 * Flink does not follow the rules for typed paths. Flink writes `file:/a` where people write `file:///a`, so both are
 * normalised first. A path that cannot be parsed is under no directory.
 */
export function liesUnder(path: string, directory: string): boolean {
  const child = reported(path);
  const root = reported(directory);
  return child !== null && root !== null && contains(root, child);
}

function reported(path: string): Location | null {
  const parts = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/]*))?(\/.*)?$/isu.exec(path);
  if (parts === null) return null;
  const [, scheme = "", authority = "", rest = ""] = parts;
  const segments = rest.split("/").filter((s) => s !== "");
  if (segments.some((s) => s === "." || s === "..")) return null;
  return { scheme: scheme.toLowerCase(), authority, segments };
}

/**
 * Whether a path has a key and its secret before the bucket, as Hadoop once allowed. Such a path is never stored or
 * shown.
 */
export const holdsCredentials = (path: string): boolean => /^[a-z][a-z0-9+.-]*:\/\/[^/]*:[^/]*@/iu.test(path);

function parse(text: string): Location | string {
  if (text.length > LONGEST)
    return `a directory has at most ${LONGEST} characters, this one has ${text.length}`;
  // \p{C} contains control, zero-width and direction characters, \p{Z} every kind of space
  if (/[\p{C}\p{Z}]/u.test(text)) return "a directory must not contain spaces or invisible characters";
  const scheme = /^([a-z][a-z0-9+.-]*):/iu.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return "a directory must start with its file system, like s3://bucket/savepoints";
  if (!SCHEMES.has(scheme))
    return `${scheme}: is not a file system for savepoints; use one of ${[...SCHEMES].join(", ")}`;
  const rest = text.slice(scheme.length + 1);
  const odd = /[%\\?#<>"'`|^{}*[\]]/u.exec(rest)?.[0];
  if (odd === "%") return "percent-encoded characters are not accepted; write the directory without encoding";
  if (odd === "?" || odd === "#") return "a directory must not have a query or a fragment";
  if (odd !== undefined) return `a directory must not contain ${odd}`;
  return locate(scheme, rest);
}

function locate(scheme: string, rest: string): Location | string {
  const slashes = /^\/*/u.exec(rest)?.[0].length ?? 0;
  if (scheme === "file") {
    if (slashes !== 1 && slashes !== 3) return "a local directory is written file:///path";
  } else if (slashes !== 2 && !(slashes === 3 && DEFAULTED.has(scheme))) {
    return `a directory there is written ${scheme}://name/path`;
  }
  const [first = "", ...others] = rest.slice(slashes).split("/");
  const authority = slashes === 2 ? first : "";
  if (slashes === 2 && authority === "") return `a directory there is written ${scheme}://name/path`;
  const segments = (slashes === 2 ? others : [first, ...others]).filter((s) => s !== "");
  const verdict = isAuthority(scheme, authority);
  if (verdict.is === "may not") return verdict.why;
  if (segments.some((s) => s === "." || s === "..")) return "a directory must not contain . or .. parts";
  if (scheme === "file" && segments.length === 0)
    return "the root of the disk is not a directory for savepoints";
  return { scheme, authority, segments };
}

function isAuthority(scheme: string, authority: string): Verdict<string> {
  if (AZURE.has(scheme)) {
    return /^[a-z0-9$-]+@[a-z0-9.-]+$/iu.test(authority)
      ? MAY
      : mayNot(`a directory there is written ${scheme}://container@account.host/path`);
  }
  if (authority.includes("@")) return mayNot("a directory must not contain a user name or password");
  return authority === "" || /^[a-z0-9._-]+(:\d{1,5})?$/iu.test(authority)
    ? MAY
    : mayNot(`${authority} is not a name`);
}

function contains(root: Location, child: Location): boolean {
  return (
    root.scheme === child.scheme &&
    root.authority === child.authority &&
    root.segments.length <= child.segments.length &&
    root.segments.every((s, i) => s === child.segments[i])
  );
}

const write = (at: Location): string =>
  `${at.scheme}://${at.authority}/${at.segments.join("/")}`.replace(/(?<=[^/])\/$/u, "");
