import { isTyped, type Operation } from "../../src/model/operation.ts";
import { operations } from "../../src/operations/index.ts";
import { aJob, type FakeFlinkReads, plannedAs } from "../fakes/flink-reads.ts";
import { anEntry } from "../fakes/knowledge.ts";
import { failed, type House, OLD_STATE } from "./house.ts";
import { SOMEBODY_ELSE, type Somebody } from "./people.ts";

/** What somebody types, and how the world has to be for it. */
export interface Saying {
  /** In the tables. */
  name: string;
  /** The class of its operation, or the class that it is in. */
  class: string;
  text: string;
  /** The request of the requester waits; its id replaces `<request>`. */
  needsRequest?: true;
  /** Before it is typed; `by`: who types it. */
  arrange?: (house: House, by: Somebody) => Promise<void> | void;
}

type Arranged = Pick<Saying, "text"> & Partial<Pick<Saying, "needsRequest" | "arrange">>;

/** `orders` does not run, so that it may be started. */
const whileFailed = (text: string): Arranged => ({ text, arrange: ({ test }) => failed(test.reads) });

const whileLocked = (text: string): Arranged => ({
  text,
  arrange: async (house) => await house.locked(SOMEBODY_ELSE),
});

/** The catalog says how `orders` is rehearsed. */
function rehearsable({ known, reads }: House["test"]): void {
  const rehearsal = { args: ["{name}"], digests: ["of it"] as const, parallelism: 1, healthyWithin: null };
  known.catalogue = { ...known.catalogue, entries: [anEntry({ rehearsal })] };
  reads.thePlan = ({ as, parallelism }) => plannedAs(aJob().vertices, parallelism, as);
}

const LOGS: FakeFlinkReads["theLogs"] = {
  jobmanager: { is: "read", entries: [], bytes: 0, whole: true, ended: false },
};

/**
 * What is typed for an operation whose first example is not possible in the world of this test. A new operation needs
 * nothing here if its first example works on a cluster `prod` with a running job `orders`.
 */
const ARRANGED: Readonly<Record<string, Arranged>> = {
  logs: { text: "logs orders", arrange: ({ test }) => void (test.reads.theLogs = LOGS) },
  run: whileFailed("run orders"),
  rehearse: { text: "rehearse orders", arrange: ({ test }) => rehearsable(test) },
  "rehearsed-restart": { text: "restart orders --rehearse", arrange: ({ test }) => rehearsable(test) },
  resume: whileFailed("resume orders"),
  rollback: { text: `rollback orders --from ${OLD_STATE}` },
  dispose: { text: `dispose ${OLD_STATE}` },
  unlock: { text: "unlock prod/orders", arrange: async (house, by) => await house.locked(by) },
  withdraw: { text: "withdraw <request>", needsRequest: true },
  "savepoint-all": { text: "savepoint --all --cluster prod" },
  "stop-all": { text: "stop --all --cluster prod" },
};

/** Arguments that lead to another decision than the operation without them. */
const MORE: readonly Saying[] = [
  { name: "scale --wait-for-slots", class: "destructive", text: "scale orders 8 --wait-for-slots" },
  { name: "run --from none", class: "destructive", ...whileFailed("run orders --from none") },
  { name: "unlock, of someone else's lock", class: "lock", ...whileLocked("unlock prod/orders") },
  { name: "stop, while someone else has locked it", class: "destructive", ...whileLocked("stop orders") },
  ...["stop orders", "cancel orders", "scale orders 4"].map((text) => ({
    name: `${text.split(" ")[0]} --break-glass`,
    class: "break-glass",
    text: `${text} --break-glass pager`,
  })),
  { name: "run --break-glass", class: "break-glass", ...whileFailed("run orders --break-glass pager") },
  { name: "rollback --break-glass", class: "break-glass", text: "rollback orders --break-glass pager" },
  {
    name: "stop --break-glass, while someone else has locked it",
    class: "break-glass",
    ...whileLocked("stop orders --break-glass pager"),
  },
  {
    name: "stop --break-glass, while nobody has reviewed the use before",
    class: "break-glass",
    text: "stop orders --break-glass pager",
    arrange: async (house, by) => void (await house.used(by)),
  },
  { name: "stop --dry-run", class: "dry run", text: "stop orders --dry-run" },
  { name: "savepoint --dry-run", class: "dry run", text: "savepoint orders --dry-run" },
];

const shown = (operation: Operation): string =>
  isTyped(operation)
    ? operation.name
    : operation.name.replace("-all", " --all").replace("rehearsed-restart", "restart --rehearse");

/** Everything that is typed, operation by operation. */
export const SAYINGS: readonly Saying[] = [
  ...operations.map((operation) => ({
    name: shown(operation),
    class: operation.class,
    text: operation.examples[0] ?? operation.name,
    ...ARRANGED[operation.name],
  })),
  ...MORE,
];
