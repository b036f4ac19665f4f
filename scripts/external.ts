/** Packages that work without these: a faster msgpack and WebSocket, where the platform has them. */
export const OPTIONAL: readonly string[] = ["msgpackr-extract", "bufferutil", "utf-8-validate"];

/** What the bundle leaves in node_modules: native code, the fonts, a package whose types prevent a plain import. */
export const EXTERNAL: readonly string[] = [
  "@resvg/resvg-js",
  "@dagrejs/dagre",
  "dejavu-fonts-ttf",
  ...OPTIONAL,
];
