import { isMap, isNode, isScalar, parseDocument, type Pair, type YAMLMap } from "yaml";

const MARKS = ["<!-- values: npm run generate -->", "<!-- end of values -->"] as const;

/** The chart's README with the table of its values: key, default, and the comment above it in values.yaml. */
export function withValues(readme: string, valuesYaml: string): string {
  const [before, rest] = split(readme, MARKS[0]);
  const [, after] = split(rest, MARKS[1]);
  const table = [
    "| value | default | what |",
    "|---|---|---|",
    ...rowsOf(parseDocument(valuesYaml).contents),
  ];
  return `${before}${MARKS[0]}\n${table.join("\n")}\n${MARKS[1]}${after}`;
}

/** One row for each commented key. Throws where a key has neither a comment nor keys with one. */
function rowsOf(map: unknown, under = ""): string[] {
  if (!isMap(map)) throw new TypeError("values.yaml is not a map");
  return map.items.flatMap((pair, i): string[] => {
    const key = `${under}${String(isScalar(pair.key) ? pair.key.value : pair.key)}`;
    const comment = commentOf(map, pair, i);
    if (comment !== "") return [`| \`${key}\` | ${standardOf(pair)} | ${comment.replaceAll("|", "\\|")} |`];
    if (isMap(pair.value) && pair.value.items.length > 0) return rowsOf(pair.value, `${key}.`);
    throw new TypeError(`values.yaml: ${key} needs a comment`);
  });
}

/** The library gives the comment above a map's first key to the map. */
function commentOf(map: YAMLMap, { key }: Pair, i: number): string {
  const text = (isNode(key) ? key.commentBefore : null) ?? (i === 0 ? map.commentBefore : null) ?? "";
  // what is separated by an empty line is about the file
  const lines =
    text
      .split(/\n\s*\n/u)
      .at(-1)
      ?.split("\n") ?? [];
  return lines
    .map((line) => line.trim())
    .join(" ")
    .trim();
}

function standardOf({ value }: Pair): string {
  const plain: unknown =
    isMap(value) || isScalar(value) || value === null ? JSON.parse(JSON.stringify(value)) : value;
  return plain === null ? "" : `\`${JSON.stringify(plain)}\``;
}

function split(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the chart's README has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
