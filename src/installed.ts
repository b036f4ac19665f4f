import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

/** How this program is called here, and what came with it. */
export interface Installed {
  /** What people type before its arguments: `npx flinkops`. */
  command: string;
  /** Where `manifest.yml` is, from the current folder; the name alone where it did not come along (the image). */
  manifest: string;
}

/**
 * `started`: the file that Node was told to run (`process.argv[1]`), which npm makes a link; `file`: the same without links.
 */
export function installed({ started, file }: { started: string; file: string }, cwd: string): Installed {
  const manifest = join(dirname(file), "..", "manifest.yml");
  return {
    command: commandOf(started, cwd),
    manifest: existsSync(manifest) ? relative(cwd, manifest) : "manifest.yml",
  };
}

function commandOf(started: string, cwd: string): string {
  if (basename(started).endsWith(".js")) return `node ${relative(cwd, started)}`;
  return basename(dirname(started)) === ".bin" ? "npx flinkops" : "flinkops";
}
