import { type Text, t } from "../model/text.ts";
import { frozen } from "./freeze.ts";
import { accountRefusal, TELL } from "./membership.ts";
import type { Policy } from "./policy.ts";
import type { Question } from "./question.ts";
import { type Refused, refuse } from "./refused.ts";

/** Account and channel: what holds for every operation. */
export function placeRefusal(policy: Policy, { person, channel }: Question): Refused | null {
  const account = accountRefusal(person);
  if (account.is === "may not") return refuse("outside", account.why);
  if (channel.unreadable !== null)
    return refuse("channel_unreadable", t`This channel ${channel.unreadable}. ${TELL}`);
  if (channel.externallyShared && !policy.externalChannels.includes(channel.id))
    return refuse(
      "external_channel",
      "This channel is shared with another organization. Use an internal channel, or ask an administrator to add this one to externalChannels.",
    );
  return null;
}

/** Reads of class `operate` need an operator, but change nothing. */
export const changesSomething = (q: Question): boolean =>
  q.class === "destructive" || (q.class === "operate" && !q.readsOnly);

/** What protects a cluster from every change, whatever the rules say. */
export function clusterRefusal(policy: Policy, q: Question): Refused | null {
  if (!changesSomething(q)) return null;
  const { cluster } = q;
  if (cluster !== null && !cluster.changes)
    return refuse(
      "cluster_read_only",
      `Cluster ${cluster.name} is configured as read-only (changes: false).`,
    );
  if (cluster !== null && !q.fitForManaged) {
    const { managedBy, operatorManaged } = cluster;
    if (managedBy === "operator" || (managedBy === null && operatorManaged !== null))
      return refuse(
        "operator_managed",
        `Cluster ${cluster.name} is managed by the Flink Kubernetes operator (${operatorManaged ?? "configured"}). Change its custom resource instead, or set managedBy: none.`,
      );
  }
  return policy.noChanges === undefined ? null : refuse("no_seal", policy.noChanges);
}

/** Begins the name of every freeze in decisions. No rule can have it. */
export const FREEZE = "freeze ";

/** Whether a freeze has refused it. */
export const isFreeze = ({ rule }: Refused): boolean => rule.startsWith(FREEZE);

/** The freeze that holds now, if the operation is none of its exceptions. */
export function freezeRefusal({ freezes }: Policy, { operation, cluster, now }: Question): Refused | null {
  if (cluster === null) return null;
  const verdict = frozen(freezes, { operation, cluster: cluster.name, now });
  if (verdict.is === "may") return null;
  const { freeze, until } = verdict.why;
  const why = freeze.why === null ? "" : ` (${freeze.why})`;
  const still: Text = freeze.except.length === 0 ? "" : t` Still possible: ${freeze.except.join(", ")}.`;
  return refuse(
    `${FREEZE}${freeze.name}`,
    t`Changes of ${cluster.name} are frozen until ${{ at: until }}: ${freeze.name}${why}.${still}`,
  );
}
