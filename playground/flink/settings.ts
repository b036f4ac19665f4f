import type { FlinkOptions } from "./launcher.ts";

export interface Places {
  dir: string;
  restPort: number;
  rpcPort: number;
  zookeeperPort: number | null;
}

/**
 * Everything on loopback, small, and with Flink's own waits short enough for a test. Its caches (3 s, metrics 10 s) are left as
 * they are: what is read from them has to be right all the same.
 */
export function settings(o: FlinkOptions, at: Places): Record<string, string> {
  return {
    "jobmanager.rpc.address": "localhost",
    "jobmanager.rpc.port": String(at.rpcPort),
    "jobmanager.bind-host": "localhost",
    "jobmanager.scheduler": "adaptive",
    // read by JobManager.sh otherwise; without it the JVM's own limit and Flink's sums disagree
    "jobmanager.memory.process.size": "1g",
    "rest.address": "localhost",
    "rest.bind-address": "localhost",
    "rest.port": String(at.restPort),
    "rest.bind-port": String(at.restPort),
    "web.upload.dir": `${at.dir}/uploads`,
    "taskmanager.host": "localhost",
    "taskmanager.bind-host": "localhost",
    "taskmanager.numberOfTaskSlots": String(o.slots ?? 4),
    "taskmanager.cpu.cores": "1.0",
    "taskmanager.memory.task.heap.size": "256m",
    "taskmanager.memory.task.off-heap.size": "0m",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": "64m",
    "taskmanager.memory.managed.size": "64m",
    "taskmanager.memory.jvm-metaspace.size": "128m",
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "192m",
    "execution.checkpointing.interval": "2s",
    "execution.checkpointing.dir": `file://${at.dir}/checkpoints`,
    "execution.checkpointing.savepoint-dir": `file://${at.dir}/savepoints`,
    "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "1000000",
    "restart-strategy.fixed-delay.delay": "500ms",
    "io.tmp.dirs": `${at.dir}/tmp`,
    ...waits(o.version),
    ...(at.zookeeperPort === null ? {} : zookeeper(at.dir, at.zookeeperPort)),
    ...o.config,
  };
}

/** The adaptive scheduler's waits have other names in 1.20. */
function waits(version: string): Record<string, string> {
  const scheduler = "jobmanager.adaptive-scheduler";
  if (version.startsWith("1.")) {
    return {
      [`${scheduler}.scaling-interval.min`]: "1s",
      [`${scheduler}.scaling-interval.max`]: "3s",
      [`${scheduler}.resource-stabilization-timeout`]: "1s",
    };
  }
  return {
    [`${scheduler}.executing.cooldown-after-rescaling`]: "1s",
    [`${scheduler}.executing.resource-stabilization-timeout`]: "3s",
    [`${scheduler}.submission.resource-stabilization-timeout`]: "1s",
    [`${scheduler}.rescale-trigger.max-delay`]: "1s",
  };
}

const zookeeper = (dir: string, port: number): Record<string, string> => ({
  "high-availability.type": "zookeeper",
  "high-availability.storageDir": `file://${dir}/ha`,
  "high-availability.zookeeper.quorum": `localhost:${port}`,
  "high-availability.zookeeper.client.session-timeout": "4s",
  "high-availability.zookeeper.client.connection-timeout": "3s",
});

/** Flat keys are valid in config.yaml. */
export const asYaml = (all: Record<string, string>): string =>
  Object.entries(all)
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");

export const zookeeperConfig = (dir: string, port: number, peers: readonly [number, number]): string =>
  [
    "tickTime=500",
    "initLimit=10",
    "syncLimit=5",
    `dataDir=${dir}/zookeeper`,
    `clientPort=${port}`,
    "clientPortAddress=localhost",
    "admin.enableServer=false",
    `server.1=localhost:${peers[0]}:${peers[1]}`,
    "",
  ].join("\n");

export const log4j = (file: string): string =>
  [
    "rootLogger.level = INFO",
    "rootLogger.appenderRef.file.ref = file",
    "appender.file.type = File",
    "appender.file.name = file",
    `appender.file.fileName = ${file}`,
    "appender.file.layout.type = PatternLayout",
    // as in the configuration that Flink ships
    "appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n",
    "logger.pekko.name = org.apache.pekko",
    "logger.pekko.level = WARN",
    "logger.zookeeper.name = org.apache.flink.shaded.zookeeper3",
    "logger.zookeeper.level = WARN",
    "",
  ].join("\n");
