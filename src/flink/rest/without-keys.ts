/** Takes the next chunk of a JSON text and returns the part that is kept. */
export type Pruner = (chunk: Buffer) => Buffer;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSE: ReadonlySet<number> = new Set([0x7d, 0x5d]);
const NULL = Buffer.from("null");
/** A longer name cannot be one of the dropped fields. */
const LONGEST_NAME = 64;

/**
 * Replaces the values of these fields of the top-level object by `null` while the JSON text arrives: the plan of a
 * large job has many unused megabytes. Works on bytes, because all of JSON's syntax is ASCII. Input that is not JSON
 * gives undefined output, which the parser then refuses.
 */
export function createPruner(keys: readonly string[]): Pruner {
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** The last string of the top-level object; it may be a field name. */
  let name = "";
  let dropping = false;

  /** Whether this byte is kept. */
  const keeps = (byte: number): boolean => {
    if (inString) {
      if (depth === 1 && !dropping && name.length < LONGEST_NAME && (escaped || byte !== QUOTE))
        name += String.fromCharCode(byte);
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) inString = false;
      return !dropping;
    }
    if (byte === QUOTE) {
      inString = true;
      if (depth === 1 && !dropping) name = "";
    } else if (OPEN.has(byte)) depth += 1;
    else if (CLOSE.has(byte)) depth -= 1;
    // the value ends at a comma, or with the object whose last value it is
    if (dropping && (depth === 0 || (depth === 1 && byte === COMMA))) dropping = false;
    return !dropping;
  };

  return (chunk) => {
    const kept: Buffer[] = [];
    let from = dropping ? -1 : 0;
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i] ?? 0;
      const keep = keeps(byte);
      if (keep && from === -1) from = i;
      if (byte === COLON && depth === 1 && !inString && !dropping && keys.includes(name)) {
        kept.push(chunk.subarray(from, i + 1), NULL);
        dropping = true;
        from = -1;
      }
    }
    if (from !== -1) kept.push(chunk.subarray(from));
    return kept.length === 1 && kept[0] !== undefined ? kept[0] : Buffer.concat(kept);
  };
}
