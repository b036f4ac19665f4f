import { expect, test } from "vitest";
import { isRefusal } from "../../src/model/report.ts";
import { T0 } from "../fakes/flink-reads.ts";
import { aLock } from "../fakes/locks.ts";
import { answered, answerTo } from "./ask.ts";

const HOUR = 3_600_000;
const standing = [
  aLock({ id: "l1", until: T0 + 2 * HOUR }),
  aLock({ id: "l2", job: null, by: "U0ANA00001", reason: "network maintenance", until: T0 + HOUR }),
];

test("nothing is locked", async () => {
  expect(await answered("locks")).toBe("Nothing is locked");
});

test("where, by whom, until when and why; the one that ends first is first", async () => {
  expect(await answered("locks", { locks: { all: async () => standing } })).toBe(
    [
      "2 locks",
      "prod | @U0ANA00001 | 2027-01-15 09:00 UTC | network maintenance",
      "prod/orders | @U0BEN00001 | 2027-01-15 10:00 UTC | looking for the leak",
    ].join("\n"),
  );
});

test("each of the first four can be unlocked from there", async () => {
  const many = Array.from({ length: 6 }, (_, i) => aLock({ id: `l${i}`, job: `job-${i}`, until: T0 + i }));
  const answer = await answerTo("locks", { locks: { all: async () => many.toReversed() } });
  if (isRefusal(answer) || !("headline" in answer)) throw new Error("no report");
  expect(answer.offers?.map((o) => [o.label, o.operation, o.args["where"]])).toEqual(
    ["job-0", "job-1", "job-2", "job-3"].map((name) => [`Unlock prod/${name}`, "unlock", `prod/${name}`]),
  );
});
