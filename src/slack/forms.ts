import type { Text } from "../model/text.ts";
import { REASON } from "./deny.ts";

/** What is wrong with the fields of a form, by block id. The form stays open. */
export interface FieldErrors {
  response_action: "errors";
  errors: Record<string, string>;
}

/** Told where Slack refuses a window. */
export const notOpened = (label: string): Text =>
  `Slack did not open the window: it waits 3 s at most for it. Nothing was changed. Press ${label} again.`;

/** Says that a form cannot be read. */
export const OTHER_FORM =
  "This form is from another version or deployment of flinkops. Nothing was changed. Close it and press the button again.";

/** What is wrong with one field. */
export const wrongField = (problem: string, field: string = REASON): FieldErrors => ({
  response_action: "errors",
  errors: { [field]: problem },
});
