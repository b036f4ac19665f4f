import { plain } from "../model/text.ts";
import type { Refused } from "../policy/decide.ts";
import { auditLine } from "../requests/record/audit.ts";
import type { Intake, RequestRecord } from "../requests/record/record.ts";
import type { Store } from "../requests/record/store.ts";
import type { Args } from "../command/validate.ts";
import type { Operation } from "../model/operation.ts";
import type { Said } from "../requests/ports/inbox.ts";
import { requestIdOf } from "../requests/record/identity.ts";
import { draftOf } from "../requests/steps/consider.ts";

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
  const detail = { rule, headline: plain(why), outcome: "failed" };
  const happened = { at: now, actor: intake.actor.user, detail };
  await store.commit([], { audit: [auditLine(draftOf(intake, is), "refused", happened)] });
}

/** What a worker would get to do. It acts on no cluster. */
export const intakeOf = (
  { name }: Operation,
  args: Args,
  { said, now }: { said: Omit<Said, "text">; now: number },
): Intake => ({
  v: 1,
  requestId: requestIdOf(said.actor.team, said.source),
  operation: name,
  args,
  cluster: "",
  find: "cluster",
  job: "",
  bound: null,
  actor: said.actor,
  place: said.place,
  reason: null,
  askedAt: now,
  parent: null,
});
