import { join } from "node:path";
import { compiled } from "../flink/assemble.ts";
import { jarsOf } from "../maven.ts";
import { freePort } from "../processes.ts";
import { startServer } from "./server.ts";

const VERSION = "3.5.0";

/** A real HDFS on loopback: a name node and a data node in one JVM. Flink acts there as the user `flink`. */
export interface Hdfs {
  /** `hdfs://localhost:<port>`. */
  url: string;
  /** For Flink's JVMs. */
  jvms: { lib: readonly string[]; env: Readonly<Record<string, string>> };
  /** For Flink's configuration: `hdfs:///` means this one. */
  flink: Readonly<Record<string, string>>;
  /** Resolves once it takes files; some seconds after the start. */
  ready(): Promise<void>;
  safeMode(turn: "on" | "off"): Promise<void>;
  /** `up` resolves once the name node has left its safe mode. */
  nameNode(turn: "down" | "up"): Promise<void>;
  /** All files below a path, each with the name node's address. */
  files(path: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** Returns before it is ready. Downloads 150 MB the first time; throws with Maven's last lines. */
export async function startHdfs(): Promise<Hdfs> {
  const [server, client, port, control] = await Promise.all([
    jarsOf({ name: "hdfs", artifacts: [`org.apache.hadoop:hadoop-client-minicluster:${VERSION}`] }),
    jarsOf({
      name: "hadoop-client",
      artifacts: [
        `org.apache.hadoop:hadoop-client-api:${VERSION}`,
        `org.apache.hadoop:hadoop-client-runtime:${VERSION}`,
      ],
    }),
    freePort(),
    freePort(),
  ]);
  const jar = await compiled(join(import.meta.dirname, "PlaygroundHdfs.java"), [server]);
  const jvm = await startServer(
    "hdfs",
    async (dir) =>
      await Promise.resolve({
        mainClass: "PlaygroundHdfs",
        args: [join(dir, "data"), String(port), String(control)],
        classPath: [`${server}/*`, jar],
        heap: "192m",
      }),
  );
  const tell = async (what: string): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${control}/${what}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`HDFS, ${what}: ${text}`);
    return text;
  };
  const url = `hdfs://localhost:${port}`;
  return {
    url,
    jvms: { lib: [client], env: { HADOOP_USER_NAME: "flink" } },
    flink: {
      // what core-site.xml says elsewhere
      "flink.hadoop.fs.defaultFS": url,
      "execution.checkpointing.dir": "hdfs:///user/flink/checkpoints",
      "execution.checkpointing.savepoint-dir": "hdfs:///user/flink/savepoints",
    },
    ready: async () => await jvm.answers(`http://127.0.0.1:${control}/safe-mode?off`),
    safeMode: async (turn) => void (await tell(`safe-mode?${turn}`)),
    nameNode: async (turn) => void (await tell(`name-node?${turn}`)),
    files: async (path) => (await tell(`files?${path}`)).split("\n").filter((line) => line !== ""),
    stop: async () => await jvm.stop(),
  };
}
