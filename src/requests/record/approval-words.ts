import type { Span, Text } from "../../model/text.ts";
import { filled, inAll } from "../../policy/approval.ts";
import { type Approval, type RequestRecord, type RequiredApproval, requirementsOf } from "./record.ts";

type Members = RequiredApproval["by"];

/** At most so many members of a set are named; user groups come first. */
const MOST_NAMED = 5;

/** Whoever of a set may decide: "@leads or @Olga". */
export function anyOf({ groups, users }: Members): readonly Span[] {
  const all: Span[] = [...groups.map((group) => ({ group })), ...users.map((person) => ({ person }))];
  if (all.length === 0) return ["nobody"];
  const more = all.length - MOST_NAMED;
  const named = all.slice(0, MOST_NAMED).flatMap((one, i): Span[] => (i === 0 ? [one] : [" or ", one]));
  return more > 0 ? [...named, ` or ${more} more`] : named;
}

/** What a request with break-glass goes without, besides an approval, as it was announced; undefined: nothing. */
export const goesWithout = ({
  breakGlass,
  intent: { lacks },
}: Pick<RequestRecord, "breakGlass" | "intent">): string | undefined =>
  breakGlass === undefined ? undefined : lacks?.what;

/** The same as its card and its announcement say it, with the approval. */
export function withoutWhat(record: Pick<RequestRecord, "breakGlass" | "intent">): string {
  const more = goesWithout(record);
  return more === undefined ? "without approval" : `without approval and without ${more}`;
}

/** "2 of @leads, 1 of @security"; where everybody of a set is needed, their names alone. */
export const listed = (required: readonly RequiredApproval[]): Text =>
  required.flatMap((r, i): Span[] => {
    const isEverybody = r.by.groups.length === 0 && r.by.users.length === r.count;
    const who = isEverybody ? allOf(r.by.users) : [`${r.count} of `, ...anyOf(r.by)];
    return i === 0 ? who : [", ", ...who];
  });

const allOf = (users: readonly string[]): Span[] =>
  users.flatMap((person, i): Span[] => (i === 0 ? [{ person }] : [" and ", { person }]));

/** Everything that is needed, whatever has been given. */
export const neededInAll = (approval: Approval): readonly RequiredApproval[] =>
  inAll(requirementsOf(approval));

/** Whether one approval of one list is all that it takes, as most policies ask. */
export const isOne = (approval: Approval): boolean =>
  approval.needed === 1 && neededInAll(approval).length === 1;

/**
 * What the votes have not filled yet. Second accounts need no care here: the vote of one has been refused when it was
 * given.
 */
export function stillNeeded(approval: Approval): readonly RequiredApproval[] {
  const approved = approval.votes.filter((v) => v.kind === "approve");
  const approvers = approved.map((v) => ({ user: v.actor.user, in: v.in }));
  return filled({ same: [] }, requirementsOf(approval), approvers).missing;
}

/** Whom to mention of a set: its groups, or some of its users where it has none. */
export const mentionOf = ({ groups, users }: Members): Members => ({
  groups,
  users: groups.length === 0 ? users.slice(0, MOST_NAMED) : [],
});

/** Whom to mention for all of these. */
export function membersOf(required: readonly RequiredApproval[]): Members {
  const all = required.map(({ by }) => mentionOf(by));
  return {
    users: [...new Set(all.flatMap(({ users }) => users))],
    groups: [...new Set(all.flatMap(({ groups }) => groups))],
  };
}
