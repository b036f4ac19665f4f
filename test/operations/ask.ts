import { parse } from "../../src/command/parse.ts";
import { operations } from "../../src/operations/index.ts";
import type { FlinkReads } from "../../src/model/flink-reads.ts";
import { isRefusal, type Refusal, type Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { FakeKnowledge } from "../fakes/knowledge.ts";
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
  if (isRefusal(answer)) return words(answer);
  const rows = (answer.table?.rows ?? []).map((row) => row.map(plain).join(" | "));
  return [plain(answer.headline), ...answer.lines.map(plain), ...rows].join("\n");
}
