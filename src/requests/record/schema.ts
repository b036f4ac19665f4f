import { z } from "zod";
import { STATE_KINDS } from "../../model/change-facts.ts";
import type { Effect } from "../../model/effect.ts";
import type { Json } from "../../model/json.ts";
import type { Picture } from "../../model/picture.ts";
import type { RequestRecord } from "./record.ts";

/**
 * The stored shape of a request. Objects are loose: a newer version may have added keys, which a process of an older
 * one must not lose when it writes the record back.
 */

export const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);
const facts = z.record(z.string(), json);

export const actor = z.looseObject({ user: z.string(), team: z.string() });
export const place = z.looseObject({
  channel: z.string(),
  thread: z.string().nullable(),
  door: z.enum(["command", "mention", "button"]),
});

const span = z.union([
  z.string(),
  z.looseObject({ b: z.string() }),
  z.looseObject({ code: z.string() }),
  z.looseObject({ person: z.string() }),
  z.looseObject({ group: z.string() }),
  z.looseObject({ channel: z.string() }),
  z.looseObject({ at: z.number() }),
  z.looseObject({ link: z.string(), label: z.string() }),
]);
const text = z.union([z.string(), z.array(span)]);
const table = z.looseObject({
  head: z.array(z.string()),
  rows: z.array(z.array(text)),
  lines: z.array(text).exactOptional(),
});
const offer = z.looseObject({
  label: z.string(),
  operation: z.string(),
  args: facts,
  danger: z.boolean().exactOptional(),
});
const operationClass = z.enum(["view", "operate", "destructive"]);
const intent = z.looseObject({
  headline: text,
  losses: z.array(text),
  warnings: z.array(text),
  details: z.array(text),
  binds: json,
  facts,
  offers: z.array(offer).exactOptional(),
  class: operationClass.exactOptional(),
  lacks: z
    .looseObject({
      what: z.string(),
      refusal: z.looseObject({
        refuse: text,
        instead: z.array(text).exactOptional(),
        offers: z.array(offer).exactOptional(),
      }),
    })
    .exactOptional(),
  change: z
    .looseObject({
      parallelism: z.looseObject({ from: z.number().nullable(), to: z.number() }).exactOptional(),
      drain: z.boolean().exactOptional(),
      jar: z.string().exactOptional(),
      allowNonRestoredState: z.boolean().exactOptional(),
      state: z
        .looseObject({
          kind: z.enum(STATE_KINDS),
          ageMs: z.number().nullable(),
        })
        .exactOptional(),
      jobs: z.array(z.string()).exactOptional(),
    })
    .exactOptional(),
});

/** An object whose kind is known here, and whose other keys are read where they are used. */
const tagged = <T>(key: string): z.ZodType<T> =>
  z.custom<T>((value) => typeof value === "object" && value !== null && Object.hasOwn(value, key));

const report = z.looseObject({
  outcome: z.enum(["done", "partly", "failed", "unknown"]),
  headline: text,
  lines: z.array(text),
  table: table.exactOptional(),
  facts: facts.exactOptional(),
  offers: z.array(offer).exactOptional(),
  picture: tagged<Picture>("kind").exactOptional(),
  file: z.looseObject({ name: z.string(), title: z.string(), text: z.string() }).exactOptional(),
});

const target = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("cluster"), cluster: z.string() }),
  z.looseObject({ kind: z.literal("job"), cluster: z.string(), jobId: z.string(), name: z.string() }),
  z.looseObject({ kind: z.literal("name"), cluster: z.string(), name: z.string() }),
  z.looseObject({ kind: z.literal("path"), cluster: z.string(), path: z.string() }),
]);

const vote = z.looseObject({
  actor,
  kind: z.enum(["approve", "deny"]),
  at: z.number(),
  digest: z.string(),
  reason: z.string().exactOptional(),
  in: z.array(z.string()).exactOptional(),
});
const people = z.looseObject({ groups: z.array(z.string()), users: z.array(z.string()) });
/** A digest and an id go into each button of a card, which has room for no longer ones. */
const short = z.string().max(200);
/** As many people as a policy can ask for; it makes as many places, which approvers fill. */
const count = z.int().min(1).max(1000);
const approval = z.looseObject({
  needed: z.int().min(0).max(1000),
  by: people,
  requirements: z
    .array(z.array(z.looseObject({ from: z.array(z.string()), count, by: people })))
    .exactOptional(),
  copyIn: z.string().exactOptional(),
  remindAt: z.number().exactOptional(),
  escalations: z.array(z.looseObject({ at: z.number(), by: people })).exactOptional(),
  expiresAt: z.number(),
  digest: short,
  votes: z.array(vote),
});
const breakGlass = z.looseObject({
  review: z.looseObject({ from: z.array(z.string()), count, by: people }),
  copyIn: z.string().exactOptional(),
  claim: z.string(),
  reviewed: z.looseObject({ actor, at: z.number(), justified: z.boolean(), why: z.string() }).nullable(),
});

const sent = z.discriminatedUnion("is", [
  z.looseObject({ is: z.literal("none") }),
  z.looseObject({ is: z.literal("accepted"), answer: json }),
  z.looseObject({ is: z.literal("refused"), reason: z.string() }),
  z.looseObject({ is: z.literal("unknown"), looked: z.string() }),
]);
const anchor = z.looseObject({
  startTime: z.number().nullable(),
  flinkNow: z.number(),
  processes: z.array(z.string()).nullable().exactOptional(),
  process: z.string().nullable().exactOptional(),
});
const run = z.looseObject({
  phase: z.string(),
  visit: z.number(),
  stage: z.enum(["sending", "sent"]),
  effect: tagged<Effect>("do").nullable(),
  effectId: z.string(),
  lease: z.looseObject({ holder: z.string(), until: z.number() }).nullable(),
  anchor: anchor.nullable(),
  sent,
  results: facts,
  visits: z.record(z.string(), z.number()),
  startedAt: z.number(),
  enteredAt: z.number(),
  note: text,
  progress: z.tuple([z.number(), z.number()]).nullable(),
  table: table.nullable(),
  notedAt: z.number(),
  unaudited: z.string().exactOptional(),
});

const keptArgs = z.union([
  z.array(z.string()),
  z.looseObject({ entry: z.string(), shown: z.array(z.string()), sha256: z.string() }),
]);
const launched = z.looseObject({
  jobId: z.string(),
  from: z.string().nullable(),
  jar: z.string(),
  entryClass: z.string().nullable(),
  args: keptArgs,
  parallelism: z.number().nullable(),
  allowNonRestoredState: z.boolean(),
  as: z.string().exactOptional(),
});

const superseded = z.looseObject({ requestId: z.string(), link: z.string().nullable() });
/** Before 0.2 this was one request or null. */
const supersedes = z.union([
  z.array(superseded),
  z.looseObject({ requestId: z.string() }).transform(({ requestId }) => [{ requestId, link: null }]),
  z.null().transform(() => []),
]);

export const recordSchema: z.ZodType<RequestRecord> = z.looseObject({
  v: z.literal(1),
  id: short,
  operation: z.string(),
  class: operationClass,
  args: facts,
  target,
  actor,
  place,
  reason: z.string().nullable(),
  askedAt: z.number(),
  askedWithBreakGlass: z.literal(true).exactOptional(),
  state: z.enum(["awaiting", "ready", "running", "ended", "closed"]),
  intent,
  decided: z.looseObject({ rule: z.string(), policy: z.string() }).exactOptional(),
  approval: approval.nullable(),
  suggestions: z
    .array(
      z.looseObject({
        actor,
        at: z.number(),
        operation: z.string().exactOptional(),
        args: facts,
        command: z.string(),
      }),
    )
    .exactOptional(),
  breakGlass: breakGlass.exactOptional(),
  startBy: z.number().nullable(),
  waiting: z
    .looseObject({
      holder: z.string().nullable(),
      words: text,
      claims: z.array(z.string()).exactOptional(),
      lock: z.string().exactOptional(),
      freeAt: z.number().exactOptional(),
    })
    .nullable(),
  run: run.nullable(),
  milestones: z.array(z.looseObject({ at: z.number(), text })),
  claims: z.array(z.string()),
  launched: z.array(launched),
  parent: z.string().nullable(),
  children: z.array(z.looseObject({ id: z.string(), jobId: z.string(), name: z.string() })),
  supersededBy: z
    .looseObject({
      requestId: z.string(),
      actor: z.string(),
      link: z.string().nullable().exactOptional(),
    })
    .nullable(),
  supersedes,
  end: z
    .looseObject({
      ending: z.enum(["refused", "denied", "expired", "withdrawn", "void", "superseded", "ran"]),
      report,
      at: z.number(),
    })
    .nullable(),
  second: z.looseObject({ dueAt: z.number(), line: text.nullable(), worse: z.boolean() }).nullable(),
});
