import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { compiled } from "../flink/assemble.ts";
import { jarsOf } from "../maven.ts";
import { freePort, until } from "../processes.ts";
import { startServer } from "../storage/server.ts";

const run = promisify(execFile);
const HERE = import.meta.dirname;

const SERVER = {
  name: "kafka",
  artifacts: ["org.apache.kafka:kafka_2.13:4.3.1", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"],
};
const CONNECTOR = {
  name: "flink-kafka",
  artifacts: ["org.apache.flink:flink-connector-kafka:5.0.0-2.2!", "org.apache.kafka:kafka-clients:4.2.0"],
};

/** What a consumer finds that reads only what is committed. */
export interface Committed {
  read: number;
  missing: number;
  twice: number;
  /** Counts of one key that were given to two records: state that was lost. */
  countedTwice: number;
}

/** A real broker on loopback. */
export interface Kafka {
  /** `127.0.0.1:<port>`. */
  broker: string;
  /** For Flink's class path. */
  lib: readonly string[];
  /** The jar of CopierJob.java, which reads and writes Kafka exactly once. `flinkLib`: the jars of Flink. */
  copier(flinkLib: string): Promise<string>;
  topics(...names: string[]): Promise<void>;
  /** Writes numbered records until `stop`, which resolves with how many there are. */
  feed(topic: string, perSecond: number): Promise<{ stop(): Promise<number> }>;
  check(topic: string, count: number): Promise<Committed>;
  stop(): Promise<void>;
}

/** Returns once it answers. Downloads 60 MB the first time; throws with Maven's last lines. */
export async function startKafka(): Promise<Kafka> {
  const [server, connector, port, controller] = await Promise.all([
    jarsOf(SERVER),
    jarsOf(CONNECTOR),
    freePort(),
    freePort(),
  ]);
  const feedJar = await compiled(join(HERE, "Feed.java"), [server]);
  const broker = `127.0.0.1:${port}`;
  const jvm = await startServer("kafka", async (dir) => {
    const file = join(dir, "server.properties");
    await writeFile(file, properties({ dir, port, controller }));
    // a cluster has an id before it starts
    const format = ["format", "-t", "AAAAAAAAQACAAAAAAAAAAA", "-c", file];
    await run("java", ["-Xmx96m", "-cp", `${server}/*`, "kafka.tools.StorageTool", ...format]);
    return { mainClass: "kafka.Kafka", args: [file], classPath: [`${server}/*`], heap: "256m" };
  });
  const java = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", `${feedJar}:${server}/*`, "Feed"];
  const feeds: { kill(): unknown }[] = [];
  try {
    await until(
      "Kafka answers",
      async () =>
        await run("java", [...java, "topics", broker]).then(
          () => true,
          () => null,
        ),
      60_000,
    );
  } catch (error) {
    await jvm.stop();
    throw error;
  }
  return {
    broker,
    lib: [connector],
    copier: async (flinkLib) => await compiled(join(HERE, "CopierJob.java"), [flinkLib, connector]),
    topics: async (...names) => void (await run("java", [...java, "topics", broker, ...names])),
    async feed(topic, perSecond) {
      const child = spawn("java", [...java, "write", broker, topic, String(perSecond)], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      feeds.push(child);
      let said = "";
      child.stdout.on("data", (text) => (said += String(text)));
      return await Promise.resolve({
        async stop() {
          child.stdin.write("\n");
          if (child.exitCode === null) await once(child, "exit");
          const found = /^wrote (\d+)$/mu.exec(said);
          if (found === null) throw new Error(`the feed ended with "${said}"`);
          return Number(found[1]);
        },
      });
    },
    async check(topic, count) {
      const { stdout } = await run("java", [...java, "check", broker, topic, String(count)]);
      const found = /^read (\d+), missing (\d+), twice (\d+), counted twice (\d+)$/mu.exec(stdout);
      if (found === null) throw new Error(`the check said "${stdout}"`);
      const [read = 0, missing = 0, twice = 0, countedTwice = 0] = found.slice(1).map(Number);
      return { read, missing, twice, countedTwice };
    },
    async stop() {
      for (const feed of feeds) feed.kill();
      await jvm.stop();
    },
  };
}

/** One node that is broker and controller, with little room. */
const properties = (at: { dir: string; port: number; controller: number }): string =>
  [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${at.controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${at.port},CONTROLLER://127.0.0.1:${at.controller}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${at.port}`,
    "controller.listener.names=CONTROLLER",
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    `log.dirs=${at.dir}/data`,
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=2",
    "group.initial.rebalance.delay.ms=0",
    "num.partitions=1",
    "log.cleaner.dedupe.buffer.size=4194304",
    "offsets.topic.segment.bytes=1048576",
    "transaction.state.log.segment.bytes=1048576",
    "",
  ].join("\n");
