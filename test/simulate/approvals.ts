import { plain } from "../../src/model/text.ts";
import type { Judge } from "./judge.ts";
import type { Outsider } from "./outsider.ts";
import type { World } from "./world.ts";

const REMINDER = /has been waiting for approval for(?!.*Escalated)/u;
const ESCALATION = /Escalated to you/u;

/** What people were told about their approvals, once nothing moves any more. */
export function judgeApprovals(
  world: World,
  { judge, outsider }: { judge: Judge; outsider: Outsider },
): void {
  for (const id of world.store.records.keys()) {
    const record = world.store.record(id);
    if (record?.end == null || outsider.hasChanged(id)) continue;
    const { ending, report } = record.end;
    const reminders = world.slack.posted.filter((p) => p.requestId === id && REMINDER.test(p.words));
    if (reminders.length > 1)
      judge.say("d", `the approvers of ${id} were reminded ${reminders.length} times`);
    if (reminders.some((r) => r.record.state !== "awaiting"))
      judge.say("d", `the approvers of ${id} were reminded after it was decided`);
    const escalations = world.slack.posted.filter((p) => p.requestId === id && ESCALATION.test(p.words));
    if (escalations.length > (record.approval?.escalations?.length ?? 0))
      judge.say("d", `${id} was escalated ${escalations.length} times`);
    if (escalations.some((e) => e.record.state !== "awaiting"))
      judge.say("d", `${id} was escalated after it was decided`);
    const why = record.approval?.votes.at(-1)?.reason;
    const replies = world.slack.posted.filter((p) => p.requestId === id && p.thread !== null);
    if (ending !== "denied" || why === undefined) continue;
    if (!plain(report.headline).endsWith(`: ${why}`))
      judge.say("d", `${id} was denied, and nobody reads why`);
    if (replies.length > 0 && !replies.some((r) => r.words.includes(why)))
      judge.say("d", `${id} was denied, and its requester is not told why`);
  }
}
