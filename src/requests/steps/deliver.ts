import { FlinkProblem, FlinkUnexpected, FlinkUnreachable, LeaseExpired } from "../../model/errors.ts";
import type { Asked, Sent } from "../../model/effect.ts";
import { code, plain, type Text, t } from "../../model/text.ts";
import { auditLine, callingDetail } from "../record/audit.ts";
import { isAudited, soFar, unsentWords } from "./audited.ts";
import { isFirst, respected } from "./enter-phase.ts";
import { lockWords } from "../../model/lock.ts";
import { giveUp, recheck } from "./recheck.ts";
import type { On } from "./phase-context.ts";
import { again, type Cluster, type Engine, type Next, onward } from "../ports/engine.ts";
import { amend, end, transition, runOf, says, supersededReport } from "../record/transitions.ts";
import { noted, saveProgress } from "./progress-note.ts";
import type { Run } from "../record/record.ts";
import { effectsOf, mayTakeMs } from "./spawn.ts";
import type { Held } from "../record/store.ts";

const RETRY_MS = 1000;

/**
 * Who may have sent the effect: only this step, which has just saved it, or any process that has held the lease.
 * `entry`: the stream id of the audit entry that was committed with it.
 */
type Sending = On & ({ sender: "this step"; entry: string | undefined } | { sender: "anyone" });

/**
 * Delivers a saved effect: asks Flink whether it already has the effect, and only if not sends it, as the holder of
 * the lease.
 * The path is the same with and without a crash, and after Redis went back in time.
 */
export async function deliver(engine: Engine, held: Held, sending: Sending): Promise<Next> {
  const { operation, cluster } = sending;
  const isMine = sending.sender === "this step";
  const run = runOf(held.record);
  if (run.effect === null || run.anchor === null) throw new TypeError("sending without an effect");
  let asked: Asked;
  try {
    const sent = isMine || run.lease === null ? "no" : "perhaps";
    const saved = { anchor: run.anchor, sent } as const;
    asked = await effectsOf(engine, cluster, held.record).ask(run.effect, run.effectId, saved);
  } catch (error) {
    if (!(error instanceof FlinkProblem)) throw error;
    const problem = t`Cluster ${code(held.record.target.cluster)} ${error.did}`;
    if (isMine) return await release(engine, held, { lease: null, words: t`${problem}; still trying.` });
    return await cannotAsk(engine, held, { operation, cluster, problem });
  }
  if (asked.is === "accepted") return await record(engine, held, asked);
  const free = isMine ? held.now : freeAt(cluster, run);
  if (held.now < free) return again(free - held.now);
  if (asked.is === "unknown") return await record(engine, held, asked);
  return await send(engine, held, sending);
}

/** Flink does not have the effect, and nobody else may send it now. */
async function send(engine: Engine, held: Held, sending: Sending): Promise<Next> {
  const { operation, cluster, sender } = sending;
  const { record: request } = held;
  const run = runOf(request);
  // A previous holder of the lease may have sent the effect; then nobody can say that it was not sent.
  const drop = async (unsent: () => Promise<Next>): Promise<Next> =>
    sender === "anyone" && run.lease !== null ? await record(engine, held, MAY_ARRIVE) : await unsent();
  if (request.supersededBy !== null) return await drop(async () => await supersededUnsent(engine, held));
  if (sending.sender === "this step") return await perform(engine, held, { cluster, entry: sending.entry });
  const isStart = isFirst(operation, run);
  if (isStart) {
    // The effect was saved and never sent, so everything that was checked before it was saved is checked again.
    if (request.startBy !== null && held.now > request.startBy)
      return await drop(async () => await giveUp(engine, held, t`it could not be sent in time${soFar(run)}`));
    const checked = await recheck(engine, held, { operation, cluster }).catch((error: unknown) => {
      if (error instanceof FlinkProblem) return { is: "wait" } as const;
      throw error;
    });
    if (checked.is === "wait") return again(RETRY_MS);
    if (checked.is === "no") return await drop(async () => await giveUp(engine, held, checked.why));
  } else if (held.now > run.enteredAt + (operation.phases[run.phase]?.deadlineMs ?? 0))
    return await drop(async () => await record(engine, held, notInTime(run)));
  const leased: Run = { ...run, lease: { holder: engine.worker, until: held.now + engine.timings.lease } };
  const next = { ...request, run: leased };
  const calling = { at: held.now, detail: { ...callingDetail(next), again: true } };
  const audit = [auditLine(next, "calling", calling)];
  const locks = await respected(engine, { operation, cluster }, { record: request, run, now: held.now });
  const extras = { audit, ...locks };
  const committed = await transition(engine.store, held, { next, extras });
  if (committed.is === "locked") {
    const why = lockWords(committed.lock);
    const unsent = { is: "refused" as const, reason: `${plain(why)}; nothing was sent` };
    return await drop(async () => await (isStart ? giveUp(engine, held, why) : record(engine, held, unsent)));
  }
  if (committed.is !== "ok") return again(0);
  return await perform(
    engine,
    { ...held, record: next, rev: held.rev + 1 },
    { cluster, entry: committed.entry },
  );
}

const notInTime = (run: Run): Sent => ({
  is: "refused",
  reason:
    run.unaudited === undefined
      ? "the cluster did not answer in time; nothing was sent"
      : `it could not be sent in time${soFar(run)}; nothing was sent`,
});

/** Flink did not have the effect when it was asked, but a Flink that hung, or a proxy, may still hold the request. */
const MAY_ARRIVE: Sent = {
  is: "unknown",
  looked:
    "It may have been sent, but Flink did not answer. Flink did not have it when asked, and it is not sent again. If it was delayed on the way, it may still arrive.",
};

async function perform(
  engine: Engine,
  held: Held,
  { cluster, entry }: { cluster: Cluster; entry: string | undefined },
): Promise<Next> {
  const run = runOf(held.record);
  const { effect } = run;
  if (effect === null || run.lease === null || run.anchor === null)
    throw new TypeError("sending without a lease");
  const audited = await isAudited(engine, held, entry);
  if (audited.is === "may not") {
    const unaudited = audited.why;
    return await release(engine, held, { lease: null, words: unsentWords(unaudited), unaudited });
  }
  // Counted from before the record was read, so that our lease ends before it does by anybody else's clock.
  const untilMonotonicMs = held.readAtMonotonicMs + (run.lease.until - held.now);
  const effects = effectsOf(engine, cluster, held.record);
  try {
    const sent = await engine.traces.work(
      { requestId: held.record.id, as: "part" },
      { name: "effect", facts: { "flinkops.effect": effect.do } },
      async () => await effects.perform(effect, run.effectId, { untilMonotonicMs }),
    );
    return await record(engine, held, sent);
  } catch (error) {
    if (error instanceof LeaseExpired)
      return await release(engine, held, {
        lease: null,
        words: "The time for sending it has passed; asking Flink again.",
      });
    if (error instanceof FlinkUnreachable) {
      const words = t`Cluster ${code(held.record.target.cluster)} ${error.did}; still trying.`;
      const lease = error.reached === "no" ? null : { ...run.lease, until: await engine.store.now() };
      return await release(engine, held, { lease, words });
    }
    if (!(error instanceof FlinkUnexpected)) throw error;
    const saved = { anchor: run.anchor, sent: "perhaps" } as const;
    const asked = await effects.ask(effect, run.effectId, saved);
    return await record(engine, held, asked.is === "not" ? { is: "refused", reason: error.message } : asked);
  }
}

/** Writes what is known of the effect, even if the record was moved meanwhile. */
async function record(engine: Engine, held: Held, sent: Sent): Promise<Next> {
  const { effectId } = runOf(held.record);
  const recorded = await amend(engine.store, held, (now) => {
    const run = now.record.run;
    if (run === null || run.effectId !== effectId || run.stage !== "sending") return null;
    const answered: Run = {
      ...withoutTrying(run, now.now),
      stage: "sent",
      sent,
      lease: null,
      enteredAt: sentBy(run, now.now),
    };
    const next = { ...now.record, waiting: null, run: answered };
    const detail = { phase: run.phase, visit: run.visit, effectId, sent: { ...sent } };
    return { next, extras: { audit: [auditLine(next, "called", { at: now.now, detail })] } };
  });
  engine.log.info({ requestId: held.record.id, effectId, sent: sent.is }, "effect answered");
  return onward(recorded);
}

/**
 * Without a note of this phase: it says why the effect could not be sent or asked for, which is over. A phase that was just
 * entered still has the note of the one before.
 */
const withoutTrying = (run: Run, at: number): Run =>
  run.notedAt > run.enteredAt ? noted(run, { note: "waiting for Flink", at }) : run;

/**
 * By when the effect was sent, from its lease, ms. The following limits count from here, because a worker that died
 * may have entered the phase long before.
 */
const sentBy = ({ lease, enteredAt }: Run, now: number): number =>
  lease === null ? enteredAt : Math.min(lease.until, now);

/**
 * Ends our lease now. `lease` null: not a byte was sent, so the next holder may send at once. A worker that has taken
 * over meanwhile has its own lease, which is left alone.
 */
async function release(
  engine: Engine,
  held: Held,
  { lease, words, ...why }: { lease: Run["lease"]; words: Text; unaudited?: string },
): Promise<Next> {
  const { effectId, lease: ours } = runOf(held.record);
  const shown = await amend(engine.store, held, (now) => {
    const run = now.record.run;
    if (run === null || run.effectId !== effectId || run.stage !== "sending") return null;
    if (run.lease?.holder !== ours?.holder || run.lease?.until !== ours?.until) return null;
    return { next: { ...now.record, run: { ...noted(run, { note: words, at: now.now }), lease, ...why } } };
  });
  if (shown !== null) engine.present(shown);
  return again(RETRY_MS);
}

/** Flink cannot be asked whether it has the effect. */
async function cannotAsk(
  engine: Engine,
  held: Held,
  { operation, cluster, problem }: On & { problem: Text },
): Promise<Next> {
  const run = runOf(held.record);
  const deadline = run.enteredAt + (operation.phases[run.phase]?.deadlineMs ?? 0);
  const { startBy } = held.record;
  const first = run.phase === operation.first && run.visit === 0;
  if (run.lease === null && first && startBy !== null && held.now > startBy)
    return await giveUp(engine, held, problem);
  if (held.now > deadline && held.now > freeAt(cluster, run)) {
    const words = `${plain(problem)}, so flinkops could not ask it whether it has the request.`;
    return await record(
      engine,
      held,
      run.lease === null
        ? { is: "refused", reason: "the cluster did not answer; nothing was sent" }
        : { is: "unknown", looked: words },
    );
  }
  const note = { note: t`${problem}; still asking.`, progress: null, table: null };
  return await saveProgress(engine, held, { note, inMs: RETRY_MS });
}

/** Until when the HTTP request of another lease holder may still be on its way, ms by Redis's clock. */
const freeAt = (cluster: Cluster, run: Run): number =>
  run.lease === null || run.effect === null ? 0 : run.lease.until + mayTakeMs(cluster, run.effect);

async function supersededUnsent(engine: Engine, held: Held): Promise<Next> {
  const { headline } = held.record.intent;
  const report = says("failed", t`${plain(headline)}: not sent`, "Nothing was changed by this request.");
  await end(engine.store, held, { ending: "superseded", report: supersededReport(held.record, report) });
  return again(0);
}
