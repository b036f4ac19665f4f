import { z } from "zod";
import { SlackRefusal } from "../refusal.ts";
import type { JsonObject, SlackState, View } from "../state.ts";
import { checkModal } from "../validate/message.ts";
import { APP_ID, BOT_ID } from "../workspace-seed.ts";
import type { World } from "../world.ts";
import { json, type Method, method } from "./method.ts";

const STACK = 3;

/** A view as answers and payloads carry it. */
export const viewJson = (state: SlackState, view: View, values: JsonObject = {}): JsonObject => ({
  id: view.id,
  team_id: state.home.id,
  type: "modal",
  callback_id: "",
  private_metadata: "",
  external_id: "",
  clear_on_close: false,
  notify_on_close: false,
  close: null,
  submit: null,
  ...view.body,
  blocks: view.blocks,
  state: { values },
  hash: view.hash,
  previous_view_id: view.previous,
  root_view_id: view.root,
  app_id: APP_ID,
  app_installed_team_id: state.home.id,
  bot_id: BOT_ID,
});

/** Uses up a trigger id and says whose it was. Throws what Slack says of an old, used or unknown one. */
const exchange = ({ state, times }: World, id: string): string => {
  const trigger = state.triggers.get(id);
  if (trigger === undefined) throw new SlackRefusal("invalid_trigger_id");
  if (trigger.used) throw new SlackRefusal("exchanged_trigger_id");
  if (Date.now() - trigger.at > times.triggerMs) throw new SlackRefusal("expired_trigger_id");
  trigger.used = true;
  return trigger.user;
};

/** The modal that a person has in front of them, the top of the stack. */
export const topView = (state: SlackState, user: string): View | undefined =>
  [...state.views.values()].findLast((view) => view.user === user && !view.closed);

/** Puts a modal in front of a person, alone or on top of the one they have. */
export const showView = (state: SlackState, user: string, given: unknown, below: View | null): View => {
  const checked = checkModal(given, state.unknownBlocks);
  const id = state.newId("V");
  const view: View = {
    id,
    user,
    hash: `${Date.now()}.${id.slice(-8)}`,
    root: below?.root ?? id,
    previous: below?.id ?? null,
    closed: false,
    ...checked,
  };
  state.views.set(id, view);
  state.changed();
  return view;
};

/** Replaces what a modal shows. */
export const replaceView = (state: SlackState, view: View, given: unknown): void => {
  Object.assign(view, checkModal(given, state.unknownBlocks));
  view.hash = `${Date.now()}.${state.newId("H").slice(-8)}`;
  state.changed();
};

const opening = z.looseObject({ trigger_id: z.string(), view: json("invalid_arguments") });

const open = method({
  tier: "tier4",
  args: opening,
  run(args, world) {
    const user = exchange(world, args.trigger_id);
    for (const view of world.state.views.values()) if (view.user === user) view.closed = true;
    return { view: viewJson(world.state, showView(world.state, user, args.view, null)) };
  },
});

const push = method({
  tier: "tier4",
  args: opening,
  run(args, world) {
    const { state } = world;
    const user = exchange(world, args.trigger_id);
    const below = topView(state, user);
    if (below === undefined) throw new SlackRefusal("not_found");
    const depth = [...state.views.values()].filter((view) => view.root === below.root && !view.closed).length;
    if (depth >= STACK) throw new SlackRefusal("push_limit_reached");
    return { view: viewJson(state, showView(state, user, args.view, below)) };
  },
});

const update = method({
  tier: "tier4",
  args: z.looseObject({
    view: json("invalid_arguments"),
    view_id: z.string().optional(),
    external_id: z.string().optional(),
    hash: z.string().optional(),
  }),
  run(args, { state }) {
    const view = [...state.views.values()].find(
      (one) =>
        !one.closed &&
        (args.view_id === undefined
          ? args.external_id !== undefined && one.body["external_id"] === args.external_id
          : one.id === args.view_id),
    );
    if (view === undefined) throw new SlackRefusal("not_found");
    if (args.hash !== undefined && args.hash !== view.hash) throw new SlackRefusal("hash_conflict");
    replaceView(state, view, args.view);
    return { view: viewJson(state, view) };
  },
});

/** Modals. */
export const viewMethods: Record<string, Method> = {
  "views.open": open,
  "views.push": push,
  "views.update": update,
};
