import type { CheckpointHistory, GraphDiff, JobGraph, PastCheckpoint, Picture } from "../model/picture.ts";
import { boxWords, SLOWS } from "./box.ts";
import { MOST_SHOWN } from "./checkpoint-history.ts";
import type { Box } from "./collapse.ts";
import { placed } from "./placed.ts";
import { sources } from "./pressure.ts";
import { clock, clocks, sentences, shortBytes, shortDuration, spoken } from "./words.ts";

/** https://docs.slack.dev/reference/methods/files.getUploadURLExternal#errors: alt_txt_too_large */
const MOST = 1000;

/** The picture as text for people who cannot see it, most important facts first. */
export const altText = (picture: Picture): string => sentences(inWords(picture), MOST);

function inWords(picture: Picture): readonly string[] {
  switch (picture.kind) {
    case "job graph":
      return ofGraph(picture);
    case "checkpoint history":
      return ofHistory(picture);
    case "graph diff":
      return ofDiff(picture);
  }
}

function ofDiff({ job, sum, at, before, after }: GraphDiff): readonly string[] {
  const differ = (side: GraphDiff["before"]): readonly string[] =>
    side.vertices
      .filter((v) => v.change !== "same" && !(side === before && v.change === "changed"))
      .map((v) => `${spoken(v.name, 60)}: ${[v.change, ...v.notes.map((note) => spoken(note))].join(", ")}.`);
  const same = after.vertices.filter((v) => v.change === "same").map((v) => spoken(v.name, 60));
  return [
    `Job graph of ${spoken(job)} (${spoken(before.title)}) and with ${spoken(after.title)}, at ${clock(at)} UTC: ${spoken(sum)}.`,
    ...differ(before),
    ...differ(after),
    ...(same.length === 0 ? [] : [`Unchanged: ${same.join(", ")}.`]),
  ];
}

function ofGraph(graph: JobGraph): readonly string[] {
  const { plan } = placed(graph);
  const slow = sources(graph);
  const ids = new Set(slow.map((v) => v.id));
  const names = new Map(plan.boxes.map((b) => [b.id, boxName(b)]));
  const after = new Map<string, string[]>();
  for (const { from, to, label } of plan.links)
    after.set(from, [
      ...(after.get(from) ?? []),
      `${names.get(to) ?? ""}${label === "" ? "" : ` (${label})`}`,
    ]);
  return [
    `Job graph of ${spoken(graph.job)}, ${graph.state}, ${graph.vertices.length} ${graph.vertices.length === 1 ? "vertex" : "vertices"}, at ${clock(graph.at)} UTC.`,
    ...slow.slice(0, 1).map((v) => `Back-pressure starts at ${spoken(v.name)}.`),
    ...plan.boxes.map((box) => {
      const words = boxWords(box, {
        isSource: box.vertices.length === 1 && ids.has(box.vertices[0]?.id ?? ""),
      });
      const to = after.get(box.id);
      const tag = words.tag === SLOWS ? `, ${SLOWS.toLowerCase()}` : "";
      return `${names.get(box.id) ?? ""}: ${[...words.tasks, ...words.load].join(", ")}${tag}${to === undefined ? "" : `; sends to ${to.join(" and ")}`}.`;
    }),
  ];
}

const boxName = ({ vertices }: Box): string => {
  const first = spoken(vertices[0]?.name ?? "", 60);
  return vertices.length === 1 ? first : `${vertices.length} vertices from ${first} on`;
};

function ofHistory(history: CheckpointHistory): readonly string[] {
  const shown = history.checkpoints.slice(-MOST_SHOWN);
  const [first] = shown;
  const last = shown.at(-1);
  const name = spoken(history.job);
  if (first === undefined || last === undefined) return [`Checkpoint history of ${name}: none yet.`];
  const completed = shown.filter((c) => c.kind === "completed");
  const failed = shown.filter((c) => c.kind === "failed");
  return [
    `Checkpoint history of ${name}, ${clocks(first.triggeredAt, last.triggeredAt)}: ${shown.length === 1 ? "1 checkpoint" : `${shown.length} checkpoints`}, ${completed.length} completed, ${failed.length} failed.`,
    ...(failed.length === 0 ? [] : [`Failed: ${failed.map((c) => c.id).join(", ")}.`]),
    ...range(
      "Duration",
      completed.map((c) => c.durationMs ?? 0),
      shortDuration,
    ),
    ...range(
      "Size",
      completed.map((c) => c.sizeBytes),
      shortBytes,
    ),
    ...shown.filter((c) => c.isSavepoint).map((c) => `${numbered(c)} is a savepoint.`),
    ...shown.filter((c) => c.kind === "in_progress").map((c) => `${numbered(c)} is in progress.`),
  ];
}

const numbered = (c: PastCheckpoint): string => `Number ${c.id}`;

function range(what: string, values: readonly number[], words: (n: number) => string): readonly string[] {
  const last = values.at(-1);
  if (last === undefined) return [];
  const [least, most] = [words(Math.min(...values)), words(Math.max(...values))];
  return [`${what} ${least === most ? most : `${least} to ${most}`}, the latest ${words(last)}.`];
}
