import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { versionOf } from "./assemble.ts";

/** What `PlaygroundJob.java` understands; see there. */
export interface PlaygroundJob {
  name?: string;
  /** Records per second. */
  rate?: number;
  keys?: number;
  stateBytes?: number;
  snapshotMs?: number;
  failSnapshot?: boolean;
  failRecordEvery?: number;
  maxParallelism?: number;
  parallelism?: number;
  noCheckpoints?: boolean;
  /** It ends after so many. */
  records?: number;
  /** A batch job; needs `records`. */
  batch?: boolean;
  /** How long each record takes; a slow job is back-pressured from here. */
  workMs?: number;
  /** Nine of ten records have the same key. */
  skew?: boolean;
  /** `count` gets another uid. */
  uidSuffix?: string;
  /** Without uids: Flink makes the ids from the shape of the graph. */
  noUids?: boolean;
  /** Resume from here. */
  savepointPath?: string;
}

/** Starts jobs on a session cluster, as a person would with the web page. */
export interface Session {
  /** From this uploaded jar, else from our own. Resolves with the job id once every task runs (at once with `wait: false`). */
  submit(job: PlaygroundJob, how?: { wait?: boolean; jar?: string }): Promise<string>;
  /** Our job once more, under this file name; `own`: arguments that this version carries inside. The jar's id. */
  upload(fileName: string, own?: Readonly<Record<string, string>>): Promise<string>;
  /** Another jar from disk, under this file name. The jar's id. */
  uploadJar(file: string, fileName: string): Promise<string>;
  /** Resolves when Flink has taken it. */
  cancel(jobId: string): Promise<void>;
  /** JSON of a GET; null where nobody or an error answers. */
  get(path: string): Promise<unknown>;
}

export function createSession(url: string, jar: string): Session {
  let jarId: string | null = null;

  async function get(path: string): Promise<unknown> {
    try {
      const answer = await fetch(url + path, { signal: AbortSignal.timeout(5_000) });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  const upload = async (fileName: string, own?: Readonly<Record<string, string>>): Promise<string> =>
    await uploadJar(own === undefined ? jar : await versionOf(jar, own), fileName);

  async function uploadJar(file: string, fileName: string): Promise<string> {
    const form = new FormData();
    form.append(
      "jarfile",
      new Blob([await readFile(file)], { type: "application/x-java-archive" }),
      fileName,
    );
    const answer = await fetch(`${url}/jars/upload`, { method: "POST", body: form });
    const { filename = "" } = (await answer.json()) as { filename?: string };
    if (!answer.ok || filename === "")
      throw new Error(`${fileName} could not be uploaded: HTTP ${answer.status}`);
    return filename.slice(filename.lastIndexOf("/") + 1);
  }

  return {
    get,
    upload,
    uploadJar,
    async cancel(jobId) {
      await fetch(`${url}/jobs/${jobId}?mode=cancel`, { method: "PATCH" });
    },
    async submit(job, { wait = true, jar: from } = {}) {
      if (from === undefined) jarId ??= await upload("playground.jar");
      const answer = await fetch(`${url}/jars/${from ?? jarId}/run`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          programArgsList: programArgs(job),
          ...(job.parallelism === undefined ? {} : { parallelism: job.parallelism }),
          ...(job.savepointPath === undefined ? {} : { savepointPath: job.savepointPath }),
        }),
      });
      const text = await answer.text();
      if (!answer.ok)
        throw new Error(`the job could not be started: HTTP ${answer.status} ${text.slice(0, 2_000)}`);
      const { jobid } = JSON.parse(text) as { jobid: string };
      if (wait) await until(`job ${jobid} runs`, async () => isRunning(await get(`/jobs/${jobid}`)));
      return jobid;
    },
  };
}

/** Waits for a condition. Throws after `withinMs`. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${withinMs / 1000} s in vain until ${what}`);
    await pause(50);
  }
}

function isRunning(body: unknown): boolean {
  if (body === null) return false;
  const { state, vertices } = body as {
    state: string;
    vertices: { tasks: Record<string, number>; parallelism: number }[];
  };
  return (
    state === "RUNNING" && vertices.length > 0 && vertices.every((v) => v.tasks["RUNNING"] === v.parallelism)
  );
}

/** What the program itself is told; the rest is for Flink. */
export function programArgs(job: PlaygroundJob): string[] {
  const { savepointPath: _, parallelism: __, ...args } = job;
  return Object.entries(args).flatMap(([key, value]) => {
    const flag = `--${key.replaceAll(/[A-Z]/gu, (c) => `-${c.toLowerCase()}`)}`;
    if (value === false) return [];
    return value === true ? [flag] : [flag, String(value)];
  });
}
