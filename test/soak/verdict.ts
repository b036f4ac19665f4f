import { isDeepStrictEqual } from "node:util";
import type { PerformedEffect } from "../../playground/flink/simulated/cluster.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import type { Entry } from "../harness/stored.ts";
import type { World } from "../harness/world.ts";
import type { Command } from "./load.ts";
import { brokenOnReal, REAL, type RealCluster } from "./real.ts";

const ENDINGS = ["refused", "denied", "expired", "withdrawn", "void", "superseded", "ended", "put back"];
/** Endings of which nothing may have reached Flink. */
const UNSENT = ["refused", "denied", "expired", "withdrawn"];

/** What came of the requests, and each broken promise in words. */
export interface Verdict {
  requests: number;
  outcomes: Readonly<Record<string, number>>;
  /** The outcomes of those on the real Flink. */
  onReal: Readonly<Record<string, number>>;
  broken: readonly string[];
}

/** What the people, flinkops and the simulated Flink say of it. */
export interface Happened {
  commands: readonly Command[];
  records: readonly RequestRecord[];
  audit: readonly Entry[];
  effects: readonly PerformedEffect[];
  /** By what is claimed. */
  claims: Readonly<Record<string, string | null>>;
}

/** Each broken promise in words. */
export function broken({ commands, records, audit, effects, claims }: Happened): readonly string[] {
  const calls = audit.filter((entry) => entry.event === "calling");
  return [
    ...taken(commands, records),
    ...oneEnding(records, audit),
    ...sentOnce(effects, calls),
    ...records.flatMap((record) => trueEnding(record, calls, effects)),
    ...(isDeepStrictEqual(claims, {}) ? [] : [`claims are left: ${JSON.stringify(claims)}`]),
  ];
}

/** Judges everything that happened so far. Nothing may be under way. */
export async function judge(
  world: World,
  commands: readonly Command[],
  real: RealCluster | null = null,
): Promise<Verdict> {
  const ids = await world.stored.all();
  const records = (await Promise.all(ids.map(async (id) => await world.stored.record(id)))).filter(
    (record) => record !== null,
  );
  const happened = {
    commands,
    records,
    audit: await world.stored.audit(),
    effects: await world.flink.control.effects(),
    claims: await world.stored.claims(),
  };
  const onReal = real === null ? [] : brokenOnReal(records, await real.look());
  return {
    requests: records.length,
    outcomes: outcomesOf(records),
    onReal: outcomesOf(records.filter(({ target }) => target.cluster === REAL)),
    broken: [...broken(happened), ...onReal],
  };
}

function outcomesOf(records: readonly RequestRecord[]): Verdict["outcomes"] {
  const outcomes: Record<string, number> = {};
  for (const { end } of records) {
    const name = end === null ? "open" : end.ending === "ran" ? end.report.outcome : end.ending;
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  return outcomes;
}

/** Promise 1: what was accepted is there once, and what was not is not there. */
function taken(commands: readonly Command[], records: readonly RequestRecord[]): string[] {
  const found = new Map<string, number>();
  for (const { reason, parent } of records)
    if (parent === null && reason !== null) found.set(reason, (found.get(reason) ?? 0) + 1);
  return commands.flatMap(({ reason, words, accepted }) => {
    const count = found.get(reason) ?? 0;
    if (count > 1) return [`"${words}" (${reason}) became ${count} requests`];
    if (accepted === "yes" && count === 0) return [`"${words}" (${reason}) was accepted and is lost`];
    if (accepted === "no" && count === 1) return [`"${words}" (${reason}) was refused and became a request`];
    return [];
  });
}

/** Promise 4: one outcome each. */
function oneEnding(records: readonly RequestRecord[], audit: readonly Entry[]): string[] {
  const ends = new Map<string, string[]>();
  for (const { requestId, event, detail } of audit)
    if (ENDINGS.includes(event) && "outcome" in detail)
      ends.set(requestId, [...(ends.get(requestId) ?? []), event]);
  return records.flatMap(({ id, state }) => {
    const events = ends.get(id) ?? [];
    return events.length === 1 && state === "closed"
      ? []
      : [`request ${id} is ${state} and ended ${events.length} times: ${events.join(", ")}`];
  });
}

/** Promises 2 and 3: nothing twice, and nothing that was not saved before. */
function sentOnce(effects: readonly PerformedEffect[], calls: readonly Entry[]): string[] {
  const seen = new Set<string>();
  return effects.flatMap((effect) => {
    const { do: what, jobId, triggerId } = effect;
    const own = calls.filter(
      (call) =>
        (triggerId === null ? call.jobId === jobId : call.detail["effectId"] === triggerId) &&
        call.at <= effect.at + 5,
    );
    const isTwice = triggerId !== null && seen.has(triggerId);
    if (triggerId !== null) seen.add(triggerId);
    return [
      ...(own.length === 0 ? [`${what} of ${jobId} was sent without being saved`] : []),
      ...(isTwice ? [`${what} ${triggerId} of ${jobId} was done twice`] : []),
    ];
  });
}

/** Promise 4: the outcome is true. Where it is "unknown", nothing can be said. */
function trueEnding(
  { id, operation, end, target }: RequestRecord,
  calls: readonly Entry[],
  effects: readonly PerformedEffect[],
): string[] {
  if (end === null) return [];
  const own = new Set(calls.filter((c) => c.requestId === id).map((c) => c.detail["effectId"]));
  const done = effects.filter(({ triggerId }) => triggerId !== null && own.has(triggerId));
  // a real Flink keeps no list of what it did: see real.ts
  const isSaving = ["savepoint", "checkpoint", "stop"].includes(operation) && target.cluster !== REAL;
  if (UNSENT.includes(end.ending) && (own.size > 0 || done.length > 0))
    return [`request ${id} (${operation}) was ${end.ending}, and something was sent`];
  if (isSaving && end.ending === "ran" && end.report.outcome === "done" && done.length !== 1)
    return [`request ${id} (${operation}) says it is done, and Flink did it ${done.length} times`];
  return [];
}
