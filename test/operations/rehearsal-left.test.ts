import { expect, it, test } from "vitest";
import type { Unsent } from "../../src/model/operation.ts";
import { plain } from "../../src/model/text.ts";
import { T0 } from "../fakes/flink-reads.ts";
import { itself, LOCATION, saved, start, toEnd } from "./a-rehearsal.ts";
import { EFFECT_ID } from "./drive.ts";

const STAYS = `Its savepoint is kept, because it may be the newest state of the job: ${LOCATION}`;
const DELETE = {
  label: "Delete its savepoint",
  operation: "dispose",
  args: { savepoint: LOCATION, cluster: "prod" },
  danger: true,
};

type World = ReturnType<typeof start>;
async function opened(words?: string): Promise<World> {
  const world = start(words);
  await world.drive.intended();
  return world;
}
async function unsent({ drive }: World, moment: Parameters<World["drive"]["observe"]>[0]): Promise<Unsent> {
  const seen = await drive.observe(moment);
  if (seen.kind !== "next" || seen.unsent === undefined) throw new Error(JSON.stringify(seen));
  return seen.unsent;
}

test.each<[string, (world: World) => Parameters<World["drive"]["observe"]>[0], string]>([
  [
    "before the start",
    ({ flink }) => {
      flink.triggers.set(EFFECT_ID, { is: "completed", location: LOCATION });
      return { waited: 5000 };
    },
    "It is kept, because it may be the newest state of the job.",
  ],
  [
    "while it runs",
    ({ flink }) => {
      itself(flink, { state: "CANCELED" });
      return { phase: "rehearsal", results: saved };
    },
    STAYS,
  ],
  [
    "with its verdict",
    ({ flink }) => {
      itself(flink, { name: "orders" });
      return { phase: "rehearsal", results: saved };
    },
    STAYS,
  ],
  [
    "once it has ended",
    ({ flink }) => {
      itself(flink, { state: "CANCELED" });
      return { phase: "rehearsal-cancel", ...toEnd() };
    },
    STAYS,
  ],
  [
    "once its savepoint may have been deleted",
    () => ({
      phase: "rehearsal-dispose",
      ...toEnd(),
      effect: { do: "dispose", path: LOCATION },
      sent: { is: "unknown", looked: "" },
    }),
    `Its savepoint may not be deleted: ${LOCATION}`,
  ],
])("a rehearsal that another request takes over %s leaves its savepoint to people", async (_, at, words) => {
  const world = await opened();
  const left = await unsent(world, at(world));
  expect(left.lines.map(plain)).toEqual([words]);
  expect(left.facts).toEqual({ location: LOCATION, drained: false, savedAt: T0 + 5000 });
  expect(left.offers).toEqual([DELETE]);
});

it("offers to delete a savepoint that is still there, unless it was to be kept", async () => {
  const sent = { is: "accepted" as const, answer: { disposal: "d1" } };
  const effect = { do: "dispose" as const, path: LOCATION };
  const ending = { phase: "rehearsal-dispose", ...toEnd(), effect, sent };
  const failed = await opened();
  failed.flink.disposals.set("d1", { is: "failed", reason: "disk full", missing: false });
  const report = await failed.drive.report(ending);
  expect(report.offers).toContainEqual(DELETE);
  expect(report.facts).toMatchObject({ location: LOCATION, drained: false, savedAt: T0 + 5000 });
  const wanted = await opened("rehearse orders --keep");
  expect((await wanted.drive.report({ ...ending, effect: null })).offers).not.toContainEqual(DELETE);
});
