import { FlinkProblem } from "../../model/errors.ts";
import type { AsyncOperation } from "../../model/flink-reads.ts";
import type { Json } from "../../model/json.ts";
import type { Observation, Unsent } from "../../model/operation.ts";
import type { Report } from "../../model/report.ts";
import { code, plain, type Text, t } from "../../model/text.ts";
import { auditLine } from "../record/audit.ts";
import { changeOf, contextOf, type On, phaseContextOf } from "./phase-context.ts";
import { again, type Engine, type Next, onward, pollMs } from "../ports/engine.ts";
import { enterPhase, freshRun } from "./enter-phase.ts";
import {
  asCommitted,
  end,
  ended,
  type Ended,
  transition,
  runOf,
  says,
  supersededBy,
  supersededReport,
  whereToLook,
  withMilestone,
} from "../record/transitions.ts";
import { lockWords } from "../../model/lock.ts";
import { wakeOthers } from "./moot.ts";
import { saveProgress } from "./progress-note.ts";
import { type Ending, locationOf, type RequestRecord, type Run } from "../record/record.ts";
import type { Held } from "../record/store.ts";

/**
 * Retry delay where another request holds the claim on a job that the next phase would start, ms. This should not
 * happen, so the retry is not hurried.
 */
const BUSY_MS = 1000;

/** Observes the current phase, and continues as the operation says. */
export async function observe(engine: Engine, held: Held, on: On): Promise<Next> {
  const { operation, cluster } = on;
  const run = runOf(held.record);
  const phase = operation.phases[run.phase];
  if (phase === undefined) return await lostPhase(engine, held);
  const context = phaseContextOf(contextOf(engine, held, cluster), held.record, {
    run,
    phase,
    children: await engine.children.of(held),
  });
  // Decided by the clock alone, so that the limit holds even where Flink cannot be read.
  const limit = phase.limit;
  const isPast = limit !== undefined && held.now > run.enteredAt + limit.ms(context);
  let observation: Observation<string>;
  try {
    const seen = await phase.observe(context);
    observation = isPast && seen.kind === "pending" ? limit.decide(context) : seen;
  } catch (error) {
    if (!(error instanceof FlinkProblem)) throw error;
    if (isPast) return await follow(engine, held, { ...on, observation: limit.decide(context) });
    // A phase's own limit may be longer than its deadline, so a failed read between the two ends nothing.
    if (context.late && limit === undefined)
      return await finish(engine, held, cannotKnow(held.record, error.message));
    const words = t`Cluster ${code(held.record.target.cluster)} ${error.did}: ${error.message}; still trying.`;
    const note = { note: words, progress: run.progress, table: run.table };
    return await saveProgress(engine, held, { note, inMs: poll(engine, held) });
  }
  const next = await follow(engine, held, { ...on, observation });
  if (observation.kind !== "pending" || observation.until === undefined) return next;
  const times = [phase.deadlineMs, ...(limit === undefined ? [] : [limit.ms(context)])];
  return watched(held, next, { until: observation.until, times });
}

/** The next step may be later than usual, but not than one of the `times` of the phase, ms, after which it is judged otherwise. */
function watched(
  { record, now }: Held,
  next: Next,
  { until, times }: { until: AsyncOperation; times: readonly number[] },
): Next {
  if (next.is === "done" || next.inMs === 0) return next;
  const ageMs = now - runOf(record).enteredAt;
  const left = times.map((time) => time + 1 - ageMs).filter((ms) => ms > 0);
  return { ...next, watched: { cluster: record.target.cluster, until, ageMs, atMostMs: Math.min(...left) } };
}

/** Continues as an observation says. */
async function follow(
  engine: Engine,
  held: Held,
  { observation, ...on }: On & { observation: Observation<string> },
): Promise<Next> {
  switch (observation.kind) {
    case "pending": {
      const { note, progress = null, table = null } = observation;
      const said = { note, progress, table };
      return await saveProgress(engine, held, { note: said, inMs: poll(engine, held) });
    }
    case "end":
      return await finish(engine, held, observation.report);
    case "next":
      return await goOn(engine, held, { ...on, to: observation });
  }
}

/**
 * Minimum poll interval of a request with children, ms. Each poll reads the open children and writes the list of all,
 * so ends that are close together share one.
 */
const CHILDREN_MS = 250;

/** When the phase is observed again, ms from now. */
export function poll({ timings }: Engine, { record, now }: Held): number {
  const age = now - runOf(record).enteredAt;
  const least = record.children.length === 0 ? timings.pollMin : Math.max(CHILDREN_MS, timings.pollMin);
  return pollMs({ ...timings, pollMin: least }, age);
}

async function finish(engine: Engine, held: Held, report: Report): Promise<Next> {
  const by = held.record.supersededBy;
  const looksAgain = report.outcome === "done" && changeOf(engine, held.record)?.followUp !== undefined;
  const second = looksAgain ? { dueAt: held.now + engine.timings.followUp, line: null, worse: false } : null;
  const how: Ended =
    by === null
      ? { ending: "ran", report, second }
      : { ending: "superseded", report: supersededReport(held.record, report) };
  const moved = ended(held.record, how, { at: held.now });
  const committed = await transition(engine.store, held, moved);
  await wakeOthers(engine, held.record);
  return onward(asCommitted(engine.store, { held, next: moved.next, committed }));
}

async function goOn(
  engine: Engine,
  held: Held,
  { to, ...on }: On & { to: Extract<Observation<string>, { kind: "next" }> },
): Promise<Next> {
  const { record, now } = held;
  const from = runOf(record);
  if (on.operation.phases[to.phase] === undefined) return await lostPhase(engine, held);
  const results: Run["results"] = { ...from.results, [from.phase]: to.result };
  const run = freshRun(record, to.phase, { now, before: { ...from, results } });
  const milestones =
    to.milestone === undefined ? record.milestones : withMilestone(record, { at: now, text: to.milestone });
  // The lease is taken when the effect is sent, because the step may end before that.
  const { next, effect, extras } = await enterPhase(engine, on, {
    record: { ...record, milestones },
    run,
  });
  // A superseded request may go on to a phase that only observes, but it sends no further effect.
  if (effect !== null && record.supersededBy !== null)
    return await stopHalfway(engine, held, { to, ending: "superseded", lines: supersededBy(record) });
  const { visit } = run;
  const detail: Json = {
    from: from.phase,
    to: to.phase,
    visit,
    result: to.result,
    effect: effect === null ? null : { ...effect },
  };
  const audit = [auditLine(next, "passed", { at: now, detail })];
  const committed = await transition(engine.store, held, { next, extras: { ...extras, audit } });
  if (committed.is === "locked")
    return await stopHalfway(engine, held, { to, ending: "ran", lines: [t`${lockWords(committed.lock)}.`] });
  if (committed.is === "ok")
    engine.log.info({ requestId: record.id, phase: to.phase, visit }, "phase entered");
  return again(committed.is === "busy" ? BUSY_MS : 0);
}

/** Nothing more is sent between two phases: the effect of the first remains. */
async function stopHalfway(
  engine: Engine,
  held: Held,
  {
    to,
    ending,
    lines,
  }: { to: Extract<Observation<string>, { kind: "next" }>; ending: Ending; lines: readonly Text[] },
): Promise<Next> {
  const from = runOf(held.record);
  const soFar: Text = to.milestone ?? t`${from.phase} had completed`;
  const notSent = t`${code(to.phase)} was not sent.`;
  const record = { ...held.record, run: { ...from, results: { ...from.results, [from.phase]: to.result } } };
  const left = to.unsent ?? savedSoFar(record, soFar);
  const report = {
    ...left,
    ...says("partly", "Stopped halfway", ...lines, soFar, notSent, ...left.lines),
  };
  await end(engine.store, { ...held, record }, { ending, report });
  await wakeOthers(engine, held.record);
  return again(0);
}

/** The savepoint that stays. `said`: words that may name it already. */
function savedSoFar(record: RequestRecord, said: Text): Unsent {
  const location = locationOf(record);
  if (location === null) return { lines: [] };
  const lines = plain(said).includes(location) ? [] : [t`Savepoint: ${code(location)}`];
  return { lines, facts: { location } };
}

function cannotKnow(record: RequestRecord, why: string): Report {
  const directory =
    record.run?.effect !== null && record.run?.effect !== undefined && "directory" in record.run.effect
      ? record.run.effect.directory
      : null;
  return says(
    "unknown",
    t`It is unknown how ${plain(record.intent.headline)} ended`,
    t`Cluster ${code(record.target.cluster)} has not answered: ${why}`,
    t`${whereToLook(record)}${directory === null ? "" : t` If there is a savepoint, it is in ${code(directory)}.`}`,
  );
}

/** This version does not know the phase. The request ends with an explanation. */
async function lostPhase(engine: Engine, held: Held): Promise<Next> {
  const { phase } = runOf(held.record);
  const report = says(
    "unknown",
    t`This version of flinkops does not know the phase ${code(phase)}`,
    whereToLook(held.record),
  );
  await end(engine.store, held, { ending: "ran", report });
  return again(0);
}
