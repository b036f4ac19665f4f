import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";

/** One `import` or `export ... from`. */
export interface Import {
  /** Our own file from the project's root, or the package's name. */
  to: string;
  foreign: boolean;
  /** Erased by the compiler. */
  typeOnly: boolean;
  names: string;
}

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  path: string;
  text: string;
  lines: number;
  imports: readonly Import[];
}

/** Every file below `folder` whose name ends in one of `endings`. */
export function readTree(folder: string, endings: readonly string[] = [".ts"]): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((end) => entry.name.endsWith(end)))
    .map((entry) => posix.join(entry.parentPath.replaceAll("\\", "/"), entry.name))
    .filter((path) => !/\/(node_modules|target|\.cache)\//u.test(path))
    .sort()
    .map((path) => {
      const text = readFileSync(path, "utf8");
      return { path, text, lines: text.split("\n").length - 1, imports: importsOf(path, text) };
    });
}

const FROM = /^(?:import|export)\s+(type\s+)?([^;"']*?)\s*from\s+"([^"]+)"/gmu;
const BARE = /^import\s+"([^"]+)"/gmu;
const DYNAMIC = /\bimport\(\s*"([^"]+)"\s*\)/gu;

function importsOf(path: string, text: string): readonly Import[] {
  const at = (to: string, typeOnly: boolean, names: string): Import => {
    const foreign = !to.startsWith(".");
    return { to: foreign ? packageOf(to) : posix.join(posix.dirname(path), to), foreign, typeOnly, names };
  };
  return [
    ...[...text.matchAll(FROM)].map(([, type, names = "", to = ""]) => at(to, type !== undefined, names)),
    ...[...text.matchAll(BARE)].map(([, to = ""]) => at(to, false, "")),
    ...[...text.matchAll(DYNAMIC)].map(([, to = ""]) => at(to, false, "")),
  ];
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** The text without comments; strings stay. */
export const withoutComments = (text: string): string =>
  text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//gu,
    "$1",
  );

/** The texts between quotes, word for word. */
export const literals = (text: string): readonly string[] =>
  [...withoutComments(text).matchAll(/"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`([^`$\\]*)`/gu)].map(
    ([, double, single, back]) => double ?? single ?? back ?? "",
  );
