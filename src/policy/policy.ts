import type { Text } from "../model/text.ts";
import type { OperationClass } from "../model/target.ts";
import type { Condition } from "./condition.ts";
import type { Freeze } from "./freeze.ts";

/** A set of people: Slack user groups and user ids. */
export interface PeopleSet {
  groups: readonly string[];
  users: readonly string[];
}

/** How many distinct people of some named sets must approve. */
export interface Requirement {
  /** Names of sets; a person who is in any of them counts. */
  from: readonly string[];
  count: number;
}

/** What a request must be like for a rule to decide it. An absent part matches everything. */
export interface Match {
  /** Patterns of names, in which `*` stands for any characters. */
  clusters?: readonly string[];
  /** Patterns of job names. A request that acts on a whole cluster matches none. */
  jobs?: readonly string[];
  operations?: readonly string[];
  classes?: readonly OperationClass[];
  /** Channel ids. */
  channels?: readonly string[];
}

/** How a rule decides. */
export type RuleVerdict =
  | { is: "allow" }
  | { is: "refuse"; why: Text }
  | {
      is: "approve";
      from: readonly Requirement[];
      /** How long the approval may take, ms; null: as configured for all. */
      within: number | null;
      /** When approvers are reminded, ms after they were asked; null: when a third of the time is left. */
      remind: number | null;
      /** Who is mentioned besides, and when, ms after the request was made; null: nobody. */
      escalate: { after: number; to: string } | null;
    };

/** The first rule that matches a request decides it. */
export interface Rule {
  name: string;
  match: Match;
  /** A further condition on the resolved request; null: none. */
  when: Condition | null;
  /** Names of the sets whose members may ask; null: every full member. */
  ask: readonly string[] | null;
  verdict: RuleVerdict;
}

/** Who may start a change without approval and during a freeze. The first rule that matches a request decides. */
export interface BreakGlassRule {
  name: string;
  /** Clusters and operations. */
  match: Match;
  /** Names of the sets whose members may. */
  people: readonly string[];
  /** Names of the sets of which another person reviews it afterwards. */
  review: readonly string[];
  /** Id of the channel where it is announced before it starts; null: where it was requested. */
  announce: string | null;
}

/** The permissions: who may ask for what, and who has to approve it. */
export interface Policy {
  /** `simple`: expanded from `people` and `approvalAlso`. It decides the words of a refusal, nothing else. */
  form: "simple" | "rules";
  /** The named sets, without sets inside them. */
  people: Readonly<Record<string, PeopleSet>>;
  /** Accounts that belong to one person. */
  same: readonly (readonly string[])[];
  rules: readonly Rule[];
  freezes: readonly Freeze[];
  breakGlass: readonly BreakGlassRule[];
  /** Clusters where destructive operations may be allowed without approval. */
  devClusters: readonly string[];
  /** Why all changes are refused, in words; undefined: there is no such reason. */
  noChanges?: string;
  /** Why destructive operations are refused, in words; undefined: there is no such reason. */
  nothingDestructive?: string;
  /** Ids of channels shared with another organisation in which the bot may answer. */
  externalChannels: readonly string[];
  /** Identifies everything above that decides: bot and workers with equal policies have equal hashes. 12 hex digits. */
  hash: string;
}
