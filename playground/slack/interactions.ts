import { messageJson } from "./people.ts";
import { type Control, controlsOf } from "./render.ts";
import { newResponseUrl } from "./responses.ts";
import type { JsonObject, Message, View } from "./state.ts";
import { NotPossible, presence } from "./typing.ts";
import { topView } from "./web-api/views.ts";
import { APP_ID, type User } from "./workspace-seed.ts";
import type { World } from "./world.ts";

/** A person presses a button (or chooses from a menu) of a message. */
export interface Clicking {
  user: string;
  channel: string;
  ts: string;
  /** The `action_id`, or the words on the button. */
  action: string;
  /** False: turns back at the confirm dialog. */
  confirm?: boolean | undefined;
  /** A menu: the value or words of the choice. */
  choice?: string | undefined;
  /** A client that still shows an earlier version (0 is the first) and presses what stood there. */
  version?: number | undefined;
  /** A forged click: this value instead of the button's. */
  value?: string | undefined;
}

export interface Clicked {
  kind: "clicked" | "cancelled";
  /** The dialog that was shown. */
  confirm: Control["confirm"];
  error: string | null;
  ackMs: number | null;
  triggerId: string | null;
  delivery: number | null;
}

/** The part that every interaction payload has. */
export const interactionBase = (world: World, person: User): JsonObject => {
  const { home: team, isOrgWide } = world.state;
  return {
    api_app_id: APP_ID,
    token: "playground-verification-token",
    // https://api.slack.com/enterprise/apps/reference: null where the app is installed for the organization
    team: isOrgWide
      ? null
      : {
          id: team.id,
          domain: team.domain,
          ...(team.enterprise === null
            ? {}
            : { enterprise_id: team.enterprise.id, enterprise_name: team.enterprise.name }),
        },
    // the person's own team, also of an outsider; on Enterprise Grid one of their workspaces, or the organization
    user: {
      id: person.id,
      username: person.name,
      name: person.name,
      team_id: person.teamId ?? person.grid?.enterprise.id ?? team.id,
    },
    enterprise: team.enterprise,
    is_enterprise_install: isOrgWide,
  };
};

const visibleMessage = (world: World, { user, channel, ts }: Clicking): Message => {
  const message = world.state.find(channel, ts);
  if (message === undefined || (message.ephemeralTo !== null && message.ephemeralTo !== user)) {
    throw new NotPossible(`${user} sees no message ${ts} in ${channel}`);
  }
  return message;
};

/** The control that goes by this id or these words. Throws `NotPossible` with what there is. */
export const pick = (controls: readonly Control[], action: string): Control => {
  const hit = controls.find((one) => one.actionId === action) ?? controls.find((one) => one.label === action);
  if (hit !== undefined) return hit;
  const there = controls.map((one) => `${one.label} (${one.actionId})`).join(", ");
  throw new NotPossible(`nothing to press called "${action}"; there is: ${there || "nothing"}`);
};

/** The action as the payload carries it: what was pressed or chosen. */
export const actionJson = (control: Control, clicking: Pick<Clicking, "choice" | "value">): JsonObject => {
  const { element, type, actionId, blockId, options } = control;
  const chosen = options.find((one) => one.value === clicking.choice || one.label === clicking.choice);
  const elements = Array.isArray(element["options"]) ? element["options"] : [];
  const option: unknown = chosen === undefined ? undefined : elements[options.indexOf(chosen)];
  const value = clicking.value ?? control.value;
  return {
    action_id: actionId,
    block_id: blockId,
    type,
    action_ts: `${Math.floor(Date.now() / 1000)}.${String(Date.now() % 1000).padStart(6, "0")}`,
    ...(element["text"] === undefined ? {} : { text: element["text"] }),
    ...(value === null ? {} : { value }),
    ...(control.style === null ? {} : { style: control.style }),
    ...(element["confirm"] === undefined ? {} : { confirm: element["confirm"] }),
    ...(option === undefined ? {} : { selected_option: option }),
  };
};

/** Sends a click to the app and waits for its ack. */
export const deliver = async (
  world: World,
  payload: JsonObject,
  control: Control,
  triggerId: string,
): Promise<Clicked> => {
  const answer = await world.dispatch.send({ kind: "interactive", payload });
  return {
    kind: "clicked",
    confirm: control.confirm,
    error: answer.kind === "failed" ? answer.error : null,
    ackMs: answer.kind === "failed" ? null : answer.ms,
    triggerId,
    delivery: answer.record,
  };
};

/** A click that ended at its confirm dialog; the app hears nothing. */
export const turnedBack = (control: Control): Clicked => ({
  kind: "cancelled",
  confirm: control.confirm,
  error: null,
  ackMs: null,
  triggerId: null,
  delivery: null,
});

/** Presses a button of a message. Throws `NotPossible` where that person has no such button in front of them. */
export const click = async (world: World, clicking: Clicking): Promise<Clicked> => {
  const { person, place } = presence(world, clicking.user, clicking.channel);
  const message = visibleMessage(world, clicking);
  const old = clicking.version === undefined ? undefined : message.history[clicking.version];
  if ((clicking.version ?? 0) > message.history.length)
    throw new NotPossible(`no version ${clicking.version}`);
  const control = pick(controlsOf(world.state, (old ?? message).blocks), clicking.action);
  if (clicking.confirm === false && control.confirm !== null) return turnedBack(control);
  const triggerId = world.state.newTrigger(person.id);
  const thread = message.threadTs === null ? {} : { thread_ts: message.threadTs };
  const shown = old === undefined ? message : { ...message, text: old.text, blocks: old.blocks };
  const ephemeral = message.ephemeralTo !== null;
  const payload: JsonObject = {
    type: "block_actions",
    ...interactionBase(world, person),
    container: {
      type: "message",
      message_ts: message.ts,
      channel_id: place.id,
      is_ephemeral: ephemeral,
      ...thread,
    },
    trigger_id: triggerId,
    channel: { id: place.id, name: place.kind === "im" ? "directmessage" : place.name },
    // Slack sends no message with a click on an ephemeral one
    ...(ephemeral ? {} : { message: messageJson(world.state, shown) }),
    state: { values: {} },
    response_url: newResponseUrl(world, place.id, person.id, message.ts),
    actions: [actionJson(control, clicking)],
  };
  return await deliver(world, payload, control, triggerId);
};

/** The modal in front of a person. Throws `NotPossible` if there is none. */
export const openView = (world: World, user: string): { person: User; view: View } => {
  const person = world.state.users.get(user);
  const view = topView(world.state, user);
  if (person === undefined || view === undefined) throw new NotPossible(`${user} has no modal open`);
  return { person, view };
};
