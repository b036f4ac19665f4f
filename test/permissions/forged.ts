import type { Envelope } from "../../playground/slack/dispatch.ts";
import { OUTSIDE_TEAM } from "../../playground/slack/workspace-seed.ts";
import { actionIds } from "../../src/slack/action.ts";
import { offered, pressed, submitted } from "./acts.ts";
import type { Delivered, Door, Signed } from "./doors.ts";
import { type Act, type Before, type Cell, cellOf, leaveAllGroups } from "./matrix.ts";
import { PEOPLE, REQUESTER, type Somebody } from "./people.ts";

/** A line of the table of requests that are not what they seem. */
export interface Forged extends Cell {
  name: string;
  /** Where it is possible. */
  on: "both" | "http";
}

interface Forgery {
  name: string;
  by: Somebody;
  /** On which request of the requester; `none`: there is none. By default it waits for approval. */
  on?: Before["is"] | "none";
  act: (a: Act) => Promise<Delivered>;
}

const named = (name: string): Somebody => {
  const found = PEOPLE.find((person) => person.name === name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
};
const APPROVER = named("approver");
const ofOtherTeam = (person: Somebody): Somebody => ({
  ...person,
  actor: { ...person.actor, team: OUTSIDE_TEAM },
});

const twice =
  (envelopeOf: (a: Act) => Envelope) =>
  async (a: Act): Promise<Delivered> => {
    const envelope = envelopeOf(a);
    await a.door.deliver(a.house.inbox, envelope);
    await a.house.work();
    a.house.forget();
    return await a.door.deliver(a.house.inbox, envelope);
  };
const once =
  (envelopeOf: (a: Act) => Envelope) =>
  async (a: Act): Promise<Delivered> =>
    await a.door.deliver(a.house.inbox, envelopeOf(a));

const command = ({ envelopes, by }: Act): Envelope => envelopes.command(by.actor, "savepoint orders");
const stop = ({ envelopes, by }: Act): Envelope => envelopes.command(by.actor, "stop orders");
const mention = ({ envelopes, by }: Act): Envelope => envelopes.mention(by.actor, "stop orders");
const UNKNOWN = `r${"0".repeat(31)}`;

/** Of these, both transports say the same. */
const FORGERIES: readonly Forgery[] = [
  {
    name: "a command of an everyday change, delivered again",
    by: REQUESTER,
    on: "none",
    act: twice(command),
  },
  { name: "a command of a destructive change, delivered again", by: REQUESTER, on: "none", act: twice(stop) },
  { name: "a mention, delivered again", by: REQUESTER, on: "none", act: twice(mention) },
  {
    name: "a press of a button that offers an operation, delivered again",
    by: REQUESTER,
    on: "none",
    act: twice((a) => offered(a, "stop")),
  },
  {
    name: "a press of Approve, delivered again",
    by: APPROVER,
    act: twice((a) => pressed(a, "approve")),
  },
  {
    name: "the form of Deny, delivered again",
    by: APPROVER,
    act: twice((a) => submitted(a, actionIds.deny)),
  },
  {
    name: "the form of Suggest a change, delivered again",
    by: APPROVER,
    act: twice((a) => submitted(a, actionIds.suggest)),
  },
  {
    name: "a press of Withdraw, delivered again",
    by: REQUESTER,
    act: twice((a) => pressed(a, "withdraw")),
  },
  {
    name: "the form of Review, delivered again",
    by: APPROVER,
    on: "used",
    act: twice((a) => submitted(a, actionIds.review)),
  },
  {
    name: "the form of Review of a request that was made without break-glass",
    by: APPROVER,
    act: once((a) => submitted(a, actionIds.review)),
  },
  {
    name: "the form of Review under the id of the approver, of another team",
    by: ofOtherTeam(APPROVER),
    on: "used",
    act: once((a) => submitted(a, actionIds.review)),
  },
  {
    name: "Approve of a request whose requester has left the operators since",
    by: APPROVER,
    act: async (a) => {
      a.house.pass(1000);
      leaveAllGroups(a.door, REQUESTER);
      return await once((b) => pressed(b, "approve"))(a);
    },
  },
  {
    name: "a mention that was written six minutes ago",
    by: REQUESTER,
    on: "none",
    act: once(({ envelopes, by }) => envelopes.mention(by.actor, "stop orders", 360_000)),
  },
  {
    name: "a command under the id of the requester, of another team",
    by: ofOtherTeam(REQUESTER),
    on: "none",
    act: once(stop),
  },
  {
    name: "a mention under the id of the requester, of another team",
    by: ofOtherTeam(REQUESTER),
    on: "none",
    act: once(mention),
  },
  {
    name: "Approve under the id of the approver, of another team",
    by: ofOtherTeam(APPROVER),
    act: once((a) => pressed(a, "approve")),
  },
  {
    name: "the form of Deny under the id of the approver, of another team",
    by: ofOtherTeam(APPROVER),
    act: once((a) => submitted(a, actionIds.deny)),
  },
  {
    name: "Withdraw under the id of the requester, of another team",
    by: ofOtherTeam(REQUESTER),
    act: once((a) => pressed(a, "withdraw")),
  },
  {
    name: "Approve with the value of another deployment",
    by: APPROVER,
    act: once((a) => pressed(a, "approve", { deployment: "elsewhere" })),
  },
  {
    name: "the form of Deny with the value of another deployment",
    by: APPROVER,
    act: once((a) => submitted(a, actionIds.deny, { deployment: "elsewhere" })),
  },
  {
    name: "Approve of another version of the card",
    by: APPROVER,
    act: once((a) => pressed(a, "approve", { digest: "0".repeat(32) })),
  },
  {
    name: "Approve of a request that does not exist",
    by: APPROVER,
    act: once((a) => pressed(a, "approve", { requestId: UNKNOWN })),
  },
  {
    name: "Details of a request that does not exist",
    by: APPROVER,
    act: once((a) => pressed(a, "details", { requestId: UNKNOWN })),
  },
  {
    name: "Approve of a record that someone else wrote",
    by: APPROVER,
    act: async (a) => {
      a.house.test.store.forged.add(a.before?.id ?? "");
      return await once((b) => pressed(b, "approve"))(a);
    },
  },
];

export const forgeriesOn = async (door: Door): Promise<Forged[]> => {
  const cells: Forged[] = [];
  for (const { name, by, act, on: is = "waiting" } of FORGERIES) {
    const before = is === "none" ? null : { is, owner: REQUESTER };
    const cell = await cellOf(door, { by, before, act }).catch((cause: unknown) => {
      throw new Error(name, { cause });
    });
    cells.push({ name, on: "both", ...cell });
  }
  return cells;
};

const SIGNED: readonly [string, (secret: string) => Signed][] = [
  ["without a signature", () => ({ secret: null, ageS: 0 })],
  ["signed with another secret", () => ({ secret: "another-secret", ageS: 0 })],
  ["signed by Slack more than five minutes ago", (secret) => ({ secret, ageS: 301 })],
];
const KINDS: readonly [string, (a: Act) => Envelope][] = [
  ["a command", stop],
  ["a mention", mention],
  ["a press of a button", (a) => pressed(a, "approve")],
  ["a form", (a) => submitted(a, actionIds.deny)],
];

/** What only HTTP has: signatures. Socket Mode has none, because flinkops opens the connection with its own token. */
export async function signaturesOn(door: Door): Promise<Forged[]> {
  const rows = new Map<string, Forged>();
  for (const [how, signed] of SIGNED)
    for (const [kind, envelopeOf] of KINDS) {
      const by = kind === "a command" || kind === "a mention" ? REQUESTER : APPROVER;
      const act = async (a: Act): Promise<Delivered> => {
        const { secret, ageS } = signed(door.slack.signingSecret);
        const { status, heard } = await door.forge(a.house.inbox, envelopeOf(a), { secret, ageS });
        if (heard.is !== "nothing") throw new Error(`${kind} ${how} was heard: ${heard.is}`);
        return { heard, told: `HTTP ${status}` };
      };
      const cell = await cellOf(door, { by, before: { is: "waiting", owner: REQUESTER }, act });
      // kinds with the same answer are one line
      const key = JSON.stringify([how, cell]);
      const before = rows.get(key);
      const name = before === undefined ? kind : before.name.replace(` ${how}`, `, ${kind}`);
      rows.set(key, { name: `${name} ${how}`, on: "http", ...cell });
    }
  return [...rows.values()];
}
