/** Limits for reading the last part of a long text, bytes. */
export interface TailLimits {
  /** A longer text is not read to its end. */
  read: number;
  /** How much of its end is kept. */
  keep: number;
}

/** Where a kept part belongs in the whole text. */
export interface TailPlace {
  /** Bytes before the kept part. */
  skipped: number;
  /** The whole size as announced; null: not announced. */
  size: number | null;
  /** Whether the text was read to its end. */
  ended: boolean;
}

/** Keeps the last bytes of what it takes. */
export interface TailReader {
  /** Takes the next chunk. False: enough was read. */
  take(chunk: Buffer): boolean;
  /** Whether the announced size is beyond the limit, so that reading is of no use. */
  readonly isTooLong: boolean;
  readonly isEmpty: boolean;
  /** There is no more. */
  end(): void;
  /** The kept part as text, and its place. */
  kept(): { text: string; place: TailPlace };
}

/** `length`: the value of the content-length header, if there is one. */
export function createTail(limits: TailLimits, length: string | undefined): TailReader {
  const size = length !== undefined && /^\d{1,15}$/u.test(length) ? Number(length) : null;
  const chunks: Buffer[] = [];
  let [read, held] = [0, 0];
  let ended = false;
  return {
    isTooLong: size !== null && size > limits.read,
    get isEmpty() {
      return read === 0;
    },
    take(chunk) {
      chunks.push(chunk);
      read += chunk.length;
      held += chunk.length;
      while (held - (chunks[0]?.length ?? 0) >= limits.keep) held -= chunks.shift()?.length ?? 0;
      return read < limits.read;
    },
    end() {
      ended = true;
    },
    kept() {
      const bytes = Buffer.concat(chunks).subarray(-limits.keep);
      return { text: bytes.toString("utf8"), place: { skipped: read - bytes.length, size, ended } };
    },
  };
}
