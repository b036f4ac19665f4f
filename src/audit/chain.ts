import { sha256 } from "../platform/canonical.ts";
import type { Signer } from "../platform/signing.ts";

/** The newest entry of a chain: its number and its hash, which covers every entry before it. */
export interface Head {
  n: number;
  /** SHA-256, 64 hex digits. */
  hash: string;
}

/** Before the first entry. */
export const GENESIS: Head = { n: 0, hash: sha256("flinkops audit chain") };

/** An entry of the audit log in its chain. */
export interface Link extends Head {
  /** The whole entry as one line of JSON. */
  line: string;
}

/** Marks an entry without a seal: an older version of flinkops wrote it, or someone else. */
const UNSEALED = ',"unsealed":true';

/**
 * Appends an entry to the chain: adds its number `n`, `prev` (the hash of the entry before), `hash`, which covers all
 * of that, and with a key `sig`. The same entry after the same head gives the same line. `entry`: one JSON object in
 * one line, without these keys.
 */
export function link(
  entry: string,
  before: Head,
  { sign, sealed }: { sign: Signer | null; sealed: "yes" | "no" },
): Link {
  const n = before.n + 1;
  const body = `${entry.slice(0, -1)}${sealed === "no" ? UNSEALED : ""},"n":${n},"prev":"${before.hash}"`;
  const hash = sha256(`${body}}`);
  const sig = sign === null ? "" : `,"sig":"${sign.sign(statement({ n, hash }))}"`;
  return { n, hash, line: `${body},"hash":"${hash}"${sig}}` };
}

/** An entry as read from an export, a sink or Redis. */
export interface ReadLink extends Head {
  prev: string;
  sig: string | null;
  /** When it happened, ms by Redis's clock. */
  at: number;
  /** It was chained without a seal. */
  unsealed: boolean;
  /** Its hash is the hash of its text. */
  whole: boolean;
  /** The SHA-256 that flinkops gave the entry before it was chained. */
  sha256: string;
  /** All keys of the entry. */
  entry: { readonly [key: string]: unknown };
}

const LINK = /^(\{.*),"hash":"([0-9a-f]{64})"(?:,"sig":"([\w.-]{1,200})")?\}$/su;

/** Reads one line; null: it is no entry of a chain. */
export function readLink(line: string): ReadLink | null {
  const [, body, hash = "", sig = null] = LINK.exec(line) ?? [];
  if (body === undefined) return null;
  const entry = jsonObject(line);
  if (entry === null) return null;
  const { n, prev, at, sha256: own, unsealed } = entry;
  if (typeof n !== "number" || !Number.isSafeInteger(n) || n < 1 || typeof prev !== "string") return null;
  return {
    n,
    hash,
    prev,
    sig,
    at: typeof at === "number" ? at : 0,
    unsealed: unsealed === true,
    whole: sha256(`${body}}`) === hash,
    sha256: typeof own === "string" ? own : "",
    entry,
  };
}

/** A JSON object in a text; null: the text is something else. */
export function jsonObject(text: string): { readonly [key: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : null;
  } catch {
    return null;
  }
}

/** The text whose signature vouches for an entry and all before it. */
export const statement = ({ n, hash }: Head): string => `flinkops audit head\n${n}\n${hash}\n`;

/** `1234:<hash>`, as people copy it. */
export const headText = ({ n, hash }: Head): string => `${n}:${hash}`;

/** Reads `<n>:<hash>` or `<n>:<hash>:<signature>`; null: it is neither. */
export function parseHead(text: string): (Head & { sig: string | null }) | null {
  const [, n, hash = "", sig = null] =
    /^(\d{1,15}):([0-9a-f]{64})(?::([\w.-]{1,200}))?$/u.exec(text.trim()) ?? [];
  return n === undefined ? null : { n: Number(n), hash, sig };
}
