import { plain } from "../../model/text.ts";
import type { Refused } from "../../policy/decide.ts";
import { auditLine } from "../record/audit.ts";
import type { Intake, RequestRecord } from "../record/record.ts";
import type { Store } from "../record/store.ts";
import { draftOf } from "./consider.ts";

/** What was refused, when, and by which rule. `class`: of its operation. */
interface RefusedRequest extends Pick<Refused, "rule" | "why"> {
  intake: Intake;
  class: RequestRecord["class"];
  now: number;
}

/** Writes to the audit log that the policy refused something that has no record. */
export async function logRefusal(
  store: Pick<Store, "commit">,
  { intake, class: is, rule, why, now }: RefusedRequest,
): Promise<void> {
  // the outcome marks the end of a request, also of one without a record
  const { dryRun } = intake;
  const detail = { rule, headline: plain(why), outcome: "failed", ...(dryRun !== undefined && { dryRun }) };
  const happened = { at: now, actor: intake.actor.user, detail };
  await store.commit([], { audit: [auditLine(draftOf(intake, is), "refused", happened)] });
}
