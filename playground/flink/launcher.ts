import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assembleFlink, containerOf } from "./assemble.ts";
import { type Jvm, startJvm } from "./jvm.ts";
import { createSession, type PlaygroundJob, programArgs, type Session, until } from "./session.ts";
import { asYaml, log4j, settings, zookeeperConfig } from "./settings.ts";

export { flinkAvailable } from "./assemble.ts";
export { type PlaygroundJob, until } from "./session.ts";

export interface FlinkOptions {
  version: "2.3.0" | "1.20.5";
  /** Per TaskManager; 4. */
  slots?: number;
  /** 1. */
  taskManagers?: number;
  /** Further keys of Flink's configuration. */
  config?: Record<string, string>;
  /** With ZooKeeper, so that jobs survive their JobManager. */
  ha?: boolean;
  /** An application cluster that runs this job of ours, and ends with it; nothing can be submitted. */
  application?: PlaygroundJob;
  /** Folders of further jars for all JVMs. */
  lib?: readonly string[];
  /** Flink's plugins: the folder of its jars by the name of each. */
  plugins?: Readonly<Record<string, string>>;
  /** Of all JVMs. */
  env?: Readonly<Record<string, string>>;
  /** Kept after `stop`; a temporary one is not. */
  dir?: string;
  /** Of the REST API; a free one. */
  restPort?: number;
}

/** A real cluster on loopback. */
export interface RealFlink extends Session {
  url: string;
  version: string;
  /** `file:///...`, without a slash at the end. */
  savepointsDir: string;
  checkpointsDir: string;
  dir: string;
  /** The folder of its jars, to compile jobs against. */
  lib: string;
  /** SIGKILL. */
  killJobManager(): Promise<void>;
  /** Resolves once the REST API answers and the TaskManagers are back. */
  startJobManager(): Promise<void>;
  /** Resolves once the JobManager has ended by itself; an application cluster does. */
  ended(): Promise<void>;
  /** The last one that was started. */
  killTaskManager(): Promise<void>;
  startTaskManager(): Promise<void>;
  stop(): Promise<void>;
}

const SESSION = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
const APPLICATION = "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint";
const TASKS = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
const ZOOKEEPER = "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer";

/**
 * Starts JobManager, TaskManagers and, with `ha`, ZooKeeper as JVMs that die with this process, even by SIGKILL. The first
 * start of a version downloads it. Throws with what to install, or with the end of the log.
 */
export async function startFlink(o: FlinkOptions): Promise<RealFlink> {
  const assembled = await assembleFlink(o.version);
  const dir = o.dir ?? (await mkdtemp(join(tmpdir(), "flink-")));
  const folders = ["conf", "log", "savepoints", "checkpoints", "uploads", "tmp", "ha", "zookeeper"];
  await Promise.all(folders.map((f) => mkdir(join(dir, f), { recursive: true })));
  const [freeRestPort, rpcPort, zk, peerA, peerB] = await freePorts(5);
  const restPort = o.restPort ?? freeRestPort;
  const zookeeperPort = o.ha === true ? zk : null;
  await writeFile(
    join(dir, "conf/config.yaml"),
    asYaml(settings(o, { dir, restPort, rpcPort, zookeeperPort })),
  );

  const classPath = [
    `${assembled.lib}/*`,
    ...(o.lib ?? []).map((folder) => `${folder}/*`),
    ...(o.application === undefined ? [] : [`${await containerOf(o.version)}/*`, assembled.jobJar]),
  ];
  const pluginsDir = join(dir, "plugins");
  for (const [name, jars] of Object.entries(o.plugins ?? {})) {
    await mkdir(pluginsDir, { recursive: true });
    await symlink(jars, join(pluginsDir, name));
  }
  const launch = launcherOf(dir, classPath, { FLINK_PLUGINS_DIR: pluginsDir, ...o.env });
  const url = `http://127.0.0.1:${restPort}`;
  const session = createSession(url, assembled.jobJar);
  const wanted = (o.taskManagers ?? 1) * (o.slots ?? 4);
  const taskManagers: Jvm[] = [];
  let jobManager: Jvm | null = null;
  let zookeeper: Jvm | null = null;

  async function ready(slots: number): Promise<void> {
    await until(`Flink ${o.version} has ${slots} slots`, async () => {
      if (jobManager?.alive() !== true)
        throw new Error(`the JobManager ended:\n${await launch.lastLines("jobmanager")}`);
      const overview = (await session.get("/overview")) as { "slots-total": number } | null;
      return overview !== null && overview["slots-total"] >= slots;
    });
  }
  const startTask = async (): Promise<void> => {
    taskManagers.push(
      await launch(`taskmanager-${taskManagers.length}`, TASKS, ["--configDir", join(dir, "conf")], "640m"),
    );
  };
  const startJob = async (): Promise<void> => {
    const conf = ["--configDir", join(dir, "conf")];
    jobManager =
      o.application === undefined
        ? await launch("jobmanager", SESSION, conf, "384m")
        : await launch("jobmanager", APPLICATION, [...conf, ...entry(o.application)], "384m");
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...taskManagers, jobManager, zookeeper].map(async (jvm) => jvm?.kill()));
    if (o.dir === undefined) await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };

  try {
    if (zookeeperPort !== null) {
      const file = join(dir, "conf/zoo.cfg");
      await writeFile(file, zookeeperConfig(dir, zookeeperPort, [peerA, peerB]));
      zookeeper = await launch("zookeeper", ZOOKEEPER, ["--zkConfigFile", file, "--peerId", "1"], "96m");
    }
    await startJob();
    for (let n = 0; n < (o.taskManagers ?? 1); n += 1) await startTask();
    await ready(wanted);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    ...session,
    url,
    version: o.version,
    savepointsDir: `file://${dir}/savepoints`,
    checkpointsDir: `file://${dir}/checkpoints`,
    dir,
    lib: assembled.lib,
    async killJobManager() {
      await jobManager?.kill();
    },
    async startJobManager() {
      await startJob();
      await ready(taskManagers.length * (o.slots ?? 4));
    },
    async killTaskManager() {
      await taskManagers.pop()?.kill();
    },
    startTaskManager: startTask,
    async ended() {
      await jobManager?.ended;
    },
    stop,
  };
}

type Launch = ((name: string, mainClass: string, args: string[], heap: string) => Promise<Jvm>) & {
  lastLines(name: string): Promise<string>;
};

/** Of an application cluster's entry point: which job it runs, and from where. */
const entry = ({ savepointPath, ...job }: PlaygroundJob): string[] => [
  "--job-classname",
  "PlaygroundJob",
  ...(savepointPath === undefined ? [] : ["--fromSavepoint", savepointPath]),
  ...programArgs(job),
];

function launcherOf(
  dir: string,
  classPath: readonly string[],
  env: Readonly<Record<string, string>>,
): Launch {
  const output = (name: string): string => join(dir, `log/${name}.out`);
  const launch = async (name: string, mainClass: string, args: string[], heap: string): Promise<Jvm> => {
    const file = join(dir, `conf/log4j-${name}.properties`);
    const logFile = join(dir, `log/${name}.log`);
    await writeFile(file, log4j(logFile));
    return startJvm({ mainClass, args, classPath, heap, env, log4j: file, logFile, output: output(name) });
  };
  return Object.assign(launch, {
    async lastLines(name: string) {
      const texts = await Promise.all(
        [join(dir, `log/${name}.log`), output(name)].map((f) => readFile(f, "utf8").catch(() => "")),
      );
      return texts.join("\n").split("\n").slice(-30).join("\n");
    },
  });
}

/** Held all at once, so that no two are the same. */
async function freePorts(n: 5): Promise<[number, number, number, number, number]> {
  const servers = await Promise.all(
    Array.from({ length: n }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((s) => {
    const address = s.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((s) => new Promise((resolve) => s.close(resolve))));
  return ports as [number, number, number, number, number];
}
