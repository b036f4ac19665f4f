import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { jarsOf } from "../maven.ts";
import { freePort } from "../processes.ts";
import { startServer } from "./server.ts";

const FLINK = "2.3.0";

/** Flink's two S3 file systems. */
export type S3Plugin = "native" | "hadoop";

/** A real S3 API on loopback that checks credentials (s3proxy); its buckets are folders on disk. */
export interface S3 {
  /** For Flink's JVMs. */
  jvms: { plugins: Readonly<Record<string, string>> };
  /** For Flink's configuration: state goes to the bucket `flink`. */
  flink: Readonly<Record<string, string>>;
  /** Resolves once it answers. */
  ready(): Promise<void>;
  /** `down`: nobody listens; `up` resolves once it answers again. */
  endpoint(turn: "down" | "up"): Promise<void>;
  /** Flink's credentials are right or wrong from now on. */
  credentials(are: "right" | "wrong"): Promise<void>;
  /** Whether there is an object at `s3://<bucket>/<key>`. */
  isThere(path: string): Promise<boolean>;
  stop(): Promise<void>;
}

const ARTIFACT: Readonly<Record<S3Plugin, string>> = {
  native: `org.apache.flink:flink-s3-fs-native:${FLINK}!`,
  hadoop: `org.apache.flink:flink-s3-fs-hadoop:${FLINK}!`,
};

const properties = (dir: string): string => join(dir, "s3proxy.properties");
const KEY = { id: "flink", secret: "flinksecret" };

/** Returns before it is ready. Downloads 70 MB the first time; throws with Maven's last lines. */
export async function startS3(plugin: S3Plugin): Promise<S3> {
  const [server, jars, port] = await Promise.all([
    jarsOf({
      name: "s3proxy",
      artifacts: ["org.gaul:s3proxy:4.1.0", "com.fasterxml.jackson.core:jackson-annotations:2.21"],
    }),
    jarsOf({ name: `s3-${plugin}`, artifacts: [ARTIFACT[plugin]] }),
    freePort(),
  ]);
  const endpoint = `http://127.0.0.1:${port}`;
  const configure = async (dir: string, secret: string): Promise<void> =>
    await writeFile(
      properties(dir),
      [
        "s3proxy.authorization=aws-v2-or-v4",
        `s3proxy.endpoint=${endpoint}`,
        `s3proxy.identity=${KEY.id}`,
        `s3proxy.credential=${secret}`,
        "jclouds.provider=filesystem-nio2",
        "jclouds.identity=unused",
        "jclouds.credential=unused",
        `jclouds.filesystem.basedir=${join(dir, "data")}`,
        "",
      ].join("\n"),
    );
  const jvm = await startServer("s3", async (dir) => {
    await mkdir(join(dir, "data/flink"), { recursive: true });
    await configure(dir, KEY.secret);
    return {
      mainClass: "org.gaul.s3proxy.Main",
      args: ["--properties", properties(dir)],
      classPath: [`${server}/*`],
      heap: "192m",
    };
  });
  const ready = async (): Promise<void> => await jvm.answers(endpoint);
  return {
    jvms: { plugins: { [`s3-${plugin}`]: jars } },
    flink: {
      "s3.endpoint": endpoint,
      "s3.path.style.access": "true",
      "s3.region": "us-east-1",
      "s3.access-key": KEY.id,
      "s3.secret-key": KEY.secret,
      "execution.checkpointing.dir": "s3://flink/checkpoints",
      "execution.checkpointing.savepoint-dir": "s3://flink/savepoints",
    },
    ready,
    async endpoint(turn) {
      if (turn === "down") return await jvm.kill();
      jvm.start();
      await ready();
    },
    async credentials(are) {
      await jvm.kill();
      await configure(jvm.dir, are === "right" ? KEY.secret : "anothersecret");
      jvm.start();
      await ready();
    },
    isThere: async (path) =>
      await access(join(jvm.dir, "data", path.replace("s3://", ""))).then(
        () => true,
        () => false,
      ),
    stop: async () => await jvm.stop(),
  };
}
