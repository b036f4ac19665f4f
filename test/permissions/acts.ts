import { actionIds, decisionButtonValue, offerActionId, offerButtonValue } from "../../src/slack/action.ts";
import { FORMS } from "../../src/slack/bolt.ts";
import { carried } from "../../src/slack/deny.ts";
import type { Envelope } from "../../playground/slack/dispatch.ts";
import type { JsonObject } from "../../playground/slack/state.ts";
import { FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { DEPLOYMENT, type Delivered } from "./doors.ts";
import type { Act, Before } from "./matrix.ts";
import { REQUESTER, type Somebody } from "./people.ts";

const CARD = { channel: FLINK_OPS, ts: "1800000000.000100" };

/** A line of a table of what people do with a card. */
export interface Doing {
  name: string;
  /** The request whose card has it. */
  on: Before["is"];
  act: (a: Act) => Promise<Delivered>;
}

/** What a button carries: by default the request that was made before, as its card shows it. */
interface Carries {
  deployment?: string;
  requestId?: string;
  digest?: string;
}

function shownOf({ before }: Act): { requestId: string; digest: string } {
  if (before === null) throw new Error("nobody has made a request before");
  return { requestId: before.id, digest: before.approval?.digest ?? "" };
}

type ButtonName = keyof typeof actionIds;

/** Of a button of the card. */
export function pressed(a: Act, button: ButtonName, over: Carries = {}): Envelope {
  const { deployment = DEPLOYMENT, requestId, digest } = { ...shownOf(a), ...over };
  const value = decisionButtonValue(deployment, requestId, digest);
  return a.envelopes.press(a.by.actor, CARD, { action_id: actionIds[button], value });
}

/** Of a button that offers an operation, under a card or an answer. */
export function offered(a: Act, operation: string): Envelope {
  const value = offerButtonValue(DEPLOYMENT, { label: "Ask again", operation, args: { job: "orders" } });
  const action = { action_id: offerActionId(0), value: value ?? "" };
  return a.envelopes.press(a.by.actor, CARD, action);
}

/** What is typed or chosen in each form. */
const TYPED: Readonly<Record<string, JsonObject>> = {
  [actionIds.deny]: { reason: { reason: { type: "plain_text_input", value: "not during the sale" } } },
  [actionIds.suggest]: {
    drain: { drain: { type: "static_select", selected_option: { value: "yes" } } },
  },
  [actionIds.review]: {
    justified: { justified: { type: "static_select", selected_option: { value: "yes" } } },
    reason: { reason: { type: "plain_text_input", value: "the sink was down" } },
  },
};

/** Of a form that was submitted, whether or not flinkops has opened it. */
export function submitted(a: Act, callbackId: string, over: Carries = {}): Envelope {
  const { deployment = DEPLOYMENT, requestId, digest } = { ...shownOf(a), ...over };
  const values = TYPED[callbackId];
  if (values === undefined)
    throw new Error(`${callbackId}: say in test/permissions/acts.ts (TYPED) what is typed in this form`);
  const metadata = carried({ requestId, digest, card: CARD, thread: null }, deployment);
  return a.envelopes.submit(a.by.actor, { callback_id: callbackId, private_metadata: metadata, values });
}

const delivered = async (a: Act, envelope: Envelope): Promise<Delivered> =>
  await a.door.deliver(a.house.inbox, envelope);

/** How the card calls its buttons. The compiler asks for a new one, and the test presses it. */
const LABELS: Readonly<Record<ButtonName, string>> = {
  approve: "Approve",
  deny: "Deny",
  suggest: "Suggest a change",
  review: "Review",
  withdraw: "Withdraw",
  details: "Details",
};

const NAMES = Object.keys(actionIds).filter((name): name is ButtonName => name in actionIds);

const onCard = (button: ButtonName): Before["is"] => (button === "review" ? "used" : "waiting");

/** Every button of a card. */
export const BUTTONS: readonly Doing[] = NAMES.map((name) => ({
  name: LABELS[name],
  on: onCard(name),
  act: async (a) => await delivered(a, pressed(a, name)),
}));

/** Every form that people submit. */
export const FORMS_SUBMITTED: readonly Doing[] = NAMES.filter((name) => FORMS.test(actionIds[name])).map(
  (name) => ({
    name: `the form of ${LABELS[name]}, submitted`,
    on: onCard(name),
    act: async (a) => await delivered(a, submitted(a, actionIds[name])),
  }),
);

/** Another way to ask for the same as a command does. */
export const OTHER_DOORS: readonly { name: string; ask: (a: Act, operation: string) => Envelope }[] = [
  { name: "a button that offers it", ask: offered },
  {
    name: "a mention of the bot",
    ask: ({ envelopes, by }, operation) => envelopes.mention(by.actor, `${operation} orders`),
  },
];

/** Whose request it is where somebody presses a button of it. */
export const ownerFor = (by: Somebody): Somebody => (by.name === "both" ? by : REQUESTER);
