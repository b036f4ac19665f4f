import { cpSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { EXTERNAL } from "./external.ts";
import { notices, packagesOf } from "./notices.ts";

/**
 * Bundles the program into dist/: most of a start was loading 1,500 modules one by one. What is imported only where it is
 * needed (Slack's way in) stays in files of its own. draw.js is the process that draws pictures. Types are not looked at here;
 * `npm run types` does that.
 */
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

rmSync(at("dist"), { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: at("."),
  entryPoints: { main: "src/main.ts", draw: "src/pictures/child.ts" },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // names of classes are shown, and BullMQ decides by some
  keepNames: true,
  sourcemap: true,
  // the sources are next to it, or in the package
  sourcesContent: false,
  external: [...EXTERNAL],
  // packages in CommonJS ask for Node's own modules by `require`
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
  metafile: true,
});
// the pages of Bull Board, which its package looks for in a folder
cpSync(at("node_modules/@bull-board/ui/dist"), at("dist/board/dist"), { recursive: true });
const packages = [...packagesOf(Object.keys(metafile.inputs)), "node_modules/@bull-board/ui"];
writeFileSync(at("dist/licenses.txt"), notices(packages.map((folder) => at(folder))));
