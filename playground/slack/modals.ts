import {
  actionJson,
  type Clicked,
  type Clicking,
  deliver,
  interactionBase,
  openView,
  pick,
  turnedBack,
} from "./interactions.ts";
import { SlackRefusal } from "./refusal.ts";
import { type Control, controlsOf, plainMessage } from "./render.ts";
import type { JsonObject, View } from "./state.ts";
import { replaceView, showView, viewJson } from "./web-api/views.ts";
import type { World } from "./world.ts";

/** What came of submitting or closing a modal. */
export interface Submitted {
  /** It went away. */
  closed: boolean;
  /** By block id: what Slack or the app finds wrong with a field. */
  errors: Record<string, string> | null;
  /** The app did not answer, or answered what Slack cannot show. */
  error: string | null;
  ackMs: number | null;
}

const fieldValue = (control: Control, given: string | undefined): JsonObject => {
  const { type, element, options } = control;
  if (options.length === 0) return { type, value: given ?? element["initial_value"] ?? null };
  const elements = Array.isArray(element["options"]) ? element["options"] : [];
  const at = options.findIndex((one) => one.value === given || one.label === given);
  const chosen: unknown = at < 0 ? (element["initial_option"] ?? null) : elements[at];
  return type === "checkboxes"
    ? { type, selected_options: chosen === null ? [] : [chosen] }
    : { type, selected_option: chosen };
};

const collect = (
  world: World,
  view: View,
  given: Record<string, string>,
): { values: JsonObject; errors: Record<string, string> } => {
  const values: JsonObject = {};
  const errors: Record<string, string> = {};
  for (const block of view.blocks) {
    const control = controlsOf(world.state, [block])[0];
    if (block["type"] !== "input" || control === undefined) continue;
    const label = plainMessage(world.state, "", [block]);
    const value = fieldValue(control, given[control.actionId] ?? given[control.blockId] ?? given[label]);
    const empty = Object.entries(value).every(([key, one]) => key === "type" || one === null || one === "");
    if (empty && block["optional"] !== true) errors[control.blockId] = "Please complete this required field.";
    values[control.blockId] = { [control.actionId]: value };
  }
  return { values, errors };
};

const respond = (world: World, view: View, payload: JsonObject | null): Submitted => {
  const done: Submitted = { closed: true, errors: null, error: null, ackMs: null };
  const action = payload?.["response_action"];
  if (action === "errors") {
    const errors: Record<string, string> = {};
    const known = new Set(view.blocks.map((block) => block["block_id"]));
    for (const [key, value] of Object.entries(payload?.["errors"] ?? {})) {
      if (!known.has(key)) throw new SlackRefusal("unknown block_id in errors");
      errors[key] = String(value);
    }
    return { ...done, closed: false, errors };
  }
  if (action === "update") replaceView(world.state, view, payload?.["view"]);
  else if (action === "push") showView(world.state, view.user, payload?.["view"], view);
  else if (action === "clear") {
    for (const one of world.state.views.values()) if (one.user === view.user) one.closed = true;
  } else view.closed = true;
  world.state.changed();
  return { ...done, closed: view.closed };
};

/** Submits the modal in front of a person; `given` is by action id, block id or label. */
export const submit = async (
  world: World,
  given: { user: string; values: Record<string, string> },
): Promise<Submitted> => {
  const { person, view } = openView(world, given.user);
  const { values, errors } = collect(world, view, given.values);
  if (Object.keys(errors).length > 0) return { closed: false, errors, error: null, ackMs: null };
  const answer = await world.dispatch.send({
    kind: "interactive",
    payload: {
      type: "view_submission",
      ...interactionBase(world, person),
      trigger_id: world.state.newTrigger(person.id),
      view: viewJson(world.state, view, values),
    },
  });
  if (answer.kind === "failed") return { closed: false, errors: null, error: answer.error, ackMs: null };
  try {
    return { ...respond(world, view, answer.payload), ackMs: answer.ms };
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return { closed: false, errors: null, error: error.code, ackMs: answer.ms };
  }
};

/** Closes the modal in front of a person; the app hears of it only if it asked to. */
export const closeModal = async (world: World, user: string): Promise<Submitted> => {
  const { person, view } = openView(world, user);
  view.closed = true;
  world.state.changed();
  if (view.body["notify_on_close"] === true) {
    await world.dispatch.send({
      kind: "interactive",
      payload: {
        type: "view_closed",
        ...interactionBase(world, person),
        view: viewJson(world.state, view),
        is_cleared: false,
      },
    });
  }
  return { closed: true, errors: null, error: null, ackMs: null };
};

/** Presses a button inside the modal in front of a person. */
export const clickInModal = async (
  world: World,
  clicking: Pick<Clicking, "user" | "action" | "confirm" | "choice"> & {
    values?: Record<string, string> | undefined;
  },
): Promise<Clicked> => {
  const { person, view } = openView(world, clicking.user);
  const control = pick(controlsOf(world.state, view.blocks), clicking.action);
  if (clicking.confirm === false && control.confirm !== null) return turnedBack(control);
  const triggerId = world.state.newTrigger(person.id);
  const payload: JsonObject = {
    type: "block_actions",
    ...interactionBase(world, person),
    container: { type: "view", view_id: view.id },
    trigger_id: triggerId,
    // what is typed by now goes along, complete or not
    view: viewJson(world.state, view, collect(world, view, clicking.values ?? {}).values),
    actions: [actionJson(control, clicking)],
  };
  return await deliver(world, payload, control, triggerId);
};
