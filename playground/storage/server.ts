import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JvmOptions, startJvm } from "../flink/jvm.ts";
import { until } from "../processes.ts";

/** A server in a JVM of its own, with a folder that goes when it ends. */
export interface JavaServer {
  dir: string;
  /** Waits until an address of it answers HTTP. Throws with the end of its output. */
  answers(url: string): Promise<void>;
  /** Starts it again after `kill`, with its folder as it was left. */
  start(): void;
  /** SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** `options` is asked with the server's folder, which is made before. */
export async function startServer(
  name: string,
  options: (dir: string) => Promise<Omit<JvmOptions, "output">>,
): Promise<JavaServer> {
  const dir = await mkdtemp(join(tmpdir(), `flinkops-${name}-`));
  const output = join(dir, "output");
  const jvmOptions = { ...(await options(dir)), output };
  let jvm = startJvm(jvmOptions);
  return {
    dir,
    async answers(url) {
      await until(
        `${name} answers`,
        async () => {
          if (!jvm.alive()) {
            const said = await readFile(output, "utf8").catch(() => "");
            throw new Error(`${name} ended:\n${said.split("\n").slice(-30).join("\n")}`);
          }
          return await fetch(url).then(
            () => true,
            () => null,
          );
        },
        120_000,
      );
    },
    start() {
      jvm = startJvm(jvmOptions);
    },
    kill: async () => await jvm.kill(),
    async stop() {
      await jvm.kill();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
