import type { Effect } from "../../model/effect.ts";
import type { Intent } from "../../model/intent.ts";
import type { Refusal, Report } from "../../model/report.ts";
import { b, code, plain, type Span, type Text, t } from "../../model/text.ts";
import { requirementWords } from "../../policy/approval.ts";
import type { Decision } from "../../policy/decide.ts";
import { united, who } from "../../policy/membership.ts";
import type { Engine } from "../ports/engine.ts";
import { boundFacts } from "../record/binding.ts";
import type { DryRun, Intake, RequestRecord } from "../record/record.ts";
import { type Considered, consider } from "./consider.ts";
import { logRefusal } from "./log-refusal.ts";
import { freshRun } from "./enter-phase.ts";
import { contextOf, type On, phaseContextOf } from "./phase-context.ts";

/** How long a call, and a bound fact, may be shown, UTF-16 units. */
const LONGEST_CALL = 600;
const LONGEST_FACT = 80;
/** How many requests for single jobs are named. */
const MOST_CHILDREN = 10;

/**
 * What a change would do and who decides it, without a record: nothing is stored or changed. That the policy refuses it is
 * written to the audit log. Throws what People, Conversation, FlinkReads and Store throw.
 */
export async function preview(
  engine: Engine,
  intake: Intake & { dryRun: DryRun },
  now: number,
): Promise<Report | Refusal> {
  const seen = await consider(engine, intake, now);
  if (seen.is === "wait")
    return { refuse: "Flink does not list that job at the moment. Try again in some seconds." };
  if (seen.is === "refused") {
    if (seen.by === "policy") {
      const { rule, record, refusal } = seen;
      await logRefusal(engine.store, { intake, class: record.class, rule, why: refusal.refuse, now });
    }
    return withRule(seen);
  }
  const { record, decision, on } = seen;
  const { headline } = record.intent;
  const rights = [decisionWords(engine, decision)];
  if (intake.dryRun === "rights")
    return {
      outcome: "done",
      headline: t`${decision.is === "needs approval" ? "Yes, once others approve" : "Yes"}: ${plain(headline)}`,
      lines: rights,
    };
  const { losses, warnings, details } = record.intent;
  return {
    outcome: "done",
    headline: t`Dry run: ${plain(headline)}`,
    lines: [
      ...rights,
      ...losses.map((line) => t`⚠️ ${line}`),
      ...warnings.map((line) => t`⚠️ ${line}`),
      ...details,
      ...boundWords(record.intent),
      ...callWords(on, record, await firstEffect(engine, on, { record, now })),
      "Nothing was queued, and nothing was changed.",
    ],
  };
}

const withRule = ({ refusal, rule }: Extract<Considered, { is: "refused" }>): Refusal => ({
  ...refusal,
  instead: [...(refusal.instead ?? []), t`Rule: ${code(rule)}. Nothing was queued.`],
});

function decisionWords({ policy }: Engine, decision: Exclude<Decision, { is: "refuse" }>): Text {
  const version = t`(policy ${code(policy.hash)})`;
  if (decision.is === "allow") return t`${decision.why} ${version}`;
  if (decision.is === "break glass") {
    const reviewers = requirementWords([[{ from: decision.review, count: 1 }]]);
    return t`${decision.why} It is announced before it starts, and reviewed afterwards by ${reviewers}, not you. ${version}`;
  }
  const { requirements } = decision.approval;
  const sets = requirements.flatMap((list) => list.flatMap((r) => r.from));
  const people = who(united(policy, sets));
  return t`Rule ${code(decision.rule)} asks for the approval of ${requirementWords(requirements)}, not you. ${people} ${version}`;
}

/** What must be the same at the start. */
function boundWords(intent: Intent): readonly Text[] {
  const facts = boundFacts(intent).flatMap(({ name, value }, i): Span[] => [
    `${i === 0 ? "" : ", "}${name}`,
    ...(value === null ? [] : [" ", typeof value === "string" ? code(cut(value, LONGEST_FACT)) : value]),
  ]);
  return facts.length === 0 ? [] : [t`${b("Bound")} until it starts: ${facts}.`];
}

/** The effect of the operation's first phase. What later phases do depends on what Flink answers. */
async function firstEffect(
  engine: Engine,
  { operation, cluster }: On,
  { record, now }: { record: RequestRecord; now: number },
): Promise<Effect | null> {
  const run = freshRun(record, operation.first, { now, before: null });
  const phase = operation.phases[operation.first];
  if (phase?.effect === undefined) return null;
  const context = contextOf(engine, { record, now }, cluster);
  return await phase.effect(phaseContextOf(context, record, { run, phase, children: [] }));
}

function callWords(
  { operation, cluster }: On,
  record: RequestRecord,
  effect: Effect | null,
): readonly Text[] {
  const later = Object.keys(operation.phases).filter((phase) => phase !== operation.first);
  const then: readonly Text[] =
    later.length === 0 ? [] : [t`${b("Later steps")}, as Flink answers: ${later.join(", ")}.`];
  if (effect === null) return then;
  if (effect.do === "spawn") {
    const named = effect.children.slice(0, MOST_CHILDREN).map((c) => `${c.operation} ${c.name}`);
    const more = effect.children.length - named.length;
    return [
      t`${b("Requests")} it would start, one for each job: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`,
    ];
  }
  const run = freshRun(record, operation.first, { now: record.askedAt, before: null });
  const { method, path, body } = cluster.effects.call(effect, run.effectId);
  return [t`${b("Call")}: ${code(cut(`${method} ${path} ${JSON.stringify(body)}`, LONGEST_CALL))}`, ...then];
}

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
