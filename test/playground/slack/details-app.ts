import type { BlockAction, SlackViewAction } from "@slack/bolt";
import { FLINK_OPS } from "../../../playground/slack/workspace-seed.ts";
import { connect, type Stage } from "./harness.ts";

const plain = (text: string) => ({ type: "plain_text" as const, text });
const button = (id: string, label: string) => ({
  type: "button" as const,
  action_id: id,
  value: id,
  text: plain(label),
});
const cells = (...texts: string[]) => texts.map((text) => ({ type: "raw_text" as const, text }));

/** A list of one job. */
export const jobsTable = {
  type: "table" as const,
  rows: [cells("job", "state"), cells("orders", "RUNNING")],
};

/** A modal with each kind of text, a field and a button. */
const details = (state: string) => ({
  type: "modal" as const,
  callback_id: "details",
  private_metadata: "r1",
  notify_on_close: true,
  title: plain("Details"),
  submit: plain("Send"),
  blocks: [
    { type: "section" as const, text: { type: "mrkdwn" as const, text: `*orders* is ${state}` } },
    { type: "context" as const, elements: [{ type: "mrkdwn" as const, text: "requested by Ana" }] },
    {
      type: "rich_text" as const,
      elements: [
        {
          type: "rich_text_preformatted" as const,
          elements: [{ type: "text" as const, text: "s3://savepoints/_entropy_/1" }],
        },
      ],
    },
    {
      type: "input" as const,
      block_id: "reason",
      label: plain("Reason"),
      element: { type: "plain_text_input" as const, action_id: "text", multiline: true },
    },
    { type: "actions" as const, block_id: "more", elements: [button("refresh", "Refresh")] },
  ],
});

/** What a Bolt app heard of its modal. */
export interface DetailsApp {
  /** Of Refresh, inside the modal. */
  clicks: BlockAction[];
  closings: SlackViewAction[];
  /** What was typed when it was submitted. */
  reasons: string[];
  /** Posts a card: a table, and the button Details. */
  post(): Promise<void>;
  /** Shows the first version of a modal once more. */
  showAgain(view: { view_id: string; hash: string }): Promise<unknown>;
}

/** An app whose card has a button Details. Its modal is updated by Refresh and wants a reason of five letters. */
export const startDetailsApp = async (stage: Stage): Promise<DetailsApp> => {
  const heard: Pick<DetailsApp, "clicks" | "closings" | "reasons"> = {
    clicks: [],
    closings: [],
    reasons: [],
  };
  await connect(stage, (app) => {
    app.action<BlockAction>("details", async ({ body, ack, client }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: details("RUNNING") });
    });
    app.action<BlockAction>("refresh", async ({ body, ack, client }) => {
      heard.clicks.push(body);
      await ack();
      const { id, hash } = body.view ?? {};
      if (id === undefined || hash === undefined) throw new Error("no view in the payload");
      await client.views.update({ view_id: id, hash, view: details("FAILED") });
    });
    app.view("details", async ({ ack, view }) => {
      const reason = view.state.values["reason"]?.["text"]?.value ?? "";
      heard.reasons.push(reason);
      if (reason.length < 5) await ack({ response_action: "errors", errors: { reason: "Say more." } });
      else await ack();
    });
    app.view({ callback_id: "details", type: "view_closed" }, async ({ body, ack }) => {
      heard.closings.push(body);
      await ack();
    });
  });
  return {
    ...heard,
    async post() {
      const blocks = [jobsTable, { type: "actions", elements: [button("details", "Details")] }];
      await stage.client.apiCall("chat.postMessage", { channel: FLINK_OPS, text: "card", blocks });
    },
    showAgain: async (view) =>
      await stage.client.apiCall("views.update", { ...view, view: details("RUNNING") }),
  };
};
