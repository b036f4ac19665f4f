import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The bundled font of all pictures, DejaVu, so that they look the same on every machine. */
export const FAMILY = "DejaVu Sans";
export type Weight = "normal" | "bold";

const require = createRequire(import.meta.url);
const fileOf = (name: string): string => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);
const FILES: Readonly<Record<Weight, () => string>> = {
  normal: () => fileOf("DejaVuSansCondensed"),
  bold: () => fileOf("DejaVuSansCondensed-Bold"),
};

/** Paths of the font files. Throws if the package is missing. */
export const fontFiles = (): string[] => [FILES.normal(), FILES.bold()];

/** Character widths in em; null: the font has no glyph for the code point. */
interface Face {
  widthOf(codePoint: number): number | null;
}

const faces = new Map<Weight, Face>();

function face(weight: Weight): Face {
  const known = faces.get(weight);
  if (known !== undefined) return known;
  const read = readFace(readFileSync(FILES[weight]()));
  faces.set(weight, read);
  return read;
}

/** The text as it can be drawn: a box for a character without a glyph; control characters are removed. */
export const drawable = (text: string): string =>
  Array.from(text.replace(/\s+/gu, " ").replace(/\p{C}/gu, ""), (c) =>
    face("normal").widthOf(c.codePointAt(0) ?? 0) === null ? "□" : c,
  ).join("");

/** Width in px of a drawable text at this size. */
export function widthOf(text: string, size: number, weight: Weight = "normal"): number {
  const its = face(weight);
  return Array.from(text).reduce((sum, c) => sum + (its.widthOf(c.codePointAt(0) ?? 0) ?? 0.6) * size, 0);
}

/** https://learn.microsoft.com/en-us/typography/opentype/spec/cmap (format 4), and hmtx of the same. */
function readFace(file: Buffer): Face {
  const tables = new Map<string, number>();
  for (let i = 0; i < file.readUInt16BE(4); i += 1) {
    const at = 12 + i * 16;
    tables.set(file.toString("latin1", at, at + 4), file.readUInt32BE(at + 8));
  }
  const table = (name: string): number => {
    const at = tables.get(name);
    if (at === undefined) throw new TypeError(`the font has no table ${name}`);
    return at;
  };
  const unitsPerEm = file.readUInt16BE(table("head") + 18);
  const metrics = file.readUInt16BE(table("hhea") + 34);
  const hmtx = table("hmtx");
  const glyphOf = readCharacterMap(file, table("cmap"));
  return {
    widthOf(codePoint) {
      const glyph = glyphOf(codePoint);
      return glyph === 0 ? null : file.readUInt16BE(hmtx + Math.min(glyph, metrics - 1) * 4) / unitsPerEm;
    },
  };
}

/** Glyph 0 means that there is none. */
function readCharacterMap(file: Buffer, cmap: number): (codePoint: number) => number {
  const subtables = Array.from({ length: file.readUInt16BE(cmap + 2) }, (_, i) => {
    const at = cmap + file.readUInt32BE(cmap + 4 + i * 8 + 4);
    return { at, format: file.readUInt16BE(at) };
  });
  const at = subtables.find((s) => s.format === 4)?.at;
  if (at === undefined) throw new TypeError("the font has no character map of format 4");
  const segments = file.readUInt16BE(at + 6) / 2;
  const ends = at + 14;
  const starts = ends + segments * 2 + 2;
  const deltas = starts + segments * 2;
  const offsets = deltas + segments * 2;
  return (codePoint) => {
    if (codePoint > 0xff_ff) return 0;
    for (let i = 0; i < segments; i += 1) {
      if (file.readUInt16BE(ends + i * 2) < codePoint) continue;
      const start = file.readUInt16BE(starts + i * 2);
      if (start > codePoint) return 0;
      const delta = file.readUInt16BE(deltas + i * 2);
      const offset = file.readUInt16BE(offsets + i * 2);
      if (offset === 0) return (codePoint + delta) & 0xff_ff;
      const glyph = file.readUInt16BE(offsets + i * 2 + offset + (codePoint - start) * 2);
      return glyph === 0 ? 0 : (glyph + delta) & 0xff_ff;
    }
    return 0;
  };
}
