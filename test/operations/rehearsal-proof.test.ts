import { describe, expect, it } from "vitest";
import { keptArgs } from "../../src/model/catalog.ts";
import type { Intent } from "../../src/model/intent.ts";
import { isRefusal, type Refusal } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aStop } from "../fakes/knowledge.ts";
import { NEW_JAR, start } from "./a-rehearsal.ts";
import { words } from "./drive.ts";

/** What it lacks, and what to do about that, in words. */
function lackOf(opened: Intent | Refusal): string {
  if (isRefusal(opened)) throw new Error(words(opened));
  return opened.lacks === undefined ? "nothing" : words(opened.lacks.refusal);
}

describe("a restart", () => {
  const proved = {
    is: "healthy" as const,
    jar: NEW_JAR,
    entryClass: "com.example.Orders",
    tookMs: 12_000,
    bytes: 41e6,
  };
  const rehearsed = (over: object = {}) => {
    const { digests } = anEntry();
    const facts = { ...proved, argsSha256: digests[0], at: T0 - 240_000, ...over };
    return aStop({ id: "r212ef36aa", actor: "U0ANA00001", ended: null, savepoint: null, rehearsed: facts });
  };
  const opened = async (r: ReturnType<typeof rehearsed> | null, within: number | null = null) => {
    const world = start("restart orders --jar newest");
    world.flink.requireRehearsal = within;
    world.drive.known.requests = r === null ? [] : [r];
    return world.drive;
  };

  it("shows the rehearsal of the same jar and arguments, or that there was none", async () => {
    const drive = await opened(rehearsed());
    expect((await drive.intended()).details.map(plain).join("\n")).toMatch(
      /Rehearsed 4 m before this was asked by .*: healthy after 12 s, 41 MB restored \(request r212ef36\)\./u,
    );
    const other = [null, rehearsed({ jar: "other" }), rehearsed({ argsSha256: "other" })];
    for (const r of other) {
      const without = await (await opened(r)).intended();
      expect(without.warnings.map(plain).join("\n")).toContain(
        `It was not rehearsed; rehearse prod/${JOB_ID} --jar orders-1.1.jar would show whether it runs.`,
      );
    }
    const bad = await (await opened(rehearsed({ is: "failed" }))).intended();
    expect(bad.warnings.map(plain).join("\n")).toContain("not healthy");
  });

  it("needs a healthy one that is not too old, where the cluster says so", async () => {
    const hour = 3_600_000;
    const why = "needs a healthy rehearsal of the last 1 h, and ";
    const cases = [
      [null, "there is none of orders-1.1.jar"],
      [rehearsed({ at: T0 - 2 * hour }), "the last one of orders-1.1.jar ended 2 h ago"],
      [rehearsed({ is: "failed" }), "the last one of orders-1.1.jar was not healthy"],
    ] as const;
    for (const [r, but] of cases) {
      const refusal = lackOf(await (await opened(r, hour)).intended());
      expect(refusal).toContain(`${why}${but}.`);
      expect(refusal).toContain(`restart prod/${JOB_ID} --jar orders-1.1.jar --rehearse`);
    }
    const fresh = await (await opened(rehearsed(), hour)).intended();
    expect(fresh.lacks).toBeUndefined();
    expect(fresh.details.flat()).toContainEqual({ at: T0 - 240_000 + hour });
  });

  it("is refused at its start too, if the proof is too old by then, or a later rehearsal failed", async () => {
    const minute = 60_000;
    const drive = await opened(rehearsed(), 5 * minute);
    const intent = await drive.intended();
    expect(lackOf(await drive.again(intent))).toBe("nothing");
    drive.now += minute;
    expect(lackOf(await drive.again(intent))).toBe("nothing");
    drive.now += 1;
    const late = await drive.again(intent);
    expect(lackOf(late)).toContain(
      "needs a healthy rehearsal of the last 5 m, and the last one of orders-1.1.jar ended 5 m ago.",
    );
    drive.now = T0;
    drive.known.requests = [rehearsed({ is: "failed", at: T0 - 1 }), ...drive.known.requests];
    expect(lackOf(await drive.again(intent))).toContain("was not healthy");
  });

  it("needs a proof of what it starts: another jar that is the newest by then has none", async () => {
    const world = start("restart orders --jar newest");
    world.flink.requireRehearsal = 3_600_000;
    world.drive.known.requests = [rehearsed()];
    const intent = await world.drive.intended();
    const jar = { id: "3333-orders-1.2.jar", name: "orders-1.2.jar", uploadedAt: T0 - 1, entryClasses: [] };
    world.flink.theJars = [jar, ...(world.flink.theJars ?? [])];
    const again = await world.drive.again(intent);
    expect(lackOf(again)).toContain("there is none of orders-1.2.jar");
  });

  it("of what runs needs none", async () => {
    const world = start("restart orders --jar newest --parallelism 2");
    world.flink.requireRehearsal = 1;
    const { args, entryClass } = { args: keptArgs(anEntry()), entryClass: "com.example.Orders" };
    const launched = { jobId: JOB_ID, from: null, jar: NEW_JAR, entryClass, args, parallelism: 1 };
    world.drive.known.launches = [{ ...launched, allowNonRestoredState: false }];
    expect(lackOf(await world.drive.open())).toBe("nothing");
  });
});
