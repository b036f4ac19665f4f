import { type Argument, argumentsOf } from "../command/argument-spec.ts";
import { parseArgs } from "../command/validate.ts";
import { written } from "../command/written.ts";
import type { Json } from "../model/json.ts";
import { isTyped, type Operation, shownName } from "../model/operation.ts";
import { plain, type Text } from "../model/text.ts";
import { type Freshness, fullMember } from "../policy/person.ts";
import { canonical } from "../platform/canonical.ts";
import { auditLine } from "../requests/record/audit.ts";
import type { Click, Suggested, Suggesting, SuggestionField } from "../requests/ports/inbox.ts";
import type { RequestRecord, Suggestion } from "../requests/record/record.ts";
import { vote } from "../requests/steps/vote.ts";
import {
  type ClickOptions,
  notCounted,
  OPEN_PATIENCE_MS,
  PATIENCE_MS,
  refused,
  refusedWithout,
  votingGroups,
} from "./click.ts";

export interface SuggestionOptions
  extends Pick<ClickOptions, "store" | "policy" | "people" | "wake" | "log"> {
  operations: readonly Operation[];
}

/** Further suggestions of one request are refused. */
const MOST = 5;
const NOTHING: Text =
  "Nothing about this request can be changed but what it is about, so there is nothing to suggest. Deny it and say why.";
const ENOUGH: Text = `This request has ${MOST} suggestions already. Deny it and say why.`;
const REPEATED: Text = "You have already suggested this.";
const SAME = "This is what was requested. Change a field, or go back.";

/** Whoever may deny a request may suggest other arguments: a form, and then a reply with a button that asks for them. */
export function createSuggestions(options: SuggestionOptions): Suggesting {
  const { store, log } = options;
  const failed = (requestId: string) => (error: unknown) => {
    log.warn({ requestId, err: error }, "suggestion not made");
    return notCounted(error);
  };
  return {
    open: async (pressed) =>
      await open(options, pressed).catch((error: unknown) => ({ refuse: failed(pressed.requestId)(error) })),
    problem: async (suggested) => {
      try {
        const { record } = await store.load(suggested.requestId);
        const read = record === null ? null : readForm(options, record, suggested.values);
        return read !== null && "field" in read ? read : null;
      } catch {
        // `make` tells why
        return null;
      }
    },
    make: async (suggested) =>
      await make(options, suggested).catch((error: unknown) => ({
        is: "not counted" as const,
        tell: failed(suggested.requestId)(error),
      })),
  };
}

async function open(
  options: SuggestionOptions,
  pressed: Parameters<Suggesting["open"]>[0],
): ReturnType<Suggesting["open"]> {
  const held = await options.store.load(pressed.requestId);
  if (held.record === null)
    return { refuse: await refusedWithout(options, { ...pressed, kind: "suggest" }, held) };
  const { record, now } = held;
  if (pressed.card !== null) await options.store.addCard(record.id, pressed.card);
  const refusal = await refusalOf(options, pressed, {
    record,
    now,
    fresh: { patienceMs: OPEN_PATIENCE_MS },
  });
  if (refusal !== null) return { refuse: refusal };
  const fields = fieldsOf(typedFor(options, record));
  return fields.length === 0 ? { refuse: NOTHING } : { record, fields };
}

async function make(options: SuggestionOptions, suggested: Suggested): ReturnType<Suggesting["make"]> {
  const { store, log, wake } = options;
  const { requestId, actor, values } = suggested;
  const arrivedAt = await store.now();
  for (;;) {
    const held = await store.load(requestId);
    if (held.record === null) {
      const click = { ...suggested, kind: "suggest" } as const;
      return { is: "not counted", tell: await refusedWithout(options, click, held) };
    }
    const { record, now } = held;
    const fresh = { notBefore: arrivedAt, patienceMs: PATIENCE_MS };
    const refusal = await refusalOf(options, suggested, { record, now, fresh });
    if (refusal !== null) return { is: "not counted", tell: refusal };
    const read = readForm(options, record, values);
    if ("field" in read) return { is: "not counted", tell: read.words };
    if (isRepeated(record, suggested, read.command)) return { is: "not counted", tell: REPEATED };
    const suggestion: Suggestion = { actor, at: now, ...read };
    const next = { ...record, suggestions: [...(record.suggestions ?? []), suggestion] };
    const detail = { args: read.args, command: read.command };
    const audit = [auditLine(next, "suggested", { at: now, actor: actor.user, detail })];
    const committed = await store.commit([{ rev: held.rev, next }], { audit });
    if (committed.is === "fenced") continue;
    log.info({ requestId, command: read.command }, "suggestion made");
    void wake(next);
    return { is: "counted" };
  }
}

const isRepeated = ({ suggestions = [] }: RequestRecord, { actor }: Suggested, command: string): boolean =>
  suggestions.some((one) => one.actor.user === actor.user && one.command === command);

/** Why this person may not suggest anything now; null: they may, as they may deny. */
async function refusalOf(
  options: SuggestionOptions,
  pressed: Pick<Click, "requestId" | "actor" | "digest" | "card">,
  { record, now, fresh }: { record: RequestRecord; now: number; fresh: Freshness },
): Promise<Text | null> {
  const { policy, people } = options;
  const { actor } = pressed;
  const groups = votingGroups(policy, record, actor.user);
  const person =
    actor.user === record.actor.user ? fullMember(actor) : await people.lookup(actor, { ...fresh, groups });
  const click = { ...pressed, kind: "deny" as const };
  const judged = vote(policy, 0, { record, click, person, now, arrivedAt: now });
  if (judged.is === "tell") {
    await refused(options, { ...pressed, kind: "suggest" }, { record, rule: judged.rule, now });
    return judged.text;
  }
  return (record.suggestions?.length ?? 0) >= MOST ? ENOUGH : null;
}

/** Arguments that say what a request is about, of all operations: another job needs a request of its own. */
const ABOUT: ReadonlySet<string> = new Set(["job", "cluster", "all", "match"]);

const isScalar = ({ kind, required }: Argument): boolean => kind !== "many" && (kind !== "text" || !required);

/** Single values that do not say what the request is about. */
function changeable(operation: Operation): readonly Argument[] {
  const isOwn = ({ key }: Argument): boolean => key in operation.args.shape && !ABOUT.has(key);
  return argumentsOf(operation).filter((a) => isOwn(a) && isScalar(a));
}

/** What people type for a request. */
interface Typed {
  operation: Operation;
  args: RequestRecord["args"];
}

/** Null: this version has no such operation, or does not know how it is typed. */
function typedFor({ operations }: SuggestionOptions, { operation, args }: RequestRecord): Typed | null {
  const own = operations.find(({ name }) => name === operation);
  if (own === undefined || isTyped(own)) return own === undefined ? null : { operation: own, args };
  const other = operations.find(({ name }) => name === shownName(own));
  const more = own.kind === "change" ? own.typedWith : undefined;
  return other === undefined || more === undefined ? null : { operation: other, args: { ...args, ...more } };
}

const [YES, NO] = ["yes", "no"];

function fieldsOf(typed: Typed | null): readonly SuggestionField[] {
  if (typed === null) return [];
  return changeable(typed.operation).map((argument) => ({
    key: argument.key,
    label: argument.positional ? argument.key : argument.flag,
    hint: argument.description,
    required: argument.required,
    choices: argument.kind === "switch" ? [YES, NO] : argument.choices,
    value: shownValue(argument, typed.args[argument.key] ?? null),
  }));
}

function shownValue({ kind }: Argument, value: Json): string {
  if (kind === "switch") return value === true ? YES : NO;
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function typedValue({ kind }: Argument, typed: string): Json {
  const text = typed.trim();
  if (kind === "switch") return text === YES;
  if (text === "") return null;
  return kind === "number" && /^\d+$/u.test(text) ? Number(text) : text;
}

/** The suggested arguments and their command, or what is wrong with which field. */
function readForm(
  options: SuggestionOptions,
  record: RequestRecord,
  values: Suggested["values"],
): Pick<Suggestion, "operation" | "args" | "command"> | { field: string; words: string } {
  const asked = typedFor(options, record);
  const fields = asked === null ? [] : changeable(asked.operation);
  const [first] = fields;
  if (asked === null || first === undefined) return { field: "", words: plain(NOTHING) };
  const { operation, args } = asked;
  const typed = fields
    .filter(({ key }) => values[key] !== undefined)
    .map((argument) => ({ argument, value: typedValue(argument, values[argument.key] ?? "") }));
  const changed = typed.filter(
    ({ argument, value }) => canonical(value) !== canonical(args[argument.key] ?? null),
  );
  const last = changed.at(-1);
  if (last === undefined) return { field: first.key, words: SAME };
  const parsedWith = (some: typeof changed) =>
    parseArgs(operation, {
      ...args,
      ...Object.fromEntries(some.map(({ argument, value }) => [argument.key, value])),
    });
  const parsed = parsedWith(changed);
  if (parsed.is === "parsed")
    return {
      ...(operation.name !== record.operation && { operation: operation.name }),
      args: parsed.args,
      command: written(operation, parsed.args),
    };
  const wrong = changed.find((one) => parsedWith([one]).is === "problem") ?? last;
  return { field: wrong.argument.key, words: plain(parsed.refusal.refuse) };
}
