import { isDeepStrictEqual } from "node:util";
import { StoredDataInvalid } from "../../../src/model/errors.ts";
import type { Seal } from "../../../src/platform/seal.ts";
import { parseSeen, type Seen } from "../../../src/job-cache/job-cache.ts";
import { createStates } from "../../../src/job-cache/states.ts";
import { readIntake } from "../../../src/queue/intake.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { KeptRecords } from "../../../src/requests/record/kept.ts";
import { readingLocks } from "../../../src/requests/record/locks.ts";
import { directoryOf } from "../../fakes/knowledge.ts";
import { aSeal } from "../../fakes/seal.ts";
import { answerTo } from "../../operations/ask.ts";
import type { Random } from "../../simulate/random.ts";
import { mutated } from "../mutate.ts";
import { alteredText } from "../nasty.ts";
import { must, type Outcome, refused, type Subject, subject, understood } from "../subject.ts";
import { shownRecord } from "../shown-record.ts";
import { RECORDS, VALUES } from "../stored-samples.ts";
import { answered } from "../words.ts";

const KEY = "flinkops_seal_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const OTHER = "flinkops_seal_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
const keys = keysUnder("{flinkops}");

type Kind = "record" | "intake" | "seen" | "states" | "vertices" | "lock";
interface Value {
  kind: Kind;
  /** As it is in Redis. */
  json: string;
  /** Who sealed it: we, in an older or newer version of ours; we, and somebody has changed it or its place; others. */
  sealed: "ours" | "changed" | "moved" | "other key" | "no seal";
  sealedJson: string;
}

/** Most cases, because they come further. */
const OURS = Array.from({ length: 10 }, () => "ours" as const);
const KINDS: readonly Kind[] = ["record", "record", "record", "intake", "seen", "states", "vertices", "lock"];

/** How each kind of value is read. Null: it is set aside. */
interface Door {
  record(seal: Seal, at: string, value: { json: string; seal: string }): unknown;
  intake(seal: Seal, at: string, value: { json: string; seal: string }): unknown;
  seen(seal: Seal, at: string, value: { json: string; seal: string }): unknown;
  states(seal: Seal, at: string, value: { json: string; seal: string }): Promise<unknown>;
  vertices(seal: Seal, at: string, value: { json: string; seal: string }): Promise<unknown>;
  lock(seal: Seal, at: string, value: { json: string; seal: string }): Promise<unknown>;
}

const gone = { exec: () => Promise.resolve([]) };
const batch = { del: () => batch, zrem: () => batch, ...gone };

const product: Door = {
  record(seal, at, value) {
    const read = new KeptRecords(seal).read(at, { rev: 3, ...value });
    return typeof read === "string" ? null : read.record;
  },
  intake(seal, at, value) {
    const read = readIntake(seal, at, value);
    return typeof read === "string" ? null : read;
  },
  seen: (seal, at, value) => parseSeen(seal, at, `${value.seal} ${value.json}`),
  async states(seal, at, value) {
    const redis = {
      defineCommand: () => undefined,
      hgetall: async () => ({ [at]: `${value.seal} ${value.json}` }),
    };
    return (await createStates(redis as never, keys, seal).read("prod"))[0] ?? null;
  },
  async vertices(seal, at, value) {
    const redis = { defineCommand: () => undefined, hget: async () => `${value.seal} ${value.json}` };
    return await createStates(redis as never, keys, seal).vertices("prod", at);
  },
  lock: async (seal, at, value) =>
    await readingLocks({ redis: { pipeline: () => batch } as never, keys, seal })(at, value.json, value.seal),
};

const PLACES: Readonly<
  Record<Kind, (at: string) => { kind: Parameters<Seal["of"]>[0]["kind"]; id: string; rev: number }>
> = {
  record: (id) => ({ kind: "record", id, rev: 3 }),
  intake: (id) => ({ kind: "intake", id, rev: 0 }),
  seen: (id) => ({ kind: "directory", id, rev: 0 }),
  states: (id) => ({ kind: "states", id: `prod/${id}`, rev: 0 }),
  vertices: (id) => ({ kind: "vertices", id: `prod/${id}`, rev: 0 }),
  lock: (id) => ({ kind: "lock", id, rev: 0 }),
};

/** Values in Redis: of older and newer versions under our seal, and whatever somebody else wrote. */
export const stored = (door: Door = product): Subject =>
  subject({
    name: "stored",
    make(random): Value {
      const kind = random.pick(KINDS);
      const right = random.pick(kind === "record" ? RECORDS : VALUES[kind]);
      // what flinkops wrote has no secrets: they are refused or hidden before
      const sealedJson = JSON.stringify(mutated(right, random, { shapes: 0.3, most: 2, secrets: 0 }));
      const sealed = random.pick([...OURS, "changed", "moved", "other key", "no seal"] as const);
      const json = sealed === "changed" ? changed(sealedJson, random) : sealedJson;
      return {
        kind,
        sealed: sealed === "changed" && json === sealedJson ? "ours" : sealed,
        sealedJson,
        json,
      };
    },
    async judge(value) {
      const { kind, json } = value;
      const ours = aSeal([KEY]);
      let read: unknown;
      try {
        read = await door[kind](ours, "at", { json, seal: sealOf(value) });
      } catch (error) {
        if (!(error instanceof StoredDataInvalid)) throw error;
        must(value.sealed === "ours", () => `somebody else's ${kind} was read`);
        return refused(`${kind} of another version`);
      }
      if (read === null) {
        // a value that is not ours is reported, one of another version is not; vertices may outlive their key
        must(
          (value.sealed === "ours") === (ours.told.length === 0) ||
            (kind === "vertices" && value.sealed !== "ours"),
          () => `a ${kind} that is ${value.sealed} was told of ${ours.told.length} times`,
        );
        return refused(`${kind} ${value.sealed}`);
      }
      must(value.sealed === "ours", () => `somebody else's ${kind} (${value.sealed}) was read`);
      return await inUse(kind, read, json);
    },
  });

function changed(json: string, random: Random): string {
  return random.happens(0.5)
    ? JSON.stringify(mutated(JSON.parse(json), random, { shapes: 0.3, most: 2 }))
    : alteredText(json, random);
}

function sealOf({ kind, sealed, sealedJson }: Value): string {
  if (sealed === "no seal") return "";
  const at = sealed === "moved" ? "elsewhere" : "at";
  return aSeal([sealed === "other key" ? OTHER : KEY]).of(PLACES[kind](at), sealedJson);
}

/** What was read is whole: nothing of it is lost on the way back, and whatever shows it can. */
async function inUse(kind: Kind, read: unknown, json: string): Promise<Outcome> {
  must(typeof read === "object" && read !== null, () => `a ${kind} was read as ${JSON.stringify(read)}`);
  if (kind === "seen") await listed(read as Seen);
  if (kind !== "record") return understood(kind);
  // a key that could only mean harm
  const written: unknown = JSON.parse(json, (key, value: unknown) =>
    key === "__proto__" ? undefined : value,
  );
  const again: unknown = JSON.parse(JSON.stringify(read));
  const isUpgraded =
    typeof written === "object" &&
    written !== null &&
    "supersedes" in written &&
    !Array.isArray(written.supersedes);
  must(
    isUpgraded || isDeepStrictEqual(again, written),
    () => `a record is written as ${JSON.stringify(again)}`,
  );
  return understood(`record ${shownRecord(read as never)}`);
}

/** The lists of jobs and of clusters, as they show what a worker last read. */
async function listed(seen: Seen): Promise<void> {
  const jobCache = directoryOf([{ cluster: "prod", label: "PROD", ...seen, isOver: false }]);
  for (const text of ["list", "clusters"]) {
    const answer = await answerTo(text, { jobCache });
    if ("refuse" in answer || "headline" in answer) answered(answer);
  }
}
