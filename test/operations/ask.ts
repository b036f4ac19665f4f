import { scopeName } from "../../src/model/lock.ts";
import { parse } from "../../src/command/parse.ts";
import { operations } from "../../src/operations/index.ts";
import type { FlinkReads } from "../../src/model/flink-reads.ts";
import type { RequestSummaries } from "../../src/model/knowledge.ts";
import type { LocalContext } from "../../src/model/operation.ts";
import { isRefusal, type Refusal, type Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { directoryOf, FakeKnowledge, restorableOf } from "../fakes/knowledge.ts";
import { words } from "./drive.ts";

/** A read on a cluster, mostly the fake one, from the words a person typed. */
export async function asked(
  text: string,
  flink: FlinkReads,
  known = new FakeKnowledge(),
): Promise<Report | Refusal> {
  const parsed = parse(text, operations);
  if (parsed.is === "problem") return parsed.refusal;
  if (parsed.operation.kind !== "read") throw new Error(`${parsed.operation.name} is no read`);
  const find = parsed.operation.find(parsed.args);
  const target =
    find.find === "cluster"
      ? ({ kind: "cluster", cluster: "prod" } as const)
      : ({ kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" } as const);
  const { args } = parsed;
  return await parsed.operation.read({ args, target, actor: "U1", requestId: "r", now: T0, flink, known });
}

/** The answer as its lines; a refusal as its own. */
export async function told(text: string, flink: FlinkReads, known?: FakeKnowledge): Promise<string> {
  const answer = await asked(text, flink, known);
  return isRefusal(answer) ? words(answer) : linesOf(answer);
}

function linesOf(report: Report): string {
  const rows = (report.table?.rows ?? []).map((row) => row.map(plain).join(" | "));
  return [plain(report.headline), ...report.lines.map(plain), ...rows].join("\n");
}

/** The requests that Redis has: none, unless a test says otherwise. */
export const summariesOf = (over: Partial<RequestSummaries> = {}): RequestSummaries => ({
  recent: async () => [],
  one: async () => null,
  ...over,
});

/** An answer from Redis alone, from the words a person typed. `over`: what Redis has, and who asks. */
export async function answerTo(text: string, over: Partial<LocalContext<unknown>> = {}) {
  const parsed = parse(text, operations);
  if (parsed.is === "problem") return parsed.refusal;
  if (parsed.operation.kind !== "local") throw new Error(`${parsed.operation.name} asks Flink`);
  return await parsed.operation.answer({
    args: parsed.args,
    target: { kind: "none" },
    actor: "U1",
    channel: "C1",
    now: T0,
    jobCache: directoryOf([]),
    requests: summariesOf(),
    catalogue: { entries: [], anyJarOn: [] },
    history: { past: async () => ({ requests: [], isAll: true, isWhole: true }) },
    restorable: restorableOf([]),
    locks: { all: async () => [] },
    operations,
    may: () => true,
    sets: [],
    approving: [],
    otherAccounts: [],
    policy: "0123456789ab",
    command: "/flink",
    ...over,
  });
}

/**
 * The same as its lines; a refusal as its own, a move of a request as its name and the id, a question about rights
 * as its command. */
export async function answered(text: string, over?: Partial<LocalContext<unknown>>): Promise<string> {
  const answer = await answerTo(text, over);
  if (isRefusal(answer)) return words(answer);
  if ("may" in answer) return `may ${answer.may}`;
  if (!("move" in answer)) return linesOf(answer);
  return "requestId" in answer
    ? `${answer.move} ${answer.requestId}`
    : `${answer.move} ${scopeName(answer.scope)}`;
}
