import type { Telemetry } from "bullmq";
import type { Traces } from "../model/traces.ts";
import type { Inbox } from "../requests/ports/inbox.ts";
import { requestIdOf } from "../requests/record/identity.ts";
import type { Intake } from "../requests/record/record.ts";

/** BullMQ's own spans; undefined: nothing is traced. */
export type QueueTelemetry = Telemetry | undefined;

/** What begins or moves a request from Slack, traced. No span is open while a request waits for people. */
export const traced = (
  inbox: Pick<Inbox, "say" | "press" | "click">,
  traces: Traces,
): Pick<Inbox, "say" | "press" | "click"> => ({
  say: async (said) => {
    const requestId = requestIdOf(said.actor.team, said.source);
    return await traces.work({ requestId, as: "first" }, { name: "command" }, async () => {
      const answer = await inbox.say(said);
      traces.note({ "flinkops.answer": answer.is });
      return answer;
    });
  },
  press: async (pressed) => {
    const requestId = requestIdOf(pressed.actor.team, pressed.source);
    const facts = { "flinkops.operation": pressed.operation };
    return await traces.work({ requestId, as: "first" }, { name: "press", facts }, async () => {
      const answer = await inbox.press(pressed);
      traces.note({ "flinkops.answer": answer.is });
      return answer;
    });
  },
  click: async (click) => {
    const { requestId, kind } = click;
    return await traces.work({ requestId, as: "part" }, { name: kind }, async () => {
      const clicked = await inbox.click(click);
      traces.note({ "flinkops.click": clicked.is });
      return clicked;
    });
  },
});

/** The steps of requests, traced. */
export const tracedStep =
  <T>(step: (intake: Intake) => Promise<T>, traces: Traces) =>
  async (intake: Intake): Promise<T> => {
    const { requestId, operation, cluster } = intake;
    const facts = { "flinkops.operation": operation, "flinkops.cluster": cluster };
    return await traces.work(
      { requestId, as: "part" },
      { name: "step", facts },
      async () => await step(intake),
    );
  };

/** Starts requests of other requests, with a trace each that is linked to the one that started it. */
export const tracedSpawn =
  (add: (intakes: readonly Intake[]) => Promise<void>, traces: Traces) =>
  async (intakes: readonly Intake[]): Promise<void> => {
    await add(intakes);
    for (const { requestId, parent, operation } of intakes)
      await traces.work(
        { requestId, as: "first", startedBy: parent },
        { name: "spawn", facts: { "flinkops.operation": operation } },
        async () => await Promise.resolve(),
      );
  };
