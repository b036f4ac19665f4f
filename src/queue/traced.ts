import type { Telemetry } from "bullmq";
import type { Traces } from "../model/traces.ts";
import type { Stepping } from "../requests/ports/engine.ts";
import type { Answer, Inbox, Said } from "../requests/ports/inbox.ts";
import { requestIdOf } from "../requests/record/identity.ts";
import type { Intake } from "../requests/record/record.ts";

/** BullMQ's own spans; undefined: nothing is traced. */
export type QueueTelemetry = Telemetry | undefined;

/** What begins or moves a request from Slack, traced. No span is open while a request waits for people. */
export const traced = (
  inbox: Pick<Inbox, "say" | "press" | "click">,
  traces: Traces,
): Pick<Inbox, "say" | "press" | "click"> => ({
  say: async (said) => await begun(traces, { name: "command", of: said }, async () => await inbox.say(said)),
  press: async (pressed) =>
    await begun(traces, { name: "press", of: pressed }, async () => await inbox.press(pressed)),
  click: async (click) => {
    const { requestId, kind } = click;
    return await traces.work({ requestId, as: "part" }, { name: kind }, async () => {
      const clicked = await inbox.click(click);
      traces.note({ "flinkops.click": clicked.is });
      return clicked;
    });
  },
});

/** With this a request begins, if it is accepted. */
const begun = async (
  traces: Traces,
  { name, of: { actor, source } }: { name: string; of: Pick<Said, "actor" | "source"> },
  run: () => Promise<Answer>,
): Promise<Answer> =>
  await traces.work({ requestId: requestIdOf(actor.team, source), as: "first" }, { name }, async () => {
    const answer = await run();
    traces.note({ "flinkops.answer": answer.is });
    return answer;
  });

/** The steps of requests, traced. */
export const tracedStep =
  (step: Stepping, traces: Traces): Stepping =>
  async (intake, last) => {
    const { requestId, operation, cluster } = intake;
    const facts = { "flinkops.operation": operation, "flinkops.cluster": cluster };
    return await traces.work(
      { requestId, as: "part" },
      { name: "step", facts },
      async () => await step(intake, last),
    );
  };

/** Begins the traces of requests that another request started; each is linked to the one of that request. */
export async function traceSpawned(intakes: readonly Intake[], traces: Traces): Promise<void> {
  for (const { requestId, parent, operation } of intakes)
    await traces.work(
      { requestId, as: "first", startedBy: parent },
      { name: "spawn", facts: { "flinkops.operation": operation } },
      async () => await Promise.resolve(),
    );
}
