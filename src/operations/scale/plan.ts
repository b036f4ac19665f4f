import { closest } from "../../command/closest.ts";
import type { Capabilities } from "../../model/flink-cluster.ts";
import {
  type CheckpointConfig,
  isBatch,
  type JobDetail,
  type Requirements,
  type Vertex,
} from "../../model/flink-jobs.ts";
import type { Step } from "../facts/intent-facts.ts";
import { jobRef, named, shown, slotsNeeded } from "../wording/job.ts";
import { canBeTyped, vertexNames } from "../wording/names.ts";
import type { Context } from "../../model/operation.ts";
import type { Offer, Refusal } from "../../model/report.ts";
import { code, type Text, t } from "../../model/text.ts";
import { count } from "../../model/units.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";

export interface ScaleArgs {
  job: string;
  parallelism: number;
  vertex: string[];
  viaSavepoint: boolean;
  waitForSlots: boolean;
}

/** The refusal for a job whose parallelism only a restart can change. */
export function notInPlace(c: Context<ScaleArgs>, why: Text): Refusal {
  return {
    refuse: t`${named(c.target)} cannot be scaled in place: ${why}.`,
    instead: [
      t`${code("--via-savepoint")} stops it with a savepoint and starts it again from there, with parallelism ${c.args.parallelism} for the whole job.`,
      t`To change the parallelism in place, Flink needs ${code("jobmanager.scheduler: adaptive")} without reactive mode.`,
    ],
    offers: [restartOffer(c), stopOffer(c)],
  };
}

const restartOffer = (c: Context<ScaleArgs>): Offer => ({
  label: `Restart at ${c.args.parallelism}`,
  operation: "scale",
  args: { job: jobRef(c.target), parallelism: c.args.parallelism, viaSavepoint: true },
});

const stopOffer = (c: Context<ScaleArgs>): Offer => ({
  label: "Stop with a savepoint",
  operation: "stop",
  args: { job: jobRef(c.target) },
});

/** Whether this job can be scaled in place on this cluster at all. */
export function scaleRefusal(
  c: Context<ScaleArgs>,
  job: JobDetail,
  { caps, config }: { caps: Capabilities; config: CheckpointConfig | null },
): Verdict<Refusal> {
  if (isBatch(job))
    return mayNot({
      refuse: t`${named(c.target)} is a batch job; Flink does not scale batch jobs in place.`,
    });
  if (job.scheduler !== null && job.scheduler !== "Adaptive")
    return mayNot(notInPlace(c, `its scheduler is ${job.scheduler}`));
  if (!caps.rescale)
    return mayNot(notInPlace(c, "this cluster's scheduler is not adaptive, or rescaling is switched off"));
  if (config !== null && config.intervalMs !== null) return MAY;
  return mayNot({
    refuse: t`${named(c.target)} takes no checkpoints: scaling restarts its tasks, and all state would be lost.`,
    instead: [
      t`Enable checkpointing (${code("execution.checkpointing.interval")}), or stop the job with a savepoint.`,
    ],
    offers: [stopOffer(c)],
  });
}

/** The vertices to scale: all, or those named by name or id. */
export function pick(job: JobDetail, wanted: readonly string[]): readonly Vertex[] | Refusal {
  if (wanted.length === 0) return job.vertices;
  const picked: Vertex[] = [];
  for (const word of wanted) {
    const found = job.vertices.filter((v) => v.id === word || v.name === word);
    const [one, ...others] = found;
    if (one === undefined) return unknownVertex(job, word);
    if (others.length > 0)
      return {
        refuse: t`${found.length} vertices have the name ${code(shown(word))}.`,
        instead: found.map((v) => t`${code(`--vertex ${v.id}`)}`),
      };
    if (!picked.includes(one)) picked.push(one);
  }
  return picked;
}

function unknownVertex(job: JobDetail, word: string): Refusal {
  const near = closest(
    word,
    job.vertices.map((v) => v.name),
  );
  // All vertices: the one that was meant may be called quite differently.
  const rest = job.vertices.filter((v) => !near.includes(v.name));
  const some = [...near.flatMap((name) => job.vertices.filter((v) => v.name === name)), ...rest].slice(0, 10);
  const shownAs = vertexNames(job.vertices);
  return {
    refuse: t`${code(shown(word))} is not a vertex of this job.`,
    // a name that is shortened or cannot be typed would not be found
    instead: some.map((v) =>
      shownAs.get(v.id) === v.name && canBeTyped(v.name)
        ? t`${code(`--vertex "${v.name.replace(/["\\]/gu, "\\$&")}"`)}`
        : t`${code(`--vertex ${v.id}`)} ${shownAs.get(v.id) ?? ""}`,
    ),
  };
}

/**
 * From and to for each vertex. A named vertex above its maximum is refused; if all are scaled, each is limited to its
 * own maximum.
 */
export function steps(vertices: readonly Vertex[], c: Context<ScaleArgs>): readonly Step[] | Refusal {
  const n = c.args.parallelism;
  const over = vertices.filter((v) => v.maxParallelism < n);
  const [first] = over;
  if (first !== undefined && c.args.vertex.length > 0)
    return {
      refuse: t`The maxParallelism of ${code(shown(first.name))} is ${first.maxParallelism}; ${n} is above it.`,
      instead: [t`Allowed here: 1 to ${Math.min(...over.map((v) => v.maxParallelism))}.`],
    };
  if (over.length === vertices.length && first !== undefined) {
    const most = Math.max(...over.map((v) => v.maxParallelism));
    return {
      refuse: t`No vertex of ${named(c.target)} can run at ${n}; the highest maxParallelism is ${most}.`,
      instead: [t`Allowed here: 1 to ${most}.`],
    };
  }
  return vertices.map((v) => ({
    id: v.id,
    name: v.name,
    from: v.parallelism,
    to: Math.min(n, v.maxParallelism),
  }));
}

/**
 * The requirements for all vertices, as Flink expects them. The lower bound is never raised: after a fail-over with
 * fewer slots the job would wait for slots and fail. https://issues.apache.org/jira/browse/FLINK-34311
 */
export function targetOf(before: Requirements, wanted: readonly Step[]): Requirements {
  const target = new Map(Object.entries(before));
  for (const { id, to } of wanted)
    target.set(id, { lowerBound: Math.min(before[id]?.lowerBound ?? 1, to), upperBound: to });
  return Object.fromEntries(target);
}

/** The step to the highest parallelism, for the rules of the policy. */
export const widest = (wanted: readonly Step[]): { from: number | null; to: number } => {
  const [most] = wanted.toSorted((a, z) => z.to - a.to || z.from - a.from);
  return { from: most?.from ?? null, to: most?.to ?? 0 };
};

/** The slots that a change of parallelism takes from the cluster. */
export interface SlotPlan {
  details: readonly Text[];
  warnings: readonly Text[];
  /** The job waits for missing slots, and takes every slot that becomes free. */
  waits: boolean;
}

/** How many more slots the job needs with these steps; negative: it releases some. */
export const moreSlots = (vertices: readonly Vertex[], wanted: readonly Step[]): number =>
  slotsNeeded(
    vertices.map((v) => ({ ...v, parallelism: wanted.find((s) => s.id === v.id)?.to ?? v.parallelism })),
  ) - slotsNeeded(vertices);

/**
 * The highest parallelism below the requested one that the free slots allow; null: none above the current one. The
 * needed slots never decrease with parallelism, so a binary search finds it.
 */
function mostPossible(
  c: Context<ScaleArgs>,
  { job, wanted, caps }: { job: JobDetail; wanted: readonly Step[]; caps: Capabilities },
): number | null {
  const at = (n: number): readonly Step[] => wanted.map((s) => ({ ...s, to: Math.min(n, s.to) }));
  const fits = (n: number): boolean => moreSlots(job.vertices, at(n)) <= caps.slotsFree;
  let low = Math.max(...wanted.map((s) => s.from));
  let high = c.args.parallelism;
  const now = low;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low > now ? low : null;
}

/**
 * A request for more slots than are free would take every slot and keep other jobs from starting, so it has to be
 * requested explicitly.
 */
export function slotPlan(
  c: Context<ScaleArgs>,
  { job, wanted, caps }: { job: JobDetail; wanted: readonly Step[]; caps: Capabilities },
): SlotPlan | Refusal {
  const more = moreSlots(job.vertices, wanted);
  const { slotsFree, slotsTotal } = caps;
  if (more <= 0)
    return {
      details: more < 0 ? [`It frees ${count(-more, "slot")}.`] : [],
      warnings: [],
      waits: false,
    };
  const missing = more - slotsFree;
  if (missing <= 0) {
    const left = slotsFree - more;
    const takes = t`It takes ${count(more, "more slot")} and leaves ${left} of ${slotsTotal} free.`;
    return left === 0
      ? { details: [], warnings: [t`${takes} No other job can start until then.`], waits: false }
      : { details: [takes], warnings: [], waits: false };
  }
  if (caps.elastic)
    return {
      details: [
        `It takes ${count(more, "more slot")}, ${slotsFree} were free when this was asked; the cluster starts task managers for the rest.`,
      ],
      warnings: [],
      waits: false,
    };
  if (!c.args.waitForSlots) return noSlots(c, { more, most: mostPossible(c, { job, wanted, caps }), caps });
  return {
    details: [],
    warnings: [
      t`It takes all ${slotsFree} free slots and every slot that becomes free, until it has ${count(more, "more slot")}: no other job can start until then.`,
    ],
    waits: true,
  };
}

function noSlots(
  c: Context<ScaleArgs>,
  { more, most, caps }: { more: number; most: number | null; caps: Capabilities },
): Refusal {
  const { slotsFree, slotsTotal } = caps;
  const job = jobRef(c.target);
  return {
    refuse: t`${named(c.target)} at ${c.args.parallelism} needs ${count(more, "more slot")}; ${slotsFree} of ${slotsTotal} are free.`,
    instead: [
      ...(most === null ? [] : [t`Possible now: up to ${most}.`]),
      t`${code("--wait-for-slots")} takes every slot that is free or becomes free; someone else must approve it.`,
    ],
    offers: [
      ...(most === null
        ? []
        : [
            {
              label: `Scale to ${most}`,
              operation: "scale",
              args: { job, parallelism: most, vertex: c.args.vertex },
            },
          ]),
      {
        label: "Wait for slots",
        operation: "scale",
        args: { job, parallelism: c.args.parallelism, vertex: c.args.vertex, waitForSlots: true },
      },
    ],
  };
}
