import type { Timings } from "./cluster.ts";
import type { Fault } from "./faults.ts";
import type { JarOptions } from "./jar.ts";
import type { JobOptions, SimulatedJob } from "./job.ts";
import { checkpoint, fail, failOver } from "./life.ts";
import type { SimulatedRequest } from "./requirements.ts";
import type { SimulatedState } from "./server.ts";
import { plainNo, type SimulatedAnswer } from "./words.ts";

const done = (answer: unknown = {}): SimulatedAnswer => ({ status: 200, body: answer });

/** The hand behind the scenes: `/_control/...`, JSON in and out, for tests only. */
export function control(state: SimulatedState, request: SimulatedRequest): SimulatedAnswer {
  const { cluster, faults } = state;
  const body: unknown = request.text === "" ? {} : JSON.parse(request.text);
  const [what = "", id = "", verb = ""] = request.path.split("/").slice(2).map(decodeURIComponent);
  const job = cluster.jobs.get(id);
  switch (`${request.method} ${what}${id === "" ? "" : "/:id"}${verb === "" ? "" : `/${verb}`}`) {
    case "GET effects":
      return done(cluster.effects);
    case "GET requests":
      return done(state.requests);
    case "DELETE log":
      cluster.effects.length = 0;
      state.requests.length = 0;
      return done();
    case "POST jobs":
      return done(cluster.add(body as JobOptions));
    case "GET jobs":
      return done([...cluster.jobs.values()]);
    case "GET jobs/:id":
      return job === undefined ? plainNo(404, "no such job") : done(job);
    case "PATCH jobs/:id":
      return job === undefined
        ? plainNo(404, "no such job")
        : done(Object.assign(job, body as Partial<SimulatedJob>));
    case "DELETE jobs/:id":
      return done({ removed: cluster.jobs.delete(id) });
    case "POST jobs/:id/fail": {
      const {
        message = "out of order",
        forGood = false,
        stack,
      } = body as { message?: string; forGood?: boolean; stack?: string };
      if (job !== undefined) fail(cluster, job, { message, forGood, stack });
      return done();
    }
    case "POST jobs/:id/checkpoint":
      if (job !== undefined) checkpoint(cluster, job, (body as { failure?: string }).failure ?? null);
      return done();
    case "POST jars":
      return cluster.jars === null
        ? plainNo(404, "this cluster serves no jars")
        : done(cluster.addJar(body as JarOptions));
    case "PATCH jars/:id": {
      const jar = cluster.changeJar(id, body as Partial<JarOptions>);
      return jar === null ? plainNo(404, "no such jar") : done(jar);
    }
    case "DELETE jars/:id":
      return done({ removed: cluster.jars?.delete(id) ?? false });
    case "GET snapshots":
      return done(cluster.snapshots.all());
    case "DELETE snapshots":
      return done({ removed: cluster.snapshots.delete((body as { path: string }).path) });
    case "PUT timings":
      cluster.timings = { ...cluster.timings, ...(body as Partial<Timings>) };
      return done(cluster.timings);
    case "PUT task-manager":
      cluster.taskManager = { ...cluster.taskManager, ...(body as Partial<typeof cluster.taskManager>) };
      return done();
    case "PUT logs":
      for (const owner of ["jobManager", "taskManager"] as const) {
        const text = (body as { [owner: string]: string | null | undefined })[owner];
        if (text !== undefined) cluster.logs[owner].text = text;
      }
      return done();
    case "PUT slots":
      cluster.slots = (body as { slots: number }).slots;
      return done();
    case "POST faults":
      faults.add(body as Fault);
      return done();
    case "DELETE faults":
      faults.clear();
      return done();
    case "POST failover":
      failOver(cluster, body as { downMs?: number; electionMs?: number });
      return done();
    default:
      return plainNo(404, `no such control: ${request.method} ${request.path}`);
  }
}
