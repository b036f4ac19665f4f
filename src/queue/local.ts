import type { ClusterConfig } from "../model/cluster-config.ts";
import type { Args } from "../command/validate.ts";
import { SlackRefused, SlackUnavailable } from "../model/errors.ts";
import { isRefusal, type Refusal, type Report, type RightsQuestion } from "../model/report.ts";
import type { Local, Operation } from "../model/operation.ts";
import type { Target } from "../model/target.ts";
import type { AuditHistory, JobCacheView, RequestSummaries, RestorableView } from "../model/knowledge.ts";
import { code, type Text, t } from "../model/text.ts";
import { admit, decide, type Refused } from "../policy/decide.ts";
import { type Question, questionOf } from "../policy/question.ts";
import { accountsOf, membership } from "../policy/membership.ts";
import type { People, Person } from "../policy/person.ts";
import type { Policy } from "../policy/policy.ts";
import type { Conversation } from "../requests/ports/conversation.ts";
import type { Inbox, Said } from "../requests/ports/inbox.ts";
import type { Place } from "../requests/record/record.ts";
import { type LockingOptions, moveLock } from "./locking.ts";
import { whichScope } from "./which-cluster.ts";
import { isForAll, type Offered, postRefusal, withOffersFor } from "./audience.ts";
import { logRefusal } from "../requests/steps/log-refusal.ts";
import { intakeOf } from "./refused.ts";

export interface LocalOptions extends LockingOptions {
  clusters: readonly Pick<ClusterConfig, "name" | "zone" | "changes" | "managedBy">[];
  /** The cluster of each channel that has one. */
  channels: Readonly<Record<string, { cluster: string | null }>>;
  operations: readonly Operation[];
  commandIn(place: Place): string;
  people: People;
  conversation: Pick<Conversation, "channel" | "answer">;
  jobCache: JobCacheView;
  requests: RequestSummaries & { find(typed: string): Promise<{ requestId: string } | Refusal> };
  history: AuditHistory;
  restorable: RestorableView;
  /** Redis's clock as last measured: answers that need no data from Redis work while it is down. */
  now(): Promise<number>;
  click: Inbox["click"];
}

export interface LocalAnswers {
  /** Null: the answer was already posted to the channel. A question about rights is for a worker to answer. */
  answer(
    operation: Local<never> | Local<unknown>,
    args: Args,
    said: Omit<Said, "text"> & { post: boolean },
  ): Promise<Report | Refusal | RightsQuestion | null>;
}

/** Answers local operations in the bot itself, from Redis. */
export function createLocalAnswers(options: LocalOptions): LocalAnswers {
  const local: LocalAnswers = {
    async answer(operation: Local<unknown>, args, said) {
      const [person, channel, now] = await Promise.all([
        options.people.lookup(said.actor),
        options.conversation.channel(said.place.channel),
        options.now(),
      ]);
      const asked = { person, channel: { ...channel, id: said.place.channel }, cluster: null, now };
      const refused = refusal(options.policy, questionOf(operation, asked));
      if (refused !== null) {
        const intake = intakeOf(operation, args, { said, now });
        await logRefusal(options.store, { ...refused, intake, class: operation.class, now });
        return { refuse: refused.why };
      }
      const find = operation.find(args);
      const target = await targetOf(options, find, said);
      if ("refuse" in target) return target;
      const posting = postRefusal({ post: said.post, channel });
      if (posting.is === "may not") return posting.why;
      const may = (other: Operation): boolean => admit(options.policy, questionOf(other, asked)).is === "may";
      const answer = await operation.answer({
        args,
        target,
        actor: said.actor.user,
        channel: said.place.channel,
        now,
        catalogue: options.catalogue,
        jobCache: options.jobCache,
        requests: options.requests,
        history: options.history,
        restorable: options.restorable,
        locks: options.locks,
        operations: options.operations,
        may,
        ...standing(options.policy, person),
        command: options.commandIn(said.place),
      });
      if ("may" in answer) return answer;
      if (!("move" in answer)) {
        const { place, post } = said;
        const question = { operation: operation.name, args, find, target, place, channel, post };
        if (operation.personal === true) return answer;
        const fitted = withOffersFor(answer, question, offeredBy(options.operations, may));
        if (isRefusal(answer) || !isForAll(question)) return fitted;
        const to = { actor: said.actor, place, responseUrl: null };
        await options.conversation.answer(to, fitted, { post });
        return null;
      }
      if (answer.move !== "withdraw")
        return await moveLock(options, answer, { ...asked, said, operation, args });
      const told = await options.click({
        requestId: answer.requestId,
        kind: answer.move,
        actor: said.actor,
        digest: "",
        card: null,
      });
      if (told.is === "not counted") return { refuse: told.tell };
      return await withdrawn(options, answer.requestId);
    },
  };
  return {
    answer: async (operation, args, said) => await local.answer(operation, args, said).catch(slackTrouble),
  };
}

/** Why the person may not ask for this; null: they may. What a lock is about is decided when it is known. */
function refusal(policy: Policy, question: Question): Refused | null {
  if (question.class === "lock") {
    const admitted = admit(policy, question);
    return admitted.is === "may" ? null : admitted.why;
  }
  const decision = decide(policy, question);
  return decision.is === "refuse" ? decision : null;
}

/** Who the person is to the policy. */
function standing(policy: Policy, person: Person) {
  return {
    sets: Object.keys(policy.people).filter((set) => membership(policy, person, [set]).is === "in"),
    approving: [
      ...new Set(
        policy.rules.flatMap(({ verdict }) =>
          verdict.is === "approve" ? verdict.from.flatMap((r) => r.from) : [],
        ),
      ),
    ],
    otherAccounts: accountsOf(policy, person.user).filter((user) => user !== person.user),
    policy: policy.hash,
  };
}

function offeredBy(operations: readonly Operation[], may: (operation: Operation) => boolean): Offered {
  const named = new Map(operations.map((o) => [o.name, o]));
  const check = (name: string, is: (o: Operation) => boolean): boolean => {
    const operation = named.get(name);
    return operation === undefined || is(operation);
  };
  return {
    isView: (name) => check(name, (o) => o.class === "view"),
    may: (name) => check(name, may),
  };
}

async function withdrawn({ requests }: LocalOptions, requestId: string): Promise<Report> {
  const request = await requests.one(requestId);
  const what: Text = request === null ? "The request" : request.headline;
  const card: Text =
    request === null || request.link === null ? "" : [" ", { link: request.link, label: "Its card" }];
  return { outcome: "done", headline: t`Withdrawn: ${what}`, lines: [t`Nothing was changed.${card}`] };
}

/** Problems of Slack become a refusal: the requester cannot fix them, and the request itself was correct. */
function slackTrouble(error: unknown): Refusal {
  if (error instanceof SlackUnavailable)
    return { refuse: "Slack does not answer flinkops, so this cannot be answered. Try again in a moment." };
  if (error instanceof SlackRefused)
    return { refuse: t`Slack does not accept this answer (${code(error.reason)}).` };
  throw error;
}

async function targetOf(
  options: LocalOptions,
  find: ReturnType<Operation["find"]>,
  { place }: Pick<Said, "place">,
): Promise<Target | Refusal> {
  if (find.find === "name") {
    const scope = whichScope(options, find.name, place);
    if (isRefusal(scope)) return scope;
    const { cluster, job } = scope;
    return job === null ? { kind: "cluster", cluster } : { kind: "name", cluster, name: job };
  }
  if (find.find === "cluster" && find.cluster !== null) return { kind: "cluster", cluster: find.cluster };
  if (find.find !== "request") return { kind: "none" };
  const found = await options.requests.find(find.request);
  return "refuse" in found ? found : { kind: "request", requestId: found.requestId };
}
