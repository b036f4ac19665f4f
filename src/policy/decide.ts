import type { Operation } from "../model/operation.ts";
import type { OperationClass } from "../model/target.ts";
import { code, type Span, type Text, t } from "../model/text.ts";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import type { Person } from "./person.ts";
import type { PeopleSet, Policy } from "./policy.ts";

/** The facts that a policy decision needs. The caller has looked them up. */
export interface Question {
  operation: string;
  class: OperationClass;
  /** It changes nothing. Of class `operate` it needs an operator, and none of the rules that protect a cluster. */
  readsOnly: boolean;
  fitForManaged: boolean;
  person: Person;
  /** `unreadable`: why Slack does not return this channel, in words; null: it is readable. */
  channel: { id: string; externallyShared: boolean; unreadable: string | null };
  /** Null for operations that act on no cluster. */
  cluster: {
    name: string;
    changes: boolean;
    operatorManaged: string | null;
    managedBy: "none" | "operator" | null;
  } | null;
}

/** Who asks, where, and on which cluster. `class`: where the request is in another class than its operation. */
export interface Asked extends Pick<Question, "person" | "channel" | "cluster"> {
  class?: OperationClass;
}

/** The question whether a person may run an operation. All questions are built here. */
export const questionOf = (operation: Operation, { class: is, ...asked }: Asked): Question => ({
  ...asked,
  operation: (operation.kind === "change" ? operation.under : undefined) ?? operation.name,
  class: is ?? operation.class,
  readsOnly: operation.kind === "read",
  fitForManaged: operation.kind !== "change" || operation.fitForManaged === true,
});

/** The question whether a person may see what a request did, also where this version has no such operation. */
export const viewQuestion = (operation: string, asked: Omit<Asked, "class">): Question => ({
  ...asked,
  operation,
  class: "view",
  readsOnly: true,
  fitForManaged: true,
});

/** A refusal carries its reason, in words for the requester, and the name of the rule. */
export type Decision =
  | { is: "allow" }
  | { is: "needs approval"; needed: number; by: PeopleSet }
  | { is: "refuse"; reason: Text; rule: string };

const refuse = (rule: string, reason: Text): Decision => ({ is: "refuse", rule, reason });

/** The requester cannot fix the configuration, so the message names who can. */
const TELL = "Ask the flinkops administrators.";

/** A user group that Slack does not return, with the reason in words. */
interface UnreadableGroup {
  group: string;
  why: string;
}

/** Membership in a set of people. An unreadable group matters only where the person is in no other part of the set. */
type Membership = { is: "in" | "out" } | ({ is: "unknown" } & UnreadableGroup);

function membership(person: Person, set: PeopleSet): Membership {
  if (set.users.includes(person.user) || set.groups.some((g) => person.groups.has(g))) return { is: "in" };
  for (const group of set.groups) {
    const why = person.unreadable.get(group);
    if (why !== undefined) return { is: "unknown", group, why };
  }
  return { is: "out" };
}

const isEmpty = (set: PeopleSet): boolean => set.groups.length === 0 && set.users.length === 0;
const without = (set: PeopleSet, user: string): PeopleSet => ({
  ...set,
  users: set.users.filter((one) => one !== user),
});

/** `setting`: the configuration key that names the group. */
const groupUnreadable = ({ group, why }: UnreadableGroup, setting: string): Text =>
  t`The user group ${code(group)} of the configuration (${setting}) ${why}. ${TELL}`;

/** Whether someone else could approve. The reason is a group that cannot be read, where nobody else is in the set. */
function othersMayApprove(person: Person, set: PeopleSet): Verdict<UnreadableGroup> {
  const [group = ""] = set.groups;
  const why = person.unreadable.get(group);
  const others = set.users.some((user) => user !== person.user);
  if (why === undefined || others || set.groups.some((g) => !person.unreadable.has(g))) return MAY;
  return mayNot({ group, why });
}

/** Whether the bot talks to this account: only to full, active members of its own workspace. */
export function accountRefusal(person: Person): Verdict<Text> {
  if (person.unknown !== null)
    return mayNot(t`flinkops cannot verify your account: it ${person.unknown}. ${TELL}`);
  if (person.outsider)
    return mayNot("Only members of this workspace may use flinkops; you are from another organization.");
  if (person.deactivated) return mayNot("This account is deactivated.");
  if (person.bot) return mayNot("Bots may not use flinkops.");
  if (person.guest) return mayNot("Guests may not use flinkops.");
  return person.member ? MAY : mayNot("Only full members of this workspace may use flinkops.");
}

/** Decides whether an operation is allowed, needs approval, or is refused. The default is to refuse changes. */
export function decide(policy: Policy, q: Question): Decision {
  const account = accountRefusal(q.person);
  if (account.is === "may not") return refuse("outside", account.why);
  if (q.channel.unreadable !== null)
    return refuse("channel_unreadable", t`This channel ${q.channel.unreadable}. ${TELL}`);
  if (q.channel.externallyShared && !policy.externalChannels.includes(q.channel.id))
    return refuse(
      "external_channel",
      "This channel is shared with another organization. Use an internal channel, or ask an administrator to add this one to externalChannels.",
    );
  const set = q.class === "view" ? policy.view : policy.operate;
  if (q.class === "view") {
    if (set === null) return { is: "allow" };
    const viewer = membership(q.person, set);
    if (viewer.is === "unknown") return refuse("group_unreadable", groupUnreadable(viewer, "people.view"));
    if (viewer.is === "out") return refuse("view", t`You are not allowed to view jobs here. ${who(set)}`);
    return { is: "allow" };
  }
  const reading = q.readsOnly && q.class === "operate";
  if (set === null)
    return refuse(
      "read_only",
      reading
        ? t`Only operators may use ${code(q.operation)}, and none are configured (people.operate).`
        : "flinkops is read-only here: no operators are configured (people.operate).",
    );
  const operator = membership(q.person, set);
  if (operator.is === "unknown")
    return refuse("group_unreadable", groupUnreadable(operator, "people.operate"));
  if (operator.is === "out")
    return refuse("operate", t`You are not allowed to use ${code(q.operation)}. ${who(set)}`);
  if (reading) return { is: "allow" };
  if (q.cluster !== null && !q.cluster.changes)
    return refuse(
      "cluster_read_only",
      `Cluster ${q.cluster.name} is configured as read-only (changes: false).`,
    );
  if (q.cluster !== null && !q.fitForManaged) {
    const managed =
      q.cluster.managedBy === "operator" ||
      (q.cluster.managedBy === null && q.cluster.operatorManaged !== null);
    if (managed)
      return refuse(
        "operator_managed",
        `Cluster ${q.cluster.name} is managed by the Flink Kubernetes operator (${q.cluster.operatorManaged ?? "configured"}). Change its custom resource instead, or set managedBy: none.`,
      );
  }
  if (policy.noChanges !== undefined) return refuse("no_seal", policy.noChanges);
  const approval = q.class === "destructive" || policy.approvalAlso.includes(q.operation);
  if (!approval) return { is: "allow" };
  if (policy.approve === null || isEmpty(policy.approve))
    return refuse(
      "no_approvers",
      `${q.operation} needs another person's approval, and no approvers are configured (people.approve).`,
    );
  if (isEmpty(without(policy.approve, q.person.user)))
    return refuse(
      "no_approvers",
      `${q.operation} needs another person's approval, and you are the only approver (people.approve).`,
    );
  const others = othersMayApprove(q.person, policy.approve);
  if (others.is === "may not")
    return refuse("group_unreadable", groupUnreadable(others.why, "people.approve"));
  return { is: "needs approval", needed: 1, by: policy.approve };
}

/** Whether this person's vote counts. */
export function voteRefusal(policy: Policy, person: Person, requester: string): Verdict<Text> {
  const account = accountRefusal(person);
  if (account.is === "may not") return account;
  if (person.user === requester)
    return mayNot("You requested this, so someone else must approve it. You can withdraw it.");
  if (policy.approve === null) return mayNot("No approvers are configured.");
  const found = membership(person, policy.approve);
  if (found.is === "unknown") return mayNot(groupUnreadable(found, "people.approve"));
  return found.is === "in" ? MAY : mayNot(t`You are not allowed to approve this. ${who(policy.approve)}`);
}

/**
 * The groups whose members are needed to tell whether a user is in a set. Empty where the set lists the user itself.
 */
export const groupsOf = (set: PeopleSet | null, user: string): readonly string[] =>
  set === null || set.users.includes(user) ? [] : set.groups;

/** The members of a set as mentions. */
export function who(set: PeopleSet): Text {
  const people: Span[] = [
    ...set.groups.map((group): Span => ({ group })),
    ...set.users.map((person): Span => ({ person })),
  ];
  if (people.length === 0) return "Nobody is allowed to.";
  return ["Allowed: ", ...people.flatMap((p, i): Span[] => (i === 0 ? [p] : [", ", p])), "."];
}
