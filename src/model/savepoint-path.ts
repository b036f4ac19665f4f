import { contains, type FileSystem, hasDefault, type Location, withDefault } from "./state-path.ts";
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
const LONGEST = 1_000;

export type ParsedDirectory = { ok: string } | { problem: string };

/** Where savepoints may be written. */
export interface Allowed {
  /** From the configuration; empty: only Flink's own default directory is used. */
  roots: readonly string[];
  fileSystem: FileSystem;
}

/**
 * Parses a savepoint directory as typed: returns it normalised (single slashes between segments, none at the end), or
 * the problem in words. It must be under one of the roots, compared segment by segment. Works on the text only;
 * nothing is looked up.
 */
export function parseSavepointDirectory(text: string, { roots, fileSystem }: Allowed): ParsedDirectory {
  const parsed = parse(text.trim());
  if (typeof parsed === "string") return { problem: parsed };
  if (roots.length === 0) {
    return { problem: "this cluster accepts no directory; leave it out, and Flink uses its default" };
  }
  const under = roots.flatMap((root) => rootsOf(root, fileSystem));
  if (under.some((root) => contains(root, withDefault(parsed, fileSystem)))) return { ok: write(parsed) };
  return { problem: `it must be below ${roots.join(" or ")}${unknownDefault(parsed, under, fileSystem)}` };
}

/** A root, and the place that it becomes where Flink leaves the entropy key out of a path. */
function rootsOf(root: string, on: FileSystem): readonly Location[] {
  const texts = [root, ...(on.entropyKey === null ? [] : [root.replaceAll(on.entropyKey, "")])];
  return texts.flatMap((text) => {
    const at = parse(text.trim());
    return typeof at === "string" ? [] : [withDefault(at, on)];
  });
}

/** A path with a name node may be below a root without one, but only who knows the default name node can tell. */
function unknownDefault(typed: Location, roots: readonly Location[], on: FileSystem): string {
  const { scheme, authority } = typed;
  const isUnknown = hasDefault(scheme) && (on.default === null || !on.default.startsWith(`${scheme}://`));
  const differs = (root: Location): boolean =>
    (root.authority === "") !== (authority === "") &&
    contains({ ...root, authority: "" }, { ...typed, authority: "" });
  return isUnknown && roots.some(differs)
    ? `, and flinkops does not know yet what ${scheme}:/// means there (set defaultFileSystem of the cluster in its configuration)`
    : "";
}

/** Parses a root from the configuration: returns it normalised, or the problem in words. */
export function parseSavepointRoot(text: string): ParsedDirectory {
  const parsed = parse(text.trim());
  return typeof parsed === "string" ? { problem: parsed } : { ok: write(parsed) };
}

/** Parses `hdfs://namenode:8020` or `viewfs://name`, without a path: returns it normalised, or the problem in words. */
export function parseDefaultFileSystem(text: string): ParsedDirectory {
  const parsed = parse(text.trim());
  if (typeof parsed === "string") return { problem: parsed };
  const { scheme, authority, segments } = parsed;
  return hasDefault(scheme) && authority !== "" && segments.length === 0
    ? { ok: `${scheme}://${authority}` }
    : { problem: "is written hdfs://namenode:8020 or hdfs://nameservice, without a path" };
}

function parse(text: string): Location | string {
  if (text.length > LONGEST)
    return `a directory has at most ${LONGEST} characters, this one has ${text.length}`;
  // \p{C} contains control, zero-width and direction characters, \p{Z} every kind of space
  if (/[\p{C}\p{Z}]/u.test(text)) return "a directory must not contain spaces or invisible characters";
  const scheme = /^([a-z][a-z0-9+.-]{0,19}):/iu.exec(text)?.[1]?.toLowerCase();
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
  const isUnnamed = slashes === 1 || slashes === 3;
  if (scheme === "file") {
    if (!isUnnamed) return "a local directory is written file:/path";
  } else if (slashes !== 2 && !(isUnnamed && hasDefault(scheme))) {
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
    : mayNot(
        `between ${scheme}:// and the next slash belongs a name, or a host with its port, like namenode:8020`,
      );
}

/** Flink answers `file:/path` for a local path, so that is the one spelling in which people see it. */
const write = (at: Location): string =>
  `${at.scheme}:${at.scheme === "file" ? "" : `//${at.authority}`}/${at.segments.join("/")}`.replace(
    /(?<=[^/])\/$/u,
    "",
  );
