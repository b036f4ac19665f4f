import { z } from "zod";
import type { Json } from "../model/json.ts";
import type { Offer } from "../model/report.ts";
import { json } from "../requests/record/schema.ts";
import type { Click, Foreign } from "../requests/ports/inbox.ts";
import { limits } from "./limits.ts";

/** Action ids of the buttons. They stay in messages for years: never rename one. */
export const actionIds = {
  approve: "approval.approve",
  deny: "approval.deny",
  suggest: "approval.suggest",
  review: "break-glass.review",
  withdraw: "request.withdraw",
  details: "request.details",
} as const;
/** Those whose buttons open a form that people submit; the form has the same id. */
export const formIds = [actionIds.deny, actionIds.suggest, actionIds.review] as const;
const OFFER = "offer.";
/** No two buttons of one message may share an id. */
export const offerActionId = (n: number): string => `${OFFER}${n}`;

const versioned = z.looseObject({ v: z.number().int(), d: z.string() });
const decisionValue = z.object({ v: z.literal(1), d: z.string(), r: z.string().min(1), g: z.string() });
const offerValue = z.object({
  v: z.literal(1),
  d: z.string(),
  o: z.string().min(1),
  a: z.record(z.string(), json),
});

/**
 * The value of Approve, Deny, Suggest a change, Review, Withdraw and Details: the deployment, the request, and the digest of what the user saw.
 */
export const decisionButtonValue = (deployment: string, requestId: string, digest: string): string =>
  JSON.stringify({ v: 1, d: deployment, r: requestId, g: digest } satisfies z.infer<typeof decisionValue>);

/** The value of an offer's button; null if it is longer than Slack allows. */
export function offerButtonValue(deployment: string, offer: Offer): string | null {
  const value = JSON.stringify({ v: 1, d: deployment, o: offer.operation, a: offer.args });
  return value.length > limits.buttonValue ? null : value;
}

export type Action =
  | { is: "decision"; kind: Click["kind"]; requestId: string; digest: string }
  | { is: "details"; requestId: string }
  | { is: "suggest"; requestId: string; digest: string }
  | { is: "review"; requestId: string }
  | { is: "offer"; operation: string; args: { readonly [key: string]: Json } }
  /** A button that this process must not act on; `words` go to the user who pressed it. */
  | { is: "foreign"; rule: Foreign["rule"]; words: string };

const foreign = (rule: Foreign["rule"], words: string): Action => ({ is: "foreign", rule, words });
const OTHER_VERSION = foreign(
  "other_version",
  "This button is from another version of flinkops. Nothing was done; type the command instead.",
);

/** Null where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const buttonOf = (actionId: string): keyof typeof actionIds | null =>
  (Object.keys(actionIds) as (keyof typeof actionIds)[]).find((kind) => actionIds[kind] === actionId) ?? null;

/** Parses a pressed button. Anyone can forge one: the result says only which button it claims to be. */
export function parseAction(actionId: string, value: string | undefined, deployment: string): Action {
  const kind = buttonOf(actionId);
  if (kind === null && !actionId.startsWith(OFFER)) return OTHER_VERSION;
  const raw = parseJson(value ?? "");
  const head = versioned.safeParse(raw);
  if (!head.success)
    return foreign("unreadable", "This button cannot be read. Nothing was done; type the command instead.");
  if (head.data.d !== deployment)
    return foreign(
      "other_deployment",
      `This button belongs to another deployment of flinkops, not to this one (${deployment}). Nothing was done.`,
    );
  if (kind !== null) {
    const decision = decisionValue.safeParse(raw);
    if (!decision.success) return OTHER_VERSION;
    const { r: requestId, g: digest } = decision.data;
    if (kind === "details") return { is: "details", requestId };
    if (kind === "review") return { is: "review", requestId };
    if (kind === "suggest") return { is: "suggest", requestId, digest };
    return { is: "decision", kind, requestId, digest };
  }
  const offer = offerValue.safeParse(raw);
  return offer.success ? { is: "offer", operation: offer.data.o, args: offer.data.a } : OTHER_VERSION;
}
