import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Identifies a sealed value: its kind, its owner and its revision. The seal covers all three, so a value is genuine
 * only unaltered and only in its own place.
 */
export interface Sealed {
  kind: "intake" | "record" | "directory" | "states" | "vertices" | "answer" | "audit" | "lock";
  id: string;
  /** 0 if the value has no revisions. */
  rev: number;
}

/** Whether flinkops wrote a value, or why not. `unknown key`: its key is not ours, as while keys are being rotated. */
export type Genuine = "ours" | "altered" | "unknown key" | "no seal";

/** A value in Redis that flinkops did not write. `older`: flinkops wrote it once and has since seen a newer one. */
export interface NotOurs {
  kind: Sealed["kind"];
  id: string;
  why: Exclude<Genuine, "ours"> | "older";
}

/**
 * Distinguishes values in Redis that our processes wrote from all others. HMAC-SHA-256; all processes share the keys.
 */
export interface Seal {
  /** The seal to store with the value: `<key id>.<mac>`. */
  of(what: Sealed, text: string): string;
  genuine(what: Sealed, text: string, seal: string | null): Genuine;
  /** The same, without a report: for values that outlive their key. */
  judge(what: Sealed, text: string, seal: string | null): Genuine;
  /** Reports a value that flinkops did not write; other modules call it for their own findings. */
  tell(found: NotOurs): void;
  /** Joins seal and value into one text. */
  close(what: Sealed, text: string): string;
  /** The value inside a closed text; null: not ours. */
  open(what: Sealed, closed: string): string | null;
  /** The same of a value that may outlive its key: an unknown key is not reported. */
  openOld(what: Sealed, closed: string): string | null;
}

/** An audit entry that is not chained yet. It has no place of its own in Redis, so its seal names none. */
export const AUDIT_ENTRY: Sealed = { kind: "audit", id: "entry", rev: 0 };

const PREFIX = "flinkops_seal_";
/** The format of `newKey`: 256 bits. */
const KEY = /^flinkops_seal_[A-Za-z0-9_-]{43}$/u;
/** `<key id>.<mac>` in base64url: 8 + 1 + 43 characters. */
const LENGTH = 52;

export const newKey = (): string => `${PREFIX}${randomBytes(32).toString("base64url")}`;

/** Whether it is a key as `newKey` makes one. */
export const isKey = (key: string): boolean => KEY.test(key);

/**
 * The first key seals, all keys verify. `tell` receives each value that is not ours. Throws RangeError without a key.
 */
export function createSeal(keys: readonly string[], tell: Seal["tell"]): Seal {
  const [first] = keys;
  if (first === undefined) throw new RangeError("a seal without a key");
  // as objects, which are not prepared again for each value
  const byId = new Map(keys.map((key) => [idOf(key), createSecretKey(key, "utf8")]));
  const [sealing, own] = [idOf(first), createSecretKey(first, "utf8")];
  const of: Seal["of"] = (what, text) => `${sealing}.${mac(own, what, text)}`;
  const judge: Seal["judge"] = (what, text, seal) => {
    if (seal === null || seal.length !== LENGTH) return "no seal";
    const id = seal.slice(0, 8);
    const key = byId.get(id);
    if (key === undefined) return "unknown key";
    const [given, right] = [Buffer.from(seal), Buffer.from(`${id}.${mac(key, what, text)}`)];
    return given.length === right.length && timingSafeEqual(given, right) ? "ours" : "altered";
  };
  const genuine: Seal["genuine"] = (what, text, seal) => {
    const why = judge(what, text, seal);
    if (why !== "ours") tell({ kind: what.kind, id: what.id, why });
    return why;
  };
  const open: Seal["open"] = (what, closed) => {
    const text = closed.slice(LENGTH + 1);
    return genuine(what, text, closed.slice(0, LENGTH)) === "ours" ? text : null;
  };
  return {
    of,
    genuine,
    judge,
    tell,
    close: (what, text) => `${of(what, text)} ${text}`,
    open,
    openOld: (what, closed) =>
      judge(what, closed.slice(LENGTH + 1), closed.slice(0, LENGTH)) === "unknown key"
        ? null
        : open(what, closed),
  };
}

/**
 * The key when none is configured: derived from the bot token, which all processes know and Redis does not. A new token
 * invalidates all earlier seals; that is why changes need a configured key.
 */
export const keyFrom = (botToken: string): string =>
  `${PREFIX}${createHmac("sha256", botToken).update("flinkops seal").digest("base64url")}`;

/**
 * Hex digest in place of a text that must not be stored in Redis. Without the key nobody can guess the text from it.
 */
export const digestUnder = (key: string, text: string): string =>
  createHmac("sha256", key).update("flinkops digest\0").update(text).digest("hex");

/** Identifies a key without revealing it. */
const idOf = (key: string): string =>
  createHmac("sha256", key).update("flinkops seal key id").digest("base64url").slice(0, 8);

/** The identity precedes the text as JSON, so that neither can be mistaken for part of the other. */
const mac = (key: KeyObject, { kind, id, rev }: Sealed, text: string): string =>
  createHmac("sha256", key)
    .update(`${JSON.stringify([kind, id, rev])}\0`)
    .update(text)
    .digest("base64url");
