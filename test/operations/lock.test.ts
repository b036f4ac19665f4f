import { describe, expect, it, test } from "vitest";
import type { Target } from "../../src/model/target.ts";
import type { LocalContext } from "../../src/model/operation.ts";
import { anEntry, directoryOf } from "../fakes/knowledge.ts";
import { aSnapshot, aSummary } from "../fakes/snapshots.ts";
import { answered, answerTo } from "./ask.ts";

const HOUR = 3_600_000;
const cluster: Target = { kind: "cluster", cluster: "prod" };
const job = (name: string): Target => ({ kind: "name", cluster: "prod", name });

const running = (name: string, jobId: string) => aSummary(name, "RUNNING", { jobId });

const long = (length: number) => `${"x".repeat(200)} ${"y".repeat(length - 201)}`;

/** Orders and payments run on prod; the catalog of prod and of dev has further jobs. */
const known = (target: Target): Partial<LocalContext<unknown>> => ({
  target,
  jobCache: directoryOf([
    aSnapshot([
      running("orders", "abcdef01"),
      running("payments", "abcdef02"),
      running("payments", "abcdef03"),
    ]),
    aSnapshot([running("invoices", "beef0001")], { cluster: "dev" }),
  ]),
  catalogue: {
    entries: [anEntry({ name: "nightly" }), anEntry({ name: "elsewhere", cluster: "dev" })],
    anyJarOn: [],
  },
});

describe("what is locked", () => {
  it("is a cluster, or one of its jobs, running or in the catalog", async () => {
    expect(await answerTo('lock prod "network maintenance"', known(cluster))).toEqual({
      move: "place",
      scope: { cluster: "prod", job: null },
      reason: "network maintenance",
      forMs: 8 * HOUR,
      offers: [{ label: "Unlock", operation: "unlock", args: { where: "prod" } }],
    });
    expect(await answered("lock prod/orders x", known(job("orders")))).toBe("place prod/orders");
    expect(await answered("lock prod/nightly x", known(job("nightly")))).toBe("place prod/nightly");
  });

  it("is a job by its name where an id was typed: its next run has another id", async () => {
    expect(await answered("lock prod/abcdef01 x", known(job("abcdef01")))).toBe("place prod/orders");
  });

  it.each([
    ["several jobs begin with these letters", "abcdef"],
    ["they are too few", "abcde"],
    ["the job is on another cluster", "invoices"],
    ["the catalog has it for another cluster", "elsewhere"],
  ])("is nothing where %s", async (_, name) => {
    expect(await answered(`lock prod/${name} x`, known(job(name)))).toContain(
      `There is no job ${name} on prod`,
    );
  });

  it("is named where the word was almost right", async () => {
    expect(await answered("lock prod/order x", known(job("order")))).toBe(
      "There is no job order on prod, running or in the catalog.\nDid you mean prod/orders?",
    );
  });
});

describe("the reason", () => {
  it("may be several words without quotes, and must be there", async () => {
    expect(await answerTo("lock prod/orders two words", known(job("orders")))).toMatchObject({
      reason: "two words",
    });
    expect(await answered("lock prod/orders", known(job("orders")))).toContain("<why>");
  });

  it("is not longer than a card shows", async () => {
    expect(await answered(`lock prod/orders ${long(300)}`, known(job("orders")))).toBe("place prod/orders");
    expect(await answered(`lock prod/orders ${long(301)}`, known(job("orders")))).toBe(
      "The reason has at most 300 characters, this one has 301.",
    );
  });
});

test.each([
  ["30m", HOUR / 2],
  ["2h", 2 * HOUR],
  ["7d", 168 * HOUR],
  ["168h", 168 * HOUR],
])("it is for %s", async (text, forMs) => {
  expect(await answerTo(`lock prod x --for ${text}`, known(cluster))).toMatchObject({ forMs });
});

test.each(["8d", "169h", "10081m", "0h", "2", "h", "1w", "-1h", "1.5h"])(
  "it is not for %s: the answer says what can be written",
  async (text) => {
    expect(await answered(`lock prod x --for ${text}`, known(cluster))).toContain("30m, 2h or 1d");
  },
);
