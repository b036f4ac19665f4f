import { type ChildProcess, spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";

/**
 * `exec 3<&0` keeps our end of a pipe in the watcher. It reads nothing until the pipe closes, which happens when whoever
 * holds the other end dies, by any signal: then it kills the JVM.
 */
const WATCHDOG = `exec 3<&0
"$@" 3<&- </dev/null & jvm=$!
(cat <&3 >/dev/null; kill -9 $jvm 2>/dev/null) & wait $jvm`;

const OPENED = [
  "java.lang",
  "java.net",
  "java.io",
  "java.nio",
  "sun.nio.ch",
  "java.lang.reflect",
  "java.text",
  "java.time",
  "java.util",
  "java.util.concurrent",
  "java.util.concurrent.atomic",
  "java.util.concurrent.locks",
];
const SMALL = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto"];

export interface JvmOptions {
  mainClass: string;
  args: readonly string[];
  /** Jars, and folders of jars as `folder/*`. */
  classPath: readonly string[];
  heap: string;
  env?: Readonly<Record<string, string>>;
  /** log4j2 properties file. */
  log4j?: string;
  /** File for standard output and error. */
  output: string;
  /** Where log4j writes; Flink serves the logs of this file's folder. */
  logFile?: string;
}

/** A JVM that does not outlive us. */
export interface Jvm {
  /** False once it has ended, for whatever reason. */
  alive(): boolean;
  /** Resolves once it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** SIGKILL, then waits until it is gone. */
  kill(): Promise<void>;
}

export function startJvm(o: JvmOptions): Jvm {
  const java = [
    "java",
    `-Xmx${o.heap}`,
    ...SMALL,
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    ...OPENED.map((p) => `--add-opens=java.base/${p}=ALL-UNNAMED`),
    ...(o.log4j === undefined ? [] : [`-Dlog4j.configurationFile=file:${o.log4j}`]),
    // as Flink's own scripts do; without it the REST API finds no log
    ...(o.logFile === undefined ? [] : [`-Dlog.file=${o.logFile}`]),
    "-cp",
    o.classPath.join(":"),
    o.mainClass,
    ...o.args,
  ];
  const output = openSync(o.output, "a");
  // a group of its own: Ctrl-C reaches us first, and we end it in order
  const child = spawn("sh", ["-c", WATCHDOG, "jvm", ...java], {
    stdio: ["pipe", output, output],
    detached: true,
    env: { ...process.env, ...o.env },
  });
  closeSync(output);
  child.stdin?.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    alive: () => isAlive(child),
    ended,
    async kill() {
      child.stdin?.destroy();
      await ended;
    },
  };
}

const isAlive = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;
