import { parse } from "../../src/command/parse.ts";
import { type Parsed, parseArgs } from "../../src/command/validate.ts";
import type { FlinkReads } from "../../src/model/flink-reads.ts";
import type { ProcessGroup } from "../../src/model/flink-cluster.ts";
import type { Effect, Sent } from "../../src/model/effect.ts";
import { operations } from "../../src/operations/index.ts";
import type { Change, Observation, PhaseContext, Operation } from "../../src/model/operation.ts";
import type { ChangeTarget, Find, Hold } from "../../src/model/target.ts";
import type { Intent } from "../../src/model/intent.ts";
import { isRefusal, type Refusal, type Report } from "../../src/model/report.ts";
import type { Json } from "../../src/model/json.ts";
import { plain, type Text } from "../../src/model/text.ts";
import type { Child } from "../../src/model/knowledge.ts";
import { FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { FakeKnowledge } from "../fakes/knowledge.ts";

export const REQUEST_ID = "5e4b8e9d1f3f0f3c2a775e4b8e9d1f3f";
export const EFFECT_ID = "00000000000000000000000000000abc";
export const DIRECTORY = `s3://bucket/savepoints/${REQUEST_ID}`;
export const ACCEPTED: Sent = { is: "accepted", answer: null };

interface Moment {
  phase?: string;
  effect?: Effect | null;
  processes?: ProcessGroup;
  sent?: Sent;
  results?: { readonly [phase: string]: Json };
  late?: boolean;
  /** Since the phase was entered, ms. */
  waited?: number;
  children?: readonly Child[];
}

/** One change on a cluster, mostly the fake one, as the engine would drive it, from the words a person typed. */
export class Drive<F extends FlinkReads = FakeFlinkReads> {
  readonly flink: F;
  readonly known = new FakeKnowledge();
  private readonly asked: Change<unknown, string, ChangeTarget>;
  private readonly args: unknown;
  private intent: Intent | null = null;
  /** When it is asked, and when its phase begins; ms. */
  now = T0;

  constructor(text: string, flink: F) {
    const { operation, args } = meaning(parse(text, operations));
    if (operation.kind !== "change") throw new Error(`${operation.name} changes nothing`);
    this.asked = operation;
    this.args = args;
    this.flink = flink;
  }

  get operation(): string {
    return this.asked.name;
  }

  async holds(): Promise<readonly Hold[] | undefined> {
    return await this.asked.holds?.(this.context());
  }

  async followUp(report: Report): Promise<{ line: string; worse: boolean }> {
    const intent = this.intent ?? (await this.intended());
    const seen = await this.asked.followUp?.({ ...this.context(), intent, report });
    if (seen === undefined) throw new Error(`${this.asked.name} is not looked at again`);
    return { line: plain(seen.line), worse: seen.worse };
  }

  async open(): Promise<Intent | Refusal> {
    const opened = await this.asked.open(this.context());
    if (!isRefusal(opened)) this.intent = opened;
    return opened;
  }

  /** The check before the start, after an approval of `intent`. */
  async again(intent: Intent): Promise<Intent | Refusal> {
    return await this.asked.open({ ...this.context(), before: { binds: intent.binds, isApproved: true } });
  }

  /** What the record has of it by now. */
  keeps(intent: Intent): void {
    this.intent = intent;
  }

  async intended(): Promise<Intent> {
    const opened = await this.open();
    if (isRefusal(opened)) throw new Error(words(opened));
    return opened;
  }

  async refusal(): Promise<string> {
    const opened = await this.open();
    return isRefusal(opened) ? words(opened) : `not refused: ${plain(opened.headline)}`;
  }

  async effect(moment: Moment = {}): Promise<Effect | null> {
    const c = await this.phaseContext({ ...moment, sent: { is: "none" } });
    return (await this.phase(moment).effect?.(c)) ?? null;
  }

  async observe(moment: Moment = {}): Promise<Observation<string>> {
    return this.phase(moment).observe(await this.phaseContext(moment));
  }

  /** When the phase's limit is over, ms, and what it decides then. */
  async limit(moment: Moment = {}): Promise<{ ms: number; decides: string; lines: string } | null> {
    const { limit } = this.phase(moment);
    if (limit === undefined) return null;
    const c = await this.phaseContext(moment);
    const seen = limit.decide(c);
    const words =
      seen.kind === "end" ? `${seen.report.outcome}: ${plain(seen.report.headline)}` : JSON.stringify(seen);
    const lines = seen.kind === "end" ? seen.report.lines.map(plain).join("\n") : "";
    return { ms: limit.ms(c), decides: words, lines };
  }

  async report(moment: Moment = {}): Promise<Report> {
    const seen = await this.observe(moment);
    if (seen.kind !== "end") throw new Error(`not at its end: ${JSON.stringify(seen)}`);
    return seen.report;
  }

  /** The end as "outcome: headline", then its lines. */
  async ending(moment: Moment = {}): Promise<string> {
    const r = await this.report(moment);
    return [`${r.outcome}: ${plain(r.headline)}`, ...r.lines.map(plain)].join("\n");
  }

  async note(moment: Moment = {}): Promise<string> {
    const seen = await this.observe(moment);
    return seen.kind === "pending" ? plain(seen.note) : `not pending: ${JSON.stringify(seen)}`;
  }

  private phase(moment: Moment) {
    const found = this.asked.phases[moment.phase ?? this.asked.first];
    if (found === undefined) throw new Error(`no phase ${moment.phase}`);
    return found;
  }

  private context() {
    const target = targetOf(this.asked.find(this.args));
    const { args, flink, known } = this;
    return { args, target, actor: "U1", requestId: REQUEST_ID, now: this.now, flink, known };
  }

  private async phaseContext(moment: Moment): Promise<PhaseContext<unknown, ChangeTarget>> {
    const intent = this.intent ?? (await this.intended());
    const waited = moment.waited ?? 0;
    // whoever is not listed or does not answer has not for as long as the phase lasts
    if (this.flink instanceof FakeFlinkReads) {
      this.flink.missingMs = waited;
      this.flink.missingAnswers = 1 + Math.floor(waited / 1000);
    }
    return {
      ...this.context(),
      now: this.now + waited,
      intent,
      results: moment.results ?? {},
      effectId: EFFECT_ID,
      effect: moment.effect ?? null,
      processes: moment.processes ?? ["jm-1"],
      sent: moment.sent ?? ACCEPTED,
      enteredAt: this.now,
      late: moment.late ?? false,
      children: moment.children ?? [],
    };
  }
}

/** As the bot does: some arguments mean another operation. */
function meaning(parsed: Parsed): { operation: Operation; args: unknown } {
  if (parsed.is === "problem") throw new Error(words(parsed.refusal));
  const other = parsed.operation.becomes?.(parsed.args) ?? null;
  const operation = operations.find((r) => r.name === other?.operation);
  return operation === undefined || other === null ? parsed : meaning(parseArgs(operation, other.args));
}

function targetOf(find: Find): ChangeTarget {
  const cluster = "prod";
  if (find.find === "name") return { kind: "name", cluster, name: find.name };
  if (find.find === "path") return { kind: "path", cluster, path: find.path };
  if (find.find === "cluster") return { kind: "cluster", cluster };
  return { kind: "job", cluster, jobId: JOB_ID, name: "orders" };
}

export const words = (r: Refusal): string =>
  [r.refuse, ...(r.instead ?? [])].map((x: Text) => plain(x)).join("\n");
