import type { ChangeFacts } from "../model/change-facts.ts";
import { isFitForBreakGlass, type Operation, shownName } from "../model/operation.ts";
import type { OperationClass } from "../model/target.ts";
import type { Person } from "./person.ts";

/** A job that a request acts on. `labels` come from the catalog; empty where it does not name the job. */
export interface JobFacts {
  name: string;
  labels: Readonly<Record<string, string>>;
}

/** The facts that a policy decision needs. The caller has looked them up. */
export interface Question {
  operation: string;
  class: OperationClass;
  /** It changes nothing. Of class `operate` it needs an operator, and none of the rules that protect a cluster. */
  readsOnly: boolean;
  fitForManaged: boolean;
  /** Whether rules for break-glass may be about it. */
  fitForBreakGlass: boolean;
  /** The person wants it at once: without approval, and during a freeze. */
  breakGlass: boolean;
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
  /** The jobs that it acts on, each of which is decided; empty: it acts on none, or on something else. */
  jobs: readonly JobFacts[];
  change: ChangeFacts;
  /** ms by Redis's clock. */
  now: number;
}

/** Who asks, when and where, and on which cluster. `class`: where the request is in another class than its operation. */
export interface Asked extends Pick<Question, "person" | "channel" | "cluster" | "now"> {
  class?: OperationClass;
  jobs?: readonly JobFacts[];
  change?: ChangeFacts;
  breakGlass?: boolean;
}

/** The question whether a person may run an operation. All questions are built here. */
export const questionOf = (
  operation: Operation,
  { class: is, jobs = [], change = {}, breakGlass = false, ...asked }: Asked,
): Question => ({
  ...asked,
  jobs,
  change,
  breakGlass,
  operation: shownName(operation),
  class: is ?? operation.class,
  readsOnly: operation.kind === "read",
  fitForManaged: operation.kind !== "change" || operation.fitForManaged === true,
  fitForBreakGlass: isFitForBreakGlass(operation),
});

/** Whether an operation acts on a cluster. Answers from Redis alone do not, but locks lock one. */
export const actsOnCluster = ({ kind, class: is }: Operation): boolean => kind !== "local" || is === "lock";

/** The name under which rules decide who may see the details of a request. It is no operation. */
export const DETAILS = "details";

/** The question whether a person may see what a request did, whatever it did. */
export const detailsQuestion = (asked: Omit<Asked, "class" | "change" | "breakGlass">): Question => ({
  jobs: [],
  ...asked,
  change: {},
  operation: DETAILS,
  class: "view",
  readsOnly: true,
  fitForManaged: true,
  fitForBreakGlass: false,
  breakGlass: false,
});
