import { FlinkUnreachable, LeaseExpired } from "../../src/model/errors.ts";
import { sortResponse } from "../../src/flink/rest/response.ts";
import type { Call, Connections, Http } from "../../src/flink/rest/http.ts";
import { SimulatedCluster } from "../../playground/flink/simulated/cluster.ts";
import type { SimulatedJob } from "../../playground/flink/simulated/job.ts";
import { route } from "../../playground/flink/simulated/routes.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import type { Wire } from "./wire.ts";

/** A change on its way to Flink. */
export interface Arrival {
  at: number;
  process: string;
  /** What it asks for: method, path and, where there is one, the trigger id. */
  what: string;
  path: string;
  body: unknown;
}

const OVER: ReadonlySet<string> = new Set(["FINISHED", "FAILED", "CANCELED"]);
const READ_MS = 10_000;
const CHANGE_MS = 20_000;
const START_MS = 60_000;

/** Flink as its REST API shows it: the simulated JobManager, and what real ones do to an address besides. */
export class FlinkModel {
  readonly cluster: SimulatedCluster;
  /** Changes as they arrived, in their order. */
  readonly arrivals: Arrival[] = [];
  /** Changes under way: what, who sent it, and until when it may arrive. */
  readonly underWay = new Map<string, Map<string, number>>();
  /** When it listed its jobs to one of our processes last. */
  readonly lastListedTo = new Map<string, number>();
  /** Jobs that Flink does not list until then, as during a fail-over. */
  readonly #hiddenUntil = new Map<string, number>();
  /** Behind one address there are two: each answers for the jobs, and says of itself what it is. */
  twoProcesses = false;
  #asked = 0;
  readonly #scheduler: Scheduler;
  onArrival: (arrival: Arrival) => void = () => undefined;
  onAnswer: (arrival: Arrival) => void = () => undefined;
  onSend: (what: string, process: string) => void = () => undefined;

  /** `snapshotMs`: how long a savepoint or checkpoint takes. */
  constructor(
    scheduler: Scheduler,
    process: Process,
    { slots, snapshotMs }: { slots: number; snapshotMs: number },
  ) {
    this.#scheduler = scheduler;
    this.cluster = new SimulatedCluster(
      {
        slots,
        timings: {
          snapshotMs,
          stopMs: 150,
          cancelMs: 800,
          rescaleMs: 500,
          stabilizationMs: 3000,
          restartMs: 300,
          disposeMs: 100,
        },
        jars: [{ name: "orders-1.jar", id: "jar1_orders-1.jar", uploaded: process.clock.now() - 3_600_000 }],
      },
      process.clock,
    );
  }

  hide(jobId: string, ms: number): void {
    this.#hiddenUntil.set(jobId, this.#scheduler.now + ms);
  }

  /** Jobs that are there and not over, listed or not. */
  alive(name?: string): readonly SimulatedJob[] {
    const live = [...this.cluster.jobs.values()].filter((j) => !OVER.has(j.state));
    return name === undefined ? live : live.filter((j) => j.name === name);
  }

  isAlive(jobId: string): boolean {
    return this.alive().some((j) => j.jobId === jobId);
  }

  connections(wire: Wire, process: Process): Connections {
    const http = (lane: string): Http => ({
      call: async (call) =>
        await this.#call({ wire, process, call, patienceMs: null, start: lane === "start" }),
    });
    return {
      lane: http,
      hurried: (_lane, ms) => ({
        call: async (call) => await this.#call({ wire, process, call, patienceMs: ms, start: false }),
      }),
      close: async () => await Promise.resolve(),
    };
  }

  async #call(on: {
    wire: Wire;
    process: Process;
    call: Call;
    patienceMs: number | null;
    start: boolean;
  }): Promise<ReturnType<typeof sortResponse>> {
    const { wire, process, call, patienceMs, start } = on;
    const url = new URL(call.path, "http://flink");
    const isGet = call.method === "GET";
    const lease = call.method === "GET" ? null : call.lease;
    const isChange = lease !== null;
    const doing = `${isGet ? "reading" : "sending"} ${url.pathname}`;
    if (isChange && process.clock.monotonic() >= lease.untilMonotonicMs)
      throw new LeaseExpired(`${doing}: it was too late to send it; nothing was sent`);
    const usual = isGet ? READ_MS : (call.mayTakeMs ?? (start ? START_MS : CHANGE_MS));
    const body = isGet ? null : call.body;
    const what = `${call.method} ${url.pathname} ${triggerOf(body)}`;
    if (isChange) {
      this.onSend(what, process.name);
      const until = this.#scheduler.now + (patienceMs ?? usual);
      this.underWay.set(what, (this.underWay.get(what) ?? new Map()).set(process.name, until));
    }
    try {
      const answer = await wire.call(
        process,
        () => {
          const away = this.#away();
          if (away !== null) return away;
          if (url.pathname === "/jobs/overview") this.lastListedTo.set(process.name, this.#scheduler.now);
          if (!isChange) return this.#answer(call, url);
          const at = this.#scheduler.now;
          const arrival = { at, process: process.name, what, path: url.pathname, body };
          this.arrivals.push(arrival);
          this.onArrival(arrival);
          const answer = this.#answer(call, url);
          this.onAnswer(arrival);
          return answer;
        },
        {
          timeoutMs: patienceMs ?? usual,
          refused: () => new FlinkUnreachable(`${doing}: connection refused`, "no"),
          timedOut: () => new FlinkUnreachable(`${doing}: no answer`, "maybe"),
        },
      );
      return sortResponse({ status: answer.status, location: null, text: answer.text }, doing);
    } finally {
      if (isChange) this.underWay.get(what)?.delete(process.name);
    }
  }

  /** What is answered while nobody is there who could do anything. Throws FlinkUnreachable. */
  #away(): { status: number; text: string } | null {
    const { downUntil, electingUntil } = this.cluster;
    const { now } = this.#scheduler;
    if (now < downUntil) throw new FlinkUnreachable("connection refused", "no");
    if (now >= electingUntil) return null;
    const words = "Service temporarily unavailable due to an ongoing leader election. Please refresh.";
    return { status: 503, text: JSON.stringify({ errors: [words] }) };
  }

  #answer(call: Call, url: URL): { status: number; text: string } {
    const { cluster } = this;
    const { now } = this.#scheduler;
    const hidden = [...this.#hiddenUntil].flatMap(([id, until]) => {
      const job = cluster.jobs.get(id);
      return until > now && job !== undefined ? [job] : [];
    });
    for (const job of hidden) cluster.jobs.delete(job.jobId);
    const own = cluster.tmpdir;
    this.#asked += 1;
    if (this.twoProcesses && this.#asked % 2 === 0) cluster.tmpdir = `${own}-2`;
    try {
      const answer = route(cluster, {
        method: call.method,
        path: url.pathname,
        query: url.searchParams,
        text: call.method === "GET" ? "" : JSON.stringify(call.body),
      });
      return {
        status: answer.status,
        text: typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body),
      };
    } finally {
      cluster.tmpdir = own;
      for (const job of hidden) if (!cluster.jobs.has(job.jobId)) cluster.jobs.set(job.jobId, job);
    }
  }
}

function triggerOf(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  if ("triggerId" in body && typeof body.triggerId === "string") return body.triggerId;
  return "jobId" in body && typeof body.jobId === "string" ? body.jobId : "";
}
