import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OPERATION_CLASSES } from "../src/model/target.ts";
import { operations } from "../src/operations/index.ts";
import { type Import, literals, readTree, type SourceFile, withoutComments } from "./source-tree.ts";

const src = readTree("src");
const others = [...readTree("playground"), ...(existsSync("scripts") ? readTree("scripts") : [])];
const tests = readTree("test");

/** `src/flink/effects/stop.ts` -> `flink`; `src/main.ts` -> `main.ts`. */
const room = (path: string): string => path.split("/")[1] ?? "";
const inside = (path: string): string => path.slice("src/".length);

/**
 * The map: which room may import which rooms, or which folders of them. A room may always import itself, and no two rooms
 * import each other. Files directly in src/ join the rooms and may import all of them.
 */
const MAP: Readonly<Record<string, readonly string[]>> = {
  // the clock, the log, the seal: they know nothing of ours
  platform: [],
  // the nouns that all others share
  model: ["platform"],
  redis: ["platform"],
  policy: ["model"],
  command: ["model", "platform"],
  operations: ["model", "platform", "command"],
  "job-cache": ["model", "platform", "redis", "command"],
  requests: ["model", "platform", "redis", "policy", "job-cache"],
  queue: ["model", "platform", "redis", "policy", "command", "job-cache", "requests"],
  flink: ["model", "platform"],
  pictures: ["model", "platform"],
  audit: ["model", "platform", "redis"],
  slack: ["model", "platform", "redis", "policy", "pictures", "requests/ports", "requests/record"],
  config: ["model", "platform", "policy"],
  telemetry: ["model"],
};

/** Where each foreign package lives, as rooms or folders of them; `types` are rooms that may name its types. */
const HOMES: Readonly<Record<string, { in: readonly string[]; types?: readonly string[] }>> = {
  "@bull-board/api": { in: ["queue"] },
  "@bull-board/express": { in: ["queue"] },
  "@slack/bolt": { in: ["slack"] },
  "@slack/web-api": { in: ["slack"] },
  "@slack/types": { in: ["slack"] },
  "@dagrejs/dagre": { in: ["pictures"] },
  "@opentelemetry/api": { in: ["telemetry"] },
  "@opentelemetry/context-async-hooks": { in: ["telemetry"] },
  "@opentelemetry/core": { in: ["telemetry"] },
  "@opentelemetry/exporter-metrics-otlp-http": { in: ["telemetry"] },
  "@opentelemetry/exporter-metrics-otlp-proto": { in: ["telemetry"] },
  "@opentelemetry/exporter-prometheus": { in: ["telemetry"] },
  "@opentelemetry/exporter-trace-otlp-http": { in: ["telemetry"] },
  "@opentelemetry/exporter-trace-otlp-proto": { in: ["telemetry"] },
  "@opentelemetry/resources": { in: ["telemetry"] },
  "@opentelemetry/sdk-metrics": { in: ["telemetry"] },
  "@opentelemetry/sdk-trace-base": { in: ["telemetry"] },
  "@marcbachmann/cel-js": { in: ["policy"] },
  "@resvg/resvg-js": { in: ["pictures"] },
  bullmq: { in: ["queue"] },
  "bullmq-otel": { in: ["telemetry"] },
  "dejavu-fonts-ttf": { in: ["pictures"] },
  "fastest-levenshtein": { in: ["command"] },
  ioredis: { in: ["redis"], types: ["queue", "requests", "job-cache"] },
  pino: { in: ["platform"] },
  "temporal-polyfill": { in: ["policy"] },
  undici: { in: ["flink", "audit/sinks"] },
  yaml: { in: ["config"] },
  // the doors: file, typed arguments, buttons, Redis, HTTP bodies
  zod: {
    in: [
      "config",
      "model",
      "operations",
      "command",
      "slack",
      "queue",
      "requests",
      "job-cache",
      "flink",
      "audit",
    ],
  },
};

/** The changing rooms of the engine; they know operations, not which there are. */
const ENGINES = ["command", "policy", "requests", "queue", "job-cache"];

function offences(files: readonly SourceFile[], offends: (file: SourceFile, i: Import) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports.filter((i) => offends(file, i)).map((i) => `${file.path} imports ${i.to}`),
  );
}

const allows = (list: readonly string[], to: string): boolean =>
  list.some((entry) => to === entry || to.startsWith(`${entry}/`));

const isEdge = (path: string): boolean => ["slack", "flink"].includes(room(path));

describe("rooms", () => {
  it("are all on the map", () => {
    const rooms = new Set(src.map((f) => room(f.path)).filter((name) => !name.endsWith(".ts")));
    expect([...rooms].filter((name) => !(name in MAP))).toEqual([]);
    expect(Object.keys(MAP).filter((name) => !rooms.has(name))).toEqual([]);
  });

  it("are all explained in ARCHITECTURE.md", () => {
    const paper = readFileSync("ARCHITECTURE.md", "utf8");
    expect(Object.keys(MAP).filter((name) => !paper.includes(`${name}/`))).toEqual([]);
  });

  it("import only what the map allows", () => {
    expect(
      offences(src, ({ path }, { to, foreign }) => {
        const from = room(path);
        if (foreign || from.endsWith(".ts") || !to.startsWith("src/")) return false;
        return room(to) !== from && !allows(MAP[from] ?? [], inside(to));
      }),
    ).toEqual([]);
  });

  it("keep the edges apart: Slack's and Flink's do not know each other", () => {
    expect(
      offences(src, ({ path }, { to }) => isEdge(path) && isEdge(to) && room(path) !== room(to)),
    ).toEqual([]);
  });

  it("leave drawing to its own process: the program only starts that", () => {
    expect(closure(src, "src/main.ts").filter((path) => path.startsWith("src/pictures/"))).toEqual([
      "src/pictures/drawer.ts",
      "src/pictures/drawing-process.ts",
    ]);
  });

  it("never import each other both ways", () => {
    const both = Object.entries(MAP).flatMap(([from, list]) =>
      list
        .filter((to) => (MAP[to.split("/")[0] ?? ""] ?? []).some((back) => back.split("/")[0] === from))
        .map((to) => `${from} and ${to}`),
    );
    expect(both).toEqual([]);
  });

  it("do not reach out of src", () => {
    expect(offences(src, (_, { to, foreign }) => !foreign && !to.startsWith("src/"))).toEqual([]);
  });
});

describe("foreign packages", () => {
  it("live in one home each", () => {
    expect(
      offences(src, ({ path }, { to, foreign, typeOnly }) => {
        if (!foreign || to.startsWith("node:")) return false;
        const home = HOMES[to];
        const from = room(path);
        return !(allows(home?.in ?? [], inside(path)) || (typeOnly && home?.types?.includes(from)));
      }),
    ).toEqual([]);
  });

  it("are exactly the dependencies of package.json", () => {
    const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
      readFileSync("package.json", "utf8"),
    );
    expect(Object.keys(HOMES).sort()).toEqual(Object.keys(dependencies).sort());
  });

  it("leave the environment to the program and process ids to nobody", () => {
    const reads = src.filter((f) => /\bprocess\.env\b/u.test(withoutComments(f.text))).map((f) => f.path);
    expect(reads).toEqual(["src/program.ts"]);
  });
});

describe("time", () => {
  it("is read and waited for by the clock alone, so that the simulator can bend it", () => {
    const reads =
      /\bDate\.now\b|\bnew Date\(\)|\bperformance\b|\bset(?:Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b|node:timers/u;
    const found = src.filter((f) => reads.test(withoutComments(f.text))).map((f) => f.path);
    expect(found).toEqual(["src/platform/clock.ts"]);
  });
});

describe("engines", () => {
  const engines = src.filter((f) => ENGINES.includes(room(f.path)));

  it("import no operation", () => {
    expect(offences(engines, (_, { to }) => to.startsWith("src/operations/"))).toEqual([]);
  });

  it("name no operation", () => {
    const names = new Set(operations.map((row) => row.name));
    // also what a click on the card may be (Click.kind), and kept apart from the row of that name
    names.delete("withdraw");
    // a class of operations, which the engines know
    for (const is of OPERATION_CLASSES) names.delete(is);
    const named = engines.flatMap((f) =>
      [...new Set(literals(f.text))]
        .filter((word) => names.has(word))
        .map((word) => `${f.path} says "${word}"`),
    );
    expect(named).toEqual([]);
  });
});

describe("operations", () => {
  it("are joined to the program in their list alone", () => {
    const rows = src
      .filter((f) => /\bdefine(Local|Read|ClusterRead|ChangeOf|Change|Alias)[<(]/u.test(f.text))
      .map((f) => f.path);
    expect(rows).toHaveLength(operations.length);
    expect(
      offences(src, ({ path }, { to }) => rows.includes(to) && path !== "src/operations/index.ts"),
    ).toEqual([]);
    const list = src.filter((f) => f.imports.some((i) => i.to === "src/operations/index.ts"));
    expect(list.map((f) => f.path).filter((path) => path.split("/").length > 2)).toEqual([]);
  });

  it("have a test file each", () => {
    const paths = new Set(tests.map((f) => f.path));
    const untested = operations
      .map(({ name }) => `test/operations/${name}.test.ts`)
      .filter((path) => !paths.has(path))
      .map((path) => `write ${path}: what the operation refuses, what it shows before, each ending`);
    expect(untested).toEqual([]);
  });
});

describe("files", () => {
  it("have at most 300 lines, tests 400", () => {
    const sources = [
      ...src,
      ...others,
      ...readTree("playground", [".js", ".mjs", ".css", ".html", ".java", ".lua"]),
    ];
    const tooLong = [...sources.filter((f) => f.lines > 300), ...tests.filter((f) => f.lines > 400)];
    expect(tooLong.map((f) => `${f.path}: ${f.lines}`)).toEqual([]);
  });

  it("are named in kebab-case after what they hold", () => {
    const odd = /(^|\/)((utils?|helpers?|common|types|interfaces|misc)\.ts$|[^/]*[^a-z0-9./-])/u;
    expect([...src, ...others].map((f) => f.path).filter((path) => odd.test(path))).toEqual([]);
  });

  it("export by name", () => {
    expect(src.filter((f) => /^export default\b/mu.test(f.text)).map((f) => f.path)).toEqual([]);
  });

  it("import in no circle", () => {
    expect(circles(src)).toEqual([]);
  });

  it("pass no bare boolean: a call would not say what it means", () => {
    const bare =
      /\((?:[^(){}]*, )?\w+\??: boolean[,)]|^\s+\w+\??: boolean,?$|\b\w+ = (?:true|false)(?:,\s*\w+)*\) =>/mu;
    const found = src.filter((f) => bare.test(withoutComments(f.text)));
    expect(found.map((f) => `${f.path}: ${bare.exec(f.text)?.[0].trim()}`)).toEqual([]);
  });

  it("switch no check off", () => {
    const off =
      /@ts-(ignore|nocheck|expect-error)|\bas any\b|\bas (?:unknown|object|never|\{\}) as\b|\b(it|test|describe)\.(only|todo|fails)\b|\bvi\.mock\(/u;
    const all = [...src, ...others, ...tests].filter((f) => f.path !== "test/boundaries.test.ts");
    expect(all.filter((f) => off.test(f.text)).map((f) => `${f.path}: ${off.exec(f.text)?.[0]}`)).toEqual([]);
  });
});

/** Every file that this one loads, at once or later; types alone load nothing. */
function closure(files: readonly SourceFile[], start: string): string[] {
  const byPath = new Map(files.map((f) => [f.path, f]));
  const loaded = new Set([start]);
  for (const path of loaded)
    for (const i of byPath.get(path)?.imports ?? []) if (!i.foreign && !i.typeOnly) loaded.add(i.to);
  return [...loaded];
}

/** Circles of imports, also of types alone: who reads one file of such a circle has to read them all. */
function circles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((f) => [f.path, f]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(" -> "));
    if (way.includes(path) || done.has(path)) return;
    for (const i of byPath.get(path)?.imports ?? []) if (!i.foreign) visit(i.to, [...way, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}
