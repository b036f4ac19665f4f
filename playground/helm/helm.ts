import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiled, flinkAvailable } from "../flink/assemble.ts";
import { jarsOf } from "../maven.ts";
import { startTied, until } from "../processes.ts";

const FABRIC8 = "7.9.0";
const HELM = "0.0.19";
/** Helm's library is a Go library in a jar, one for each system. */
const SYSTEM = `${process.platform === "darwin" ? "darwin" : "linux"}-${process.arch === "arm64" ? "arm64" : "amd64"}`;
/** The first time, 70 MB come from Maven Central before this counts. */
const START_MS = 60_000;

/** What the chart becomes with some values. */
export interface Case {
  name: string;
  values: Readonly<Record<string, unknown>>;
  /** "flinkops" if left out. */
  release?: string;
}

/** `unknown`: fields that Kubernetes' types do not have. */
export type Rendered = { yaml: string; unknown: readonly string[] } | { refused: string };

export interface Helm {
  /** Of `helm lint --strict`, with the default values. */
  lint: { failed: boolean; messages: readonly string[] };
  rendered: Readonly<Record<string, Rendered>>;
  /** Address of a Kubernetes API that keeps what it gets in memory. */
  api: string;
  stop(): Promise<void>;
}

/** Null: a chart can be rendered here; otherwise what to install, in one line. Java brings Helm, so it needs what a real Flink needs. */
export const helmAvailable = async (): Promise<string | null> =>
  (await flinkAvailable())?.replace("a real Flink", "Helm's library") ?? null;

/** Renders a chart by Helm's own library (Chart.java). Throws with what Java said. */
export async function startHelm(chart: string, cases: readonly Case[]): Promise<Helm> {
  const lib = await jarsOf({
    name: "helm",
    artifacts: [
      `com.marcnuri.helm-java:helm-java:${HELM}`,
      `com.marcnuri.helm-java:${SYSTEM}:${HELM}`,
      `io.fabric8:kubernetes-server-mock:${FABRIC8}`,
      `io.fabric8:kubernetes-client:${FABRIC8}`,
    ],
  });
  const jar = await compiled(join(import.meta.dirname, "Chart.java"), [lib]);
  const folder = await mkdtemp(join(tmpdir(), "flinkops-helm-"));
  const asked = await Promise.all(
    cases.map(async ({ name, values, release = "flinkops" }) => {
      const file = join(folder, `${name}.json`);
      // JSON is YAML
      await writeFile(file, JSON.stringify(values));
      return { name, release, values: file };
    }),
  );
  await writeFile(join(folder, "cases.json"), JSON.stringify(asked));
  const said: string[] = [];
  let hasEnded = false;
  const options = [
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-cp",
    `${jar}:${join(lib, "*")}`,
  ];
  const java = await startTied("java", [...options, "Chart", chart, join(folder, "cases.json")], {
    onLine: (line) => void said.push(line),
  });
  void java.exited.then(() => (hasEnded = true));
  const stop = async (): Promise<void> => {
    // Go's library takes SIGTERM away from Java
    java.kill("SIGKILL");
    await java.exited;
    await rm(folder, { recursive: true, force: true });
  };
  const answered = async (): Promise<string | null> =>
    await Promise.resolve(said.find((line) => line.startsWith('{"lint"')) ?? (hasEnded ? "" : null));
  try {
    const answer = await until("Helm's library", answered, START_MS);
    if (answer === "") throw new Error(`Helm's library gave no answer:\n${said.slice(-15).join("\n")}`);
    return { ...(JSON.parse(answer) as Omit<Helm, "stop">), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
