import type { MethodFault } from "../../playground/slack/faults.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  BOT,
  CEM,
  channel,
  defaultSeed,
  DORA,
  EVE,
  FLINK_OPS,
  GIL,
  HOME_TEAM,
  OPERATORS,
  OUTSIDE_TEAM,
  type Seed,
  user,
  ZOE,
} from "../../playground/slack/workspace-seed.ts";
import type { Actor } from "../../src/requests/record/record.ts";

const VIEWERS = "S0VIEWERS1";
const ANA_TOO = "U0ANA00002";
const MAX = "U0MAX00001";
const CI = "U0CIBOT001";
const RIA = "U0RIA00001";
const IDA = "U0IDA00001";
const HAL = "U0HAL00001";

/** Somebody of the matrix: a column of the product's decisions. */
export interface Somebody {
  /** How the page calls this person. */
  name: string;
  is: string;
  actor: Actor;
  groups: readonly string[];
  /** Leaves all groups a second before; Slack's answer of before is still kept. */
  leaves?: true;
  /** What Slack answers when this person is looked up. */
  faults?: readonly MethodFault[];
}

const EVERY_GROUP = [VIEWERS, OPERATORS, APPROVERS];
const at = (id: string, team = HOME_TEAM): Actor => ({ user: id, team });
const LOOKED_UP = ["users.info", "usergroups.users.list"];
const always = (method: string, fault: Omit<MethodFault, "method">): MethodFault => ({
  ...fault,
  method,
  times: 1_000_000,
});

export const REQUESTER: Somebody = {
  name: "requester",
  is: "is in the user group of the operators, and made the request that waits for approval",
  actor: at(ANA),
  groups: [OPERATORS],
};

/** Nobody of the page: an operator who has locked what the others want to change. */
export const SOMEBODY_ELSE: Somebody = {
  name: "someone else",
  is: "is an operator too",
  actor: at("U0FAY00001"),
  groups: [OPERATORS],
};

/** Everybody, in the order of the page. Whom an account alone keeps out is in all groups, so that nothing else does. */
export const PEOPLE: readonly Somebody[] = [
  REQUESTER,
  {
    name: "second account",
    is: "is the requester with another account, which is in the groups of the operators and of the approvers",
    actor: at(ANA_TOO),
    groups: [OPERATORS, APPROVERS],
  },
  { name: "approver", is: "is in the group of the approvers", actor: at(BEN), groups: [APPROVERS] },
  {
    name: "both",
    is: "is in the groups of the operators and of the approvers, and presses buttons of a request of their own",
    actor: at(CEM),
    groups: [OPERATORS, APPROVERS],
  },
  { name: "viewer", is: "is in the group of the viewers", actor: at(DORA), groups: [VIEWERS] },
  { name: "member", is: "is a full member of the workspace, in no group", actor: at(MAX), groups: [] },
  { name: "guest", is: "is a guest of the workspace, in all groups", actor: at(GIL), groups: EVERY_GROUP },
  {
    name: "outsider",
    is: "is a stranger of Slack Connect from another organization, in all groups",
    actor: at(EVE, OUTSIDE_TEAM),
    groups: EVERY_GROUP,
  },
  {
    name: "deactivated",
    is: "had an account that is deactivated, in all groups",
    actor: at(ZOE),
    groups: EVERY_GROUP,
  },
  { name: "bot", is: "is the user of another app, in all groups", actor: at(CI), groups: EVERY_GROUP },
  {
    name: "removed",
    is: "was removed from all groups a second ago; before, flinkops had read that they are in them",
    actor: at(RIA),
    groups: EVERY_GROUP,
    leaves: true,
  },
  {
    name: "look-up failing",
    is: "is in all groups, but Slack answers HTTP 503 to each look-up",
    actor: at(IDA),
    groups: EVERY_GROUP,
    faults: LOOKED_UP.map((method) => always(method, { status: 503 })),
  },
  {
    name: "groups hidden",
    is: "is in all groups, but Slack refuses to show who is in them",
    actor: at(HAL),
    groups: EVERY_GROUP,
    faults: [always("usergroups.users.list", { error: "permission_denied" })],
  },
];

/** A workspace with exactly these people, all of them in the channel. */
export function seedOfPeople(): Seed {
  const seed = defaultSeed();
  const added = [
    user(ANA_TOO, "ana2", "Ana Alvarez (admin)"),
    user(MAX, "max", "Max Moore"),
    user(CI, "ci", "CI", { isBot: true }),
    user(RIA, "ria", "Ria Rossi"),
    user(IDA, "ida", "Ida Ito"),
    user(HAL, "hal", "Hal Hansen"),
  ];
  const everybody = PEOPLE.map(({ actor }) => actor.user);
  const groups = EVERY_GROUP.map((id) => ({
    id,
    handle: id.toLowerCase(),
    name: id,
    users: PEOPLE.filter((p) => p.groups.includes(id)).map(({ actor }) => actor.user),
  }));
  const room = channel(FLINK_OPS, "flink-ops", "Operating our Flink jobs", [...everybody, BOT]);
  return { ...seed, users: [...seed.users, ...added], groups, channels: [room] };
}

/** The policy under which the matrix is made, as the page prints it. */
export const POLICY = `people:
  operators: { groups: [${OPERATORS}] }
  approvers: { groups: [${APPROVERS}] }
  viewers: { groups: [${VIEWERS}], sets: [operators, approvers] }

same:
  - [${ANA}, ${ANA_TOO}] # requester, second account

rules:
  - name: viewing
    classes: [view]
    ask: [viewers]
    allow: true
  - name: destructive changes
    classes: [destructive]
    ask: [operators]
    approve: [{ from: [approvers] }]
  - name: everyday changes
    classes: [operate]
    ask: [operators]
    allow: true
  - name: locks
    classes: [lock]
    ask: [operators, approvers]
    allow: true

breakGlass:
  - name: brakes
    people: [operators]
    operations: [stop, cancel, scale]
    review: [approvers]
`;
