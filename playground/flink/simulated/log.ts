import type { SimulatedCluster } from "./cluster.ts";
import { ok } from "./requirements.ts";
import { no, type SimulatedAnswer } from "./words.ts";

const MOST = 2000;

/** What one process has written, as Flink's own log4j pattern lays it out. */
export class SimulatedLog {
  #calls: { at: number; level: string; logger: string; words: string }[] = [];
  /** Set from outside, in place of all of it; null: there is no file. */
  text: string | null | undefined = undefined;

  add(at: number, [level, logger]: readonly [level: string, logger: string], words: string): void {
    this.#calls.push({ at, level, logger, words });
    if (this.#calls.length > MOST) this.#calls.shift();
  }

  /** Null: there is no file. */
  read(): string | null {
    if (this.text !== undefined) return this.text;
    return this.#calls
      .map(({ at, level, logger, words }) => {
        const time = new Date(at).toISOString().slice(0, 23).replace("T", " ").replace(".", ",");
        return `${time} ${level.padEnd(5)} ${`org.apache.flink.runtime.${logger}`.padEnd(60)} [] - ${words}\n`;
      })
      .join("");
  }
}

/** The one task manager that there is. */
export const TASK_MANAGER = "localhost:40000-1";

/** `/jobmanager/log`, and log and logs of a task manager; null: none of these. */
export function logRoute(cluster: SimulatedCluster, path: string): SimulatedAnswer | null {
  const { jobManager, taskManager } = cluster.logs;
  if (path === "/jobmanager/log") {
    const text = jobManager.read();
    // no class name and no stack: flink-runtime, AbstractJobManagerFileHandler
    const words = "This file does not exist in JobManager log dir.";
    return text === null ? { status: 404, body: { errors: [words] } } : { status: 200, body: null, text };
  }
  const [, id = "", what] = /^\/taskmanagers\/([^/]+)\/(logs?)$/u.exec(path) ?? [];
  if (what === undefined) return null;
  if (decodeURIComponent(id) !== TASK_MANAGER)
    return what === "logs"
      ? no(404, `Could not find TaskExecutor ${id}`)
      : no(
          404,
          `Failed to transfer file from TaskExecutor ${id} because it was unknown.`,
          "rest.NotFoundException",
        );
  const text = taskManager.read();
  if (what === "logs") {
    const file = { name: "taskmanager.log", size: Buffer.byteLength(text ?? ""), mtime: cluster.now() };
    return ok({ logs: text === null ? [] : [file] });
  }
  return { status: 200, body: null, text: text ?? "" };
}
