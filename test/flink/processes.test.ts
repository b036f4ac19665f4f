import { beforeEach, describe, expect, it } from "vitest";
import { createProcesses, type Processes } from "../../src/flink/facts/processes.ts";
import { ManualClock } from "../fakes/clock.ts";

let clock: ManualClock;
let asked: number;
let answers: (string | null)[];
let processes: Processes;

beforeEach(() => {
  clock = new ManualClock();
  asked = 0;
  answers = [];
  processes = createProcesses(() => {
    asked += 1;
    return Promise.resolve(answers.shift() ?? null);
  }, clock);
});

/** The groups that these answers make, one after the other. */
const heard = async (...ids: string[]) => {
  answers = [...ids];
  const groups = [];
  for (const _ of ids) {
    groups.push((await processes.now())?.toSorted());
    clock.at += 1000;
  }
  return groups;
};

describe("JobManagers behind one address", () => {
  it("are one group where they answer in turn", async () => {
    expect(await heard("a", "b", "a", "b", "c", "a")).toEqual([
      ["a"],
      ["b"],
      ["a", "b"],
      ["a", "b"],
      ["c"],
      ["a", "b", "c"],
    ]);
  });

  it("are two where one came after the other and the first has not been heard since", async () => {
    expect(await heard("a", "a", "b", "b")).toEqual([["a"], ["a"], ["b"], ["b"]]);
  });

  it("are two if more than a minute is between them", async () => {
    await heard("a");
    clock.at += 61_000;
    expect(await heard("b")).toEqual([["b"]]);
    clock.at += 61_000;
    expect(await heard("a")).toEqual([["a"]]);
  });
});

describe("whether those of then still answer", () => {
  it("is so as soon as one of them does", async () => {
    answers = ["b", "c", "a"];
    expect(await processes.stillThere(["a"])).toBe(true);
    expect(asked).toBe(3);
  });

  it("is so if one answers that is known to run next to them", async () => {
    await heard("a", "b", "a");
    answers = ["b"];
    expect(await processes.stillThere(["a"])).toBe(true);
  });

  it("is not so where only others do", async () => {
    answers = ["b", "b", "b", "b", "a"];
    expect(await processes.stillThere(["a"])).toBe(false);
  });

  it("cannot be told where they keep their names to themselves", async () => {
    expect(await processes.stillThere(["a"])).toBeNull();
    expect(await processes.stillThere(null)).toBeNull();
  });
});
