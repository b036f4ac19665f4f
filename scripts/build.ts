import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Bundles the program into dist/: most of a start was loading 1,500 modules one by one. What is imported only where it is
 * needed (Slack's way in) stays in files of its own. draw.js is the process that draws pictures. Types are not looked at here;
 * `npm run types` does that.
 */
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Native code, the fonts, and what their packages look for by themselves: these stay in node_modules. */
const external = [
  "@resvg/resvg-js",
  "@dagrejs/dagre",
  "dejavu-fonts-ttf",
  "msgpackr-extract",
  "bufferutil",
  "utf-8-validate",
];

rmSync(at("dist"), { recursive: true, force: true });
await build({
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
  external,
  // packages in CommonJS ask for Node's own modules by `require`
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
});
