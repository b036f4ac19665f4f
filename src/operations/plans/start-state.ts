import type { ChangeFacts } from "../../model/change-facts.ts";
import { parseSavepointDirectory } from "../../model/savepoint-path.ts";
import { closest } from "../../command/closest.ts";
import { shown } from "../wording/job.ts";
import type { Context } from "../../model/operation.ts";
import type { JobTarget, NameTarget } from "../../model/target.ts";
import type { Refusal } from "../../model/report.ts";
import { plainPath, samePath } from "../../model/state-path.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { beforeAsked } from "../../model/units.ts";
import type { RestorableState } from "../../model/knowledge.ts";

/** The state that a job will be started from. */
export interface StartState {
  /** Null: empty state. */
  path: string | null;
  /** The state in words, for example "from its checkpoint, written 40 s before this was asked: <path>". */
  words: Text;
  /** Why someone else must approve; null: nobody has to. */
  needsAnother: Text | null;
  warnings: readonly Text[];
  /** For the rules of the policy. */
  facts: NonNullable<ChangeFacts["state"]>;
}

export const LAST = "last";
export const NONE = "none";

type Startable = Context<unknown, JobTarget | NameTarget>;

/** `from`: `last`, `none` or a path. A drained savepoint is used only if it is named. */
export async function chooseState(c: Startable, from: string): Promise<StartState | Refusal> {
  if (from === NONE) return fromNothing();
  const known = await c.known.restorable.of(`${c.target.cluster}/${c.target.name}`);
  return from === LAST ? last(c, known) : await named(c, from, known);
}

const fromNothing = (): StartState => ({
  path: null,
  words: "from nothing",
  needsAnother: "it starts with empty state",
  warnings: [],
  facts: { kind: "none", ageMs: null },
});

function last(c: Startable, known: readonly RestorableState[]): StartState | Refusal {
  const usable = known.filter((s) => s.drained !== true);
  const [newest] = usable.toSorted((a, z) => z.at - a.at);
  if (newest !== undefined) return chosen(c, newest);
  const drained =
    known.length > 0
      ? ["Only drained savepoints are known, and a job must not be resumed from them."]
      : ["Checked: requests to flinkops, and the savepoints and checkpoints that it saw on the cluster."];
  return {
    refuse: t`flinkops knows no state to start ${b(shown(c.target.name))} from.`,
    instead: [
      ...drained,
      t`Name one with ${code("--from <path>")}; ${code("--from none")} starts with empty state and needs another person's approval.`,
    ],
  };
}

async function named(
  c: Startable,
  from: string,
  known: readonly RestorableState[],
): Promise<StartState | Refusal> {
  const fileSystem = await c.known.restorable.fileSystem(c.target.cluster);
  const found = known.find((s) => samePath(s.path, from, fileSystem));
  if (found !== undefined) return chosen(c, found);
  const folder = folderOf(plainPath(from, fileSystem));
  // the job's own checkpoint folder may be outside of the roots; a path there is accepted, but its age is not known
  if (folder !== null && known.some((s) => folderOf(plainPath(s.path, fileSystem)) === folder))
    return unknownState(from);
  const parsed = parseSavepointDirectory(from, { roots: c.flink.savepointRoots, fileSystem });
  if ("problem" in parsed)
    return {
      refuse: t`This state cannot be used: ${parsed.problem}.`,
      instead: [
        ...closest(from, [LAST, "none"], 1).map((word) => t`Did you mean ${code(`--from ${word}`)}?`),
        t`${code("savepoints")} lists the known ones.`,
      ],
    };
  return unknownState(parsed.ok);
}

const unknownState = (path: string): StartState => ({
  path,
  words: t`from ${code(path)}`,
  needsAnother: "flinkops does not know that state or its age",
  warnings: [],
  facts: { kind: "unknown", ageMs: null },
});

/**
 * The folder of a checkpoint, which also holds the job's other checkpoints; null: the path is not one of a
 * checkpoint.
 */
const folderOf = (path: string): string | null => /^(.*)\/chk-\d+\/?$/u.exec(path)?.[1] ?? null;

function chosen(c: Startable, s: RestorableState): StartState {
  const age = c.now - s.at;
  const kind = s.isSavepoint ? "savepoint" : "checkpoint";
  const warnings: readonly Text[] = [
    ...(s.drained === true
      ? ["The savepoint is drained: its windows and timers have fired and will not fire again."]
      : []),
    ...(s.isSavepoint || s.kept !== "while it runs"
      ? []
      : ["Flink deletes this checkpoint when its job ends; it may be gone."]),
  ];
  return {
    path: s.path,
    words: t`from its ${kind}, written ${beforeAsked(s.at, c.now)}: ${code(s.path)}`,
    needsAnother:
      age > c.known.settings.staleState ? t`the state is old: written ${beforeAsked(s.at, c.now)}` : null,
    warnings,
    facts: { kind, ageMs: age },
  };
}
