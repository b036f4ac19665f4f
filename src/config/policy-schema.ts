import { z } from "zod";
import { STATE_KINDS } from "../model/change-facts.ts";
import { OPERATION_CLASSES } from "../model/target.ts";
import { BREAK_GLASS } from "../policy/break-glass.ts";
import { FREEZE } from "../policy/guards.ts";
import { channelId, groupId, userId } from "./slack-ids.ts";
import { parseDuration } from "./duration.ts";

const SHARE = "names nobody; list groups, users or sets, or leave it out";

const set = z
  .strictObject({
    groups: z.array(groupId).default([]).meta({ description: "Slack user groups" }),
    users: z.array(userId).default([]).meta({ description: "Slack users" }),
    sets: z.array(z.string()).default([]).meta({ description: "Other sets of `people`" }),
  })
  .refine((all) => all.groups.length + all.users.length + all.sets.length > 0, SHARE);

const duration = z
  .string()
  .regex(/^\d{1,6}(?:\.\d{1,3})? ?(?:s|m|h|d)$/u, "must be a duration with its unit, like 30s, 10m, 2h")
  .transform((text) => parseDuration(text) ?? 0)
  .refine((ms) => ms > 0, "must be above 0");

const words = z.string().trim().min(1).max(300);
const text = z.string().min(1).max(200);
const names = z.array(text).min(1);
const sets = names.meta({ description: "Names of sets of `people`" });

/** Names of our own reasons contain underscores, so no rule can be mistaken for one in the audit log. */
const name = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} .,:/()-]{0,59}$/u,
    "may contain letters, digits, spaces and .,:/()-, at most 60",
  )
  .refine(
    (given) =>
      given !== "default" &&
      given !== "outside" &&
      !given.startsWith(FREEZE) &&
      !given.startsWith(BREAK_GLASS),
    "is a name that flinkops uses itself; choose another",
  );

const approval = z.strictObject({
  from: sets,
  count: z.int().min(1).max(20).default(1).meta({ description: "How many different people" }),
});
const approvals = z.array(approval).min(1).max(5);

const rule = z.strictObject({
  name: name.meta({ description: "Shown in decisions and in the audit log" }),
  clusters: names.optional().meta({ description: "Patterns of cluster names; left out: all" }),
  jobs: names
    .optional()
    .meta({ description: "Patterns of job names; left out: all, and requests without a job" }),
  operations: names.optional().meta({ description: "Left out: all" }),
  classes: z.array(z.enum(OPERATION_CLASSES)).min(1).optional().meta({ description: "Left out: all" }),
  channels: z.array(channelId).min(1).optional().meta({ description: "Left out: all" }),
  when: z.string().min(1).max(2000).optional().meta({ description: "A condition in CEL" }),
  ask: sets.optional().meta({ description: "Who may ask: sets of `people`; left out: every full member" }),
  allow: z.literal(true).optional(),
  refuse: words.optional().meta({ description: "Refuses, with these words" }),
  approve: approvals.optional().meta({ description: "Who must approve; all of these" }),
  within: duration.optional().meta({ description: "How long the approval may take" }),
  remind: duration.optional().meta({ description: "When the approvers are reminded, after they were asked" }),
  escalate: z
    .strictObject({ after: duration, to: text })
    .optional()
    .meta({ description: "Who is mentioned besides, and when" }),
});

const moment = z.string().min(1).max(60);
const freeze = z.strictObject({
  name: z.string().min(1).max(60),
  from: moment.optional().meta({ description: "2026-12-20T00:00 in `zone`, or with its own offset" }),
  until: moment.optional(),
  weekly: z.strictObject({ from: moment, until: moment }).optional().meta({ description: "fri 16:00" }),
  zone: z.string().min(1).max(60).optional().meta({ description: "Like Europe/Berlin" }),
  clusters: names.optional().meta({ description: "Patterns of cluster names; left out: all" }),
  except: z
    .array(text)
    .default(["savepoint", "checkpoint"])
    .meta({ description: "Operations that it does not stop" }),
  why: words.optional(),
});

const breakGlass = z.strictObject({
  name: name.meta({ description: "Shown in decisions and in the audit log, as `break-glass <name>`" }),
  people: sets.meta({ description: "Who may use break-glass: sets of `people`" }),
  clusters: names.optional().meta({ description: "Patterns of cluster names; left out: all" }),
  operations: names.meta({ description: "For which operations" }),
  review: sets.meta({ description: "Who reviews it afterwards, someone else: sets of `people`" }),
  announce: channelId
    .optional()
    .meta({ description: "Where it is announced before it starts; left out: where it was requested" }),
});

/** What a change does, as tests and `--change` give it. */
export const changeSchema = z.strictObject({
  parallelism: z.strictObject({ from: z.int().min(1).optional(), to: z.int().min(1) }).optional(),
  drain: z.boolean().exactOptional(),
  jar: text.exactOptional(),
  catalogued: z.boolean().exactOptional(),
  allowNonRestoredState: z.boolean().exactOptional(),
  state: z.strictObject({ kind: z.enum(STATE_KINDS), age: duration.optional() }).optional(),
  jobs: names.exactOptional(),
});

const PERSON = "must be a user id, the name of a set, `member` for a member in no set, or { user, in }";
const test = z.strictObject({
  as: z.union([text, z.strictObject({ user: userId.optional(), in: names.optional() })], { error: PERSON }),
  say: text.meta({ description: "The command, without /flink" }),
  in: channelId.optional(),
  at: moment.optional().meta({ description: "2026-05-04T10:00Z; left out: at a time without freezes" }),
  with: z
    .strictObject({
      change: changeSchema.optional(),
      labels: z.record(z.string(), z.string()).optional(),
      class: z.enum(OPERATION_CLASSES).optional(),
    })
    .optional()
    .meta({ description: "What flinkops would find out: what changes, the job's labels, a higher class" }),
  expect: z.union([z.enum(["allow", "refuse", "break-glass"]), z.strictObject({ approve: approvals })], {
    error: "must be allow, refuse, break-glass or { approve: [...] }",
  }),
  rule: text.optional().meta({ description: "The rule that must decide" }),
  because: text.optional().meta({ description: "Words that the reason must contain" }),
});

/** Schema of a policy file. Strict: an unknown key is an error. Names are checked against each other afterwards. */
export const policySchema = z.strictObject({
  people: z
    .record(
      z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,39}$/u, "may contain letters, digits and dash, at most 40"),
      set,
    )
    .default({})
    .meta({ description: "Named sets of people" }),
  same: z
    .array(z.array(userId).min(2))
    .default([])
    .meta({ description: "Accounts of one person; they count once" }),
  rules: z.array(rule).max(500).meta({ description: "In order: the first that matches decides" }),
  freezes: z.array(freeze).max(100).default([]),
  breakGlass: z.array(breakGlass).max(100).default([]).meta({
    description: "Who may start changes without approval, in order: the first that matches decides",
  }),
  tests: z.array(test).max(1000).default([]),
});
export type PolicyFile = z.infer<typeof policySchema>;
