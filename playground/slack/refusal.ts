import type { JsonObject } from "./state.ts";

/** An `ok: false` answer of the Web API, with Slack's own error code. */
export class SlackRefusal extends Error {
  readonly code: string;
  /** Fields next to `ok` and `error`, such as `needed` or `response_metadata`. */
  readonly extra: JsonObject;

  constructor(code: string, extra: JsonObject = {}) {
    super(code);
    this.code = code;
    this.extra = extra;
  }
}

/** A refusal that says in words what is wrong, the way Slack lists problems of blocks. */
export const refusalWithMessages = (code: string, messages: readonly string[]): SlackRefusal =>
  new SlackRefusal(code, {
    errors: messages.map((message) => message.replace(/^\[ERROR\] /, "")),
    response_metadata: { messages: [...messages] },
  });
