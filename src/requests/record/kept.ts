import { z } from "zod";
import { StoredDataInvalid } from "../../model/errors.ts";
import type { Seal } from "../../platform/seal.ts";
import { Newest } from "./newest.ts";
import type { RequestRecord } from "./record.ts";
import { recordSchema } from "./schema.ts";

/** A record as stored in Redis. */
export interface Kept {
  rev: number;
  json: string;
  seal: string;
}

/** Reads `rev`, `json` and `seal` from Redis's answer. Null: there is no record. */
export function keptIn(answer: unknown): Kept | null {
  const fields: unknown[] = Array.isArray(answer) ? answer : [];
  if (fields.every((field) => field === null || field === undefined)) return null;
  const [rev, json, seal] = fields.map((field) => (typeof field === "string" ? field : ""));
  return { rev: Number(rev), json: json ?? "", seal: seal ?? "" };
}

/** The result of reading a record. `forged`: there is one, but its seal is not ours. */
type Read = { record: RequestRecord; rev: number } | "none" | "forged";

/**
 * The only class that writes and reads stored records. It remembers the newest revision of each that this process has
 * seen.
 */
export class KeptRecords {
  readonly #seal: Seal;
  readonly #newest = new Newest<Kept>();
  /** What was read from the newest revisions: a step reads the one that the step before it wrote. */
  readonly #parsed = new WeakMap<Kept, RequestRecord>();

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

  /** Throws StoredDataInvalid where another version wrote the record. */
  read(id: string, kept: Kept | null): Read {
    if (kept === null) return "none";
    const { rev, json, seal } = kept;
    const known = this.#newest.of(id);
    // the same bytes under the same seal are as genuine as before
    const same = known?.rev === rev && known.json === json && known.seal === seal ? known : null;
    if (same === null && this.#seal.genuine({ kind: "record", id, rev }, json, seal) !== "ours")
      return "forged";
    const seen = same ?? kept;
    const record = this.#parsed.get(seen) ?? parseRecord(json);
    this.#parsed.set(seen, record);
    this.saw(id, seen);
    return { record, rev };
  }

  /** The newest revision seen before, where it is newer than `found`; null: none is. A forged record is left alone. */
  newer(id: string, found: Read): Kept | null {
    return found === "forged" ? null : this.#newest.above(id, found === "none" ? 0 : found.rev);
  }
}

/** Keeps unknown fields. Throws StoredDataInvalid where the record has another shape: another version wrote it. */
export function parseRecord(json: string): RequestRecord {
  const parsed = recordSchema.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  throw new StoredDataInvalid(
    `reading a record: written by another version of flinkops (${z.prettifyError(parsed.error)})`,
  );
}
