import { randomBytes } from "node:crypto";
import { programVertices, type SimulatedJar } from "./jar.ts";
import type { SimulatedJob, SimulatedVertex } from "./job.ts";
import { ok } from "./requirements.ts";
import { no, serverError, type SimulatedAnswer } from "./words.ts";

/** A chain, in the order of the vertices. Flink names the last vertex first. */
export function planNodes(
  vertices: readonly Pick<SimulatedVertex, "id" | "name" | "parallelism">[],
): unknown {
  return vertices
    .map((v, i) => {
      const before = vertices[i - 1];
      const input = { num: 0, ship_strategy: "HASH", exchange: "pipelined_bounded" };
      return {
        id: v.id,
        parallelism: v.parallelism,
        operator: "",
        operator_strategy: "",
        description: described(v.name),
        ...(before === undefined ? {} : { inputs: [{ ...input, id: before.id }] }),
        optimizer_properties: {},
      };
    })
    .toReversed();
}

/** The operators of a vertex's chain, as Flink writes them for its page. */
function described(name: string): string {
  const [first = "", ...more] = name
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("> ", "&gt; ")
    .split(" -&gt; ");
  return [first, ...more.map((operator, i) => `${"   ".repeat(i)}+- ${operator}`)]
    .map((line) => `${line}<br/>`)
    .join("");
}

/** Of POST /jars/:id/plan, once its class is found and main() is through: nothing is started. */
export function planAnswer(
  jar: SimulatedJar,
  wish: { name: string; parallelism: number | null },
): SimulatedAnswer {
  if (wish.parallelism !== null && wish.parallelism < 1 && wish.parallelism !== -1)
    return serverError(
      "java.lang.IllegalArgumentException",
      "Parallelism must be at least one, or ExecutionConfig.PARALLELISM_DEFAULT (use system default).",
    );
  if (jar.mainThrows !== null)
    return serverError(
      "org.apache.flink.client.program.ProgramInvocationException",
      `The main method caused an error: ${jar.mainThrows}`,
      `java.lang.IllegalStateException: ${jar.mainThrows}`,
    );
  const parallelism = wish.parallelism === -1 ? null : wish.parallelism;
  const nodes = planNodes(programVertices(jar, parallelism));
  const jid = randomBytes(16).toString("hex");
  return ok({ plan: { jid, name: wish.name, type: "STREAMING", nodes } });
}

/** `/jobs/:id/checkpoints/details/:checkpoint`: the state by vertex. */
export function detailsAnswer(job: SimulatedJob, id: string): SimulatedAnswer {
  const found = job.checkpoints.find((c) => String(c.id) === id);
  if (found === undefined) return no(404, `Could not find checkpointing statistics for checkpoint ${id}.`);
  const tasks = job.vertices.map((v): [string, unknown] => [
    v.id,
    {
      id: found.id,
      status: found.status.toUpperCase(),
      latest_ack_timestamp: found.endedAt,
      checkpointed_size: v.stateBytes,
      state_size: v.stateBytes,
      end_to_end_duration: found.endedAt - found.triggeredAt,
      num_subtasks: v.parallelism,
      num_acknowledged_subtasks: v.parallelism,
    },
  ]);
  return ok({ className: found.status, id: found.id, tasks: Object.fromEntries(tasks) });
}
