import { plain } from "../../model/text.ts";
import { again, type Engine, type Next } from "../ports/engine.ts";
import { transition, runOf } from "../record/transitions.ts";
import type { Run } from "../record/record.ts";
import type { Held } from "../record/store.ts";

/** A changing note is written at most this often, ms. */
const NOTE_EVERY_MS = 1000;

type Note = Pick<Run, "note" | "progress" | "table">;

/** Stores what the card says while the request runs, only where it changed. Slack draws it at its own pace. */
export async function saveProgress(
  engine: Engine,
  held: Held,
  { note, inMs }: { note: Note; inMs: number },
): Promise<Next> {
  const run = runOf(held.record);
  if (inWords(run) === inWords(note) || held.now - run.notedAt < NOTE_EVERY_MS) {
    engine.present(held);
    return { ...again(inMs), held };
  }
  const next = { ...held.record, run: noted(run, { ...note, at: held.now }) };
  const committed = await transition(engine.store, held, { next });
  if (committed.is !== "ok") return again(0);
  const after = { ...held, record: next, rev: held.rev + 1 };
  engine.present(after);
  return { ...again(inMs), held: after };
}

/** A run with another note, and without what belongs to the one before. */
export function noted(
  { unaudited: _before, ...run }: Run,
  { at, ...note }: Partial<Note> & { at: number },
): Run {
  return { ...run, ...note, notedAt: at };
}

const inWords = ({ note, progress, table }: Note): string =>
  JSON.stringify([plain(note), progress, table?.rows.map((row) => row.map(plain))]);
