import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { readBody, sendJson } from "./http.ts";
import { click } from "./interactions.ts";
import { clickInModal, closeModal, submit } from "./modals.ts";
import { userJson } from "./people.ts";
import { see } from "./see.ts";
import type { JsonObject } from "./state.ts";
import { eventPayload, NotPossible, type } from "./typing.ts";
import { BOT } from "./workspace-seed.ts";
import type { World } from "./world.ts";

const LONGEST_WAIT_MS = 30_000;

interface Command {
  run(body: unknown, world: World): unknown;
}

const command = <S extends z.ZodType>(
  args: S,
  run: (args: z.infer<S>, world: World) => unknown,
): Command => ({
  run(body, world) {
    const parsed = args.safeParse(body);
    if (!parsed.success) throw new NotPossible(z.prettifyError(parsed.error));
    return run(parsed.data, world);
  },
});

const tell = (world: World, event: JsonObject): void => {
  const type = String(event["type"]);
  if (!world.manifest.events.includes(type)) return;
  void world.dispatch.sendEvent(eventPayload(world, event, null, Date.now()));
};

const membership = (
  world: World,
  id: string,
  user: string,
  change: "add" | "remove",
): { users: string[] } => {
  const group = world.state.groups.get(id);
  if (group === undefined) throw new NotPossible(`no group ${id}`);
  const before = group.users;
  group.users = change === "add" ? [...new Set([...before, user])] : before.filter((one) => one !== user);
  world.state.changed();
  tell(world, {
    type: "subteam_members_changed",
    subteam_id: id,
    team_id: world.state.home.id,
    date_previous_update: 0,
    date_update: Math.floor(Date.now() / 1000),
    added_users: group.users.filter((one) => !before.includes(one)),
    removed_users: before.filter((one) => !group.users.includes(one)),
    event_ts: world.state.nextTs(),
  });
  return { users: group.users };
};

const changeUser = (
  world: World,
  id: string,
  change: { deleted?: boolean | undefined; isRestricted?: boolean | undefined },
): JsonObject => {
  const user = world.state.users.get(id);
  if (user === undefined) throw new NotPossible(`no user ${id}`);
  user.deleted = change.deleted ?? user.deleted;
  user.isRestricted = change.isRestricted ?? user.isRestricted;
  // a deactivated account leaves every group and channel
  if (user.deleted) {
    for (const group of world.state.groups.values()) group.users = group.users.filter((one) => one !== id);
  }
  world.state.changed();
  tell(world, { type: "user_change", user: userJson(user, false), event_ts: world.state.nextTs() });
  return {};
};

const changeChannel = (
  world: World,
  id: string,
  change: { member?: string | undefined; present?: boolean | undefined; archived?: boolean | undefined },
): JsonObject => {
  const channel = world.state.channels.get(id);
  if (channel === undefined) throw new NotPossible(`no channel ${id}`);
  const user = change.member ?? BOT;
  if (change.present === true) channel.members = [...new Set([...channel.members, user])];
  if (change.present === false) channel.members = channel.members.filter((one) => one !== user);
  channel.isArchived = change.archived ?? channel.isArchived;
  world.state.changed();
  return {};
};

const id = z.string().min(1);
/** What is typed into a modal, by action id, block id or label. */
const typed = z.record(z.string(), z.string());
const methodFault = z.strictObject({
  method: id,
  times: z.number().int().min(1).optional(),
  channel: z.string().optional(),
  threadTs: z.string().optional(),
  error: z.string().optional(),
  status: z.number().int().min(300).max(599).optional(),
  retryAfter: z.number().int().min(0).optional(),
  delayMs: z.number().min(0).optional(),
  drop: z.boolean().optional(),
  applied: z.boolean().optional(),
});
const deliveryFault = z.strictObject({
  swallowAcks: z.number().int().min(1).optional(),
  delayMs: z.number().min(0).optional(),
  times: z.number().int().min(1).optional(),
});

const COMMANDS: Record<string, Command> = {
  type: command(
    z.strictObject({
      user: id,
      channel: id,
      text: z.string().min(1),
      threadTs: id.optional(),
      ageMs: z.number().min(0).optional(),
    }),
    (args, world) => type(world, args),
  ),
  click: command(
    z.strictObject({
      user: id,
      channel: id,
      ts: id,
      action: id,
      confirm: z.boolean().optional(),
      choice: z.string().optional(),
      version: z.number().int().min(0).optional(),
      value: z.string().optional(),
    }),
    (args, world) => click(world, args),
  ),
  "modal/click": command(
    z.strictObject({
      user: id,
      action: id,
      confirm: z.boolean().optional(),
      choice: z.string().optional(),
      values: typed.optional(),
    }),
    (args, world) => clickInModal(world, args),
  ),
  "modal/submit": command(z.strictObject({ user: id, values: typed }), (args, world) => submit(world, args)),
  "modal/close": command(z.strictObject({ user: id }), (args, world) => closeModal(world, args.user)),
  see: command(z.strictObject({ user: id }), (args, { state }) => see(state, args.user)),
  wait: command(
    z.strictObject({ since: z.number().int(), timeoutMs: z.number().min(0).max(LONGEST_WAIT_MS) }),
    async (args, { state }) => ({ seq: await state.waitPast(args.since, args.timeoutMs) }),
  ),
  people: command(z.strictObject({}), (_, { state, manifest, suggestions }) => ({
    team: state.home,
    users: [...state.users.values()].map((one) => ({ ...one, isOfHome: state.isOfHome(one) })),
    groups: [...state.groups.values()],
    channels: [...state.channels.values()],
    commands: manifest.commands,
    suggestions,
  })),
  redeliver: command(z.strictObject({ delivery: z.number().int() }), (args, { dispatch }) =>
    dispatch.redeliver(args.delivery),
  ),
  "fault/method": command(methodFault, (args, { faults }) => {
    faults.armMethod(args);
    return {};
  }),
  "fault/delivery": command(deliveryFault, (args, { faults }) => {
    faults.armDelivery(args);
    return {};
  }),
  "fault/clear": command(z.strictObject({}), (_, { faults }) => {
    faults.clear();
    return {};
  }),
  "blocks/unknown": command(z.strictObject({ types: z.array(id) }), (args, { state }) => {
    state.unknownBlocks = new Set(args.types);
    return {};
  }),
  "socket/refresh": command(z.strictObject({}), (_, { socket }) => {
    socket?.refresh();
    return {};
  }),
  "socket/cut": command(z.strictObject({}), (_, { socket }) => {
    socket?.cut();
    return {};
  }),
  "socket/count": command(z.strictObject({}), (_, { socket, state }) => ({
    open: socket?.open ?? 0,
    seq: state.seq,
  })),
  group: command(z.strictObject({ group: id, user: id, change: z.enum(["add", "remove"]) }), (args, world) =>
    membership(world, args.group, args.user, args.change),
  ),
  user: command(
    z.strictObject({ user: id, deleted: z.boolean().optional(), isRestricted: z.boolean().optional() }),
    ({ user, ...change }, world) => changeUser(world, user, change),
  ),
  channel: command(
    z.strictObject({
      channel: id,
      member: id.optional(),
      present: z.boolean().optional(),
      archived: z.boolean().optional(),
    }),
    ({ channel, ...change }, world) => changeChannel(world, channel, change),
  ),
  calls: command(
    z.strictObject({ method: z.string().optional(), since: z.number().int().default(0) }),
    (args, { calls }) =>
      calls.filter((one) => one.id > args.since && (args.method === undefined || one.method === args.method)),
  ),
  deliveries: command(z.strictObject({ since: z.number().int().default(0) }), (args, { dispatch }) =>
    dispatch.records.filter((one) => one.id > args.since),
  ),
};

/** Answers one POST of `/_control/<command>`; 400 says in words what is not possible. */
export const answerControl = async (
  world: World,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const row = COMMANDS[name];
  if (row === undefined) {
    sendJson(response, 404, { error: `no control command ${name}` });
    return;
  }
  try {
    const text = (await readBody(request)).toString();
    sendJson(response, 200, await row.run(text === "" ? {} : JSON.parse(text), world));
  } catch (error) {
    if (!(error instanceof NotPossible) && !(error instanceof RangeError)) throw error;
    sendJson(response, 400, { error: error.message });
  }
};
