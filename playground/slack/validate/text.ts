import { z } from "zod";

// Limits: https://docs.slack.dev/reference/block-kit and the JSDoc of @slack/types 3.2.

/** A `plain_text` object of 1 to `max` characters. */
export const plainText = (max: number) =>
  z.strictObject({
    type: z.literal("plain_text"),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });

/** A `mrkdwn` object of 1 to `max` characters; it takes no `emoji`. */
export const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal("mrkdwn"),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });

/** Either of the two text objects. */
export const anyText = (max: number) => z.discriminatedUnion("type", [plainText(max), mrkdwn(max)]);

/** An id that an app gives to an action, a block or a view. */
export const givenId = z.string().min(1).max(255);

/** The two colours a button or a dialog may have. */
export const colourScheme = z.enum(["primary", "danger"]);

/** https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
export const confirmDialog = z.strictObject({
  title: plainText(100).optional(),
  text: anyText(300),
  confirm: plainText(30).optional(),
  deny: plainText(30).optional(),
  style: colourScheme.optional(),
});

/** An option of a select menu; its text is plain. */
export const plainOption = z.strictObject({
  text: plainText(75),
  value: z.string().min(1).max(150),
  description: plainText(75).optional(),
  url: z.url().max(3000).optional(),
});

/** An option of radio buttons and checkboxes; its text may be formatted. */
export const anyOption = z.strictObject({
  text: anyText(75),
  value: z.string().min(1).max(150),
  description: anyText(75).optional(),
});
