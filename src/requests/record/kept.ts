import { StoredDataInvalid } from "../../model/errors.ts";
import type { Seal } from "../../platform/seal.ts";
import { Newest } from "./newest.ts";
import { type RequestRecord, upgraded } from "./record.ts";

/** A record as it lies in Redis. */
export interface Kept {
  rev: number;
  json: string;
  seal: string;
}

/** `rev`, `json` and `seal` as Redis gave them. Null: there is nothing. */
export function keptIn(answer: unknown): Kept | null {
  const fields: unknown[] = Array.isArray(answer) ? answer : [];
  if (fields.every((field) => field === null || field === undefined)) return null;
  const [rev, json, seal] = fields.map((field) => (typeof field === "string" ? field : ""));
  return { rev: Number(rev), json: json ?? "", seal: seal ?? "" };
}

/** A record that was read. `forged`: there is one that none of us wrote. */
type Read = { record: RequestRecord; rev: number } | "none" | "forged";

/** How records are written, and read again: the one place. Knows the newest of each that this process has seen. */
export class KeptRecords {
  readonly #seal: Seal;
  readonly #newest = new Newest<Kept>();

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  write(record: RequestRecord, rev: number): Kept {
    const json = JSON.stringify(record);
    return { rev, json, seal: this.#seal.of({ kind: "record", id: record.id, rev }, json) };
  }

  saw(id: string, kept: Kept): void {
    this.#newest.saw(id, kept);
  }

  /** Throws StoredDataInvalid: ours, and of another version. */
  read(id: string, kept: Kept | null): Read {
    if (kept === null) return "none";
    const { rev, json, seal } = kept;
    if (this.#seal.genuine({ kind: "record", id, rev }, json, seal) !== "ours") return "forged";
    this.saw(id, kept);
    return { record: parseRecord(json), rev };
  }

  /** What was seen of it and is newer than what was found now; null: nothing. What is forged stays as it is. */
  newer(id: string, found: Read): Kept | null {
    return found === "forged" ? null : this.#newest.above(id, found === "none" ? 0 : found.rev);
  }
}

/** Tolerates what it does not know, refuses what it cannot read. */
export function parseRecord(json: string): RequestRecord {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null || !("v" in value) || value.v !== 1)
    throw new StoredDataInvalid("reading a record: written by another version of flinkops");
  return upgraded(value as RequestRecord);
}
