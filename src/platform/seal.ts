import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * What a sealed value is: of which kind, whose, and which revision of it. All of it is under the seal, so that a value
 * counts only as it was written, and only where it was written.
 */
export interface Sealed {
  kind: "intake" | "record" | "directory" | "states" | "answer";
  id: string;
  /** 0 where there is only one. */
  rev: number;
}

/** Ours, or why not. `unknown key`: sealed by somebody whose key is not among ours, as while keys are being changed. */
export type Genuine = "ours" | "altered" | "unknown key" | "no seal";

/** A value in Redis that none of our processes wrote there. `older`: one did once, and a newer one was seen since. */
export interface NotOurs {
  kind: Sealed["kind"];
  id: string;
  why: Exclude<Genuine, "ours"> | "older";
}

/** Tells what our own processes wrote into Redis from what anybody else did. HMAC-SHA-256, all processes share the keys. */
export interface Seal {
  /** To be kept beside the value: `<key id>.<mac>`. */
  of(what: Sealed, text: string): string;
  genuine(what: Sealed, text: string, seal: string | null): Genuine;
  /** Whatever is found not to be ours passes here, also what somebody else found. */
  tell(found: NotOurs): void;
  /** Seal and value in one. */
  close(what: Sealed, text: string): string;
  /** What was closed; null: not ours. */
  open(what: Sealed, closed: string): string | null;
}

const PREFIX = "flinkops_seal_";
/** As `newKey` makes them: 256 bits. */
const KEY = /^flinkops_seal_[A-Za-z0-9_-]{43}$/u;
/** `<key id>.<mac>` in base64url: 8 + 1 + 43 characters. */
const LENGTH = 52;

export const newKey = (): string => `${PREFIX}${randomBytes(32).toString("base64url")}`;

/** What is wrong with a key, without repeating it; null: nothing. */
export const keyProblem = (key: string): string | null =>
  KEY.test(key) ? null : "must be a key as `flinkops seal new` prints one";

/** The first key seals, all verify; `tell` hears of each value that is not ours. Throws RangeError without any key. */
export function createSeal(keys: readonly string[], tell: Seal["tell"]): Seal {
  const [first] = keys;
  if (first === undefined) throw new RangeError("a seal without a key");
  const byId = new Map(keys.map((key) => [idOf(key), key]));
  const sealing = idOf(first);
  const of: Seal["of"] = (what, text) => `${sealing}.${mac(first, what, text)}`;
  const judge: Seal["genuine"] = (what, text, seal) => {
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
  return {
    of,
    genuine,
    tell,
    close: (what, text) => `${of(what, text)} ${text}`,
    open(what, closed) {
      const text = closed.slice(LENGTH + 1);
      return genuine(what, text, closed.slice(0, LENGTH)) === "ours" ? text : null;
    },
  };
}

/**
 * The key where none is configured: what all processes know and Redis does not. It goes with the bot token, so what was
 * sealed before that changed is not ours any more; that is why changes want a key of their own.
 */
export const keyFrom = (botToken: string): string =>
  `${PREFIX}${createHmac("sha256", botToken).update("flinkops seal").digest("base64url")}`;

/** Stands for a text that must not lie in Redis; without the key nobody can try out what it was. Hex. */
export const digestUnder = (key: string, text: string): string =>
  createHmac("sha256", key).update("flinkops digest\0").update(text).digest("hex");

/** Which of the keys it was; tells nothing of the key. */
const idOf = (key: string): string =>
  createHmac("sha256", key).update("flinkops seal key id").digest("base64url").slice(0, 8);

/** What it is stands before the text as JSON, so that neither can be taken for a part of the other. */
const mac = (key: string, { kind, id, rev }: Sealed, text: string): string =>
  createHmac("sha256", key)
    .update(`${JSON.stringify([kind, id, rev])}\0`)
    .update(text)
    .digest("base64url");
