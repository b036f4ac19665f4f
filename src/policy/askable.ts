import { isFitForBreakGlass, type Operation, shownName } from "../model/operation.ts";
import type { OperationClass } from "../model/target.ts";
import { actsOnCluster, DETAILS } from "./question.ts";

/** What rules can be about: an operation under the name by which it is decided. */
export interface Askable {
  name: string;
  /** The classes that a request for it may be in. */
  classes: readonly OperationClass[];
  /** Whether such a request acts on a cluster. Some answers come from Redis alone and act on none. */
  onCluster: "always" | "never" | "sometimes";
  is: "change" | "read";
  /** Whether rules for break-glass may name it. */
  fitForBreakGlass: boolean;
}

/** A change that is usually harmless may turn out destructive, such as a start from old state. */
const classesOf = ({ kind, class: own }: Operation): readonly OperationClass[] =>
  kind === "change" && own === "operate" ? ["operate", "destructive"] : [own];

/** Everything that people can ask for, by the names that rules use. */
export function askable(operations: readonly Operation[]): readonly Askable[] {
  const all = new Map<string, Askable>([
    [
      DETAILS,
      { name: DETAILS, classes: ["view"], onCluster: "sometimes", is: "read", fitForBreakGlass: false },
    ],
  ]);
  for (const operation of operations) {
    // an alias becomes the operation that it stands for before anything is decided
    if (operation.kind === "alias") continue;
    const name = shownName(operation);
    const classes = [...(all.get(name)?.classes ?? []), ...classesOf(operation)];
    all.set(name, {
      name,
      classes: [...new Set(classes)],
      onCluster: actsOnCluster(operation) ? "always" : "never",
      is: operation.kind === "change" ? "change" : "read",
      fitForBreakGlass: isFitForBreakGlass(operation),
    });
  }
  return [...all.values()];
}

/** Names of the operations that change something at Flink. */
export const changeNames = (all: readonly Askable[]): readonly string[] =>
  all.filter((one) => one.is === "change" && !one.classes.every((c) => c === "view")).map(({ name }) => name);
