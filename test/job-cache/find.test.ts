import { describe, expect, it } from "vitest";
import { asTyped, tokenize } from "../../src/command/tokenize.ts";
import { findJob } from "../../src/job-cache/find.ts";
import type { JobState, JobSummary } from "../../src/model/flink-jobs.ts";
import { isRefusal } from "../../src/model/report.ts";
import { canBeTyped } from "../../src/operations/wording/names.ts";
import { plain } from "../../src/model/text.ts";

const ORDERS = "aaaaaaaa000000000000000000000001";
const TWIN = "bbbbbbbb000000000000000000000002";
const job = (jobId: string, name: string, state: JobState = "RUNNING", startedAt = 1): JobSummary => ({
  jobId,
  name,
  state,
  startedAt,
  endedAt: null,
  lastModifiedAt: 1,
  tasks: { total: 2, running: 2, finished: 0, failed: 0 },
  scheduler: "Adaptive",
  jobType: "STREAMING",
});
const found = (
  typed: string,
  jobs: readonly JobSummary[],
  bound: { jobId: string; name: string } | null = null,
) => findJob({ cluster: "prod", job: typed, bound }, jobs);
const said = (answer: ReturnType<typeof found>): string =>
  isRefusal(answer)
    ? [answer.refuse, ...(answer.instead ?? [])].map(plain).join("\n")
    : `found ${answer.jobId}`;

describe("findJob", () => {
  const orders = job(ORDERS, "orders");
  it.each<[string, string, readonly JobSummary[], string]>([
    ["by name", "orders", [orders], `found ${ORDERS}`],
    ["by id", ORDERS, [orders], `found ${ORDERS}`],
    ["by the id in capitals", ORDERS.toUpperCase(), [orders], `found ${ORDERS}`],
    ["by a prefix of six", "aaaaaa", [orders], `found ${ORDERS}`],
    ["never by a prefix of five", "aaaaa", [orders], "no job aaaaa"],
    ["names match exactly", "Orders", [orders], "no job Orders"],
    [
      "the one that lives, of two with a name",
      "orders",
      [job(TWIN, "orders", "FINISHED", 9), orders],
      `found ${ORDERS}`,
    ],
    [
      "the newest that ended, where none lives",
      "orders",
      [job(ORDERS, "orders", "FAILED", 1), job(TWIN, "orders", "FINISHED", 9)],
      `found ${TWIN}`,
    ],
    ["twins are both offered", "orders", [orders, job(TWIN, "orders")], "bbbbbbbb"],
    ["a job named like another's id", TWIN, [job(ORDERS, TWIN), job(TWIN, "x")], "matches 2 jobs"],
    ["the closest are named", "ordrs", [orders, job(TWIN, "payments")], "orders"],
    ["look-alikes are called that", "оrders", [orders], "looks alike"],
    ["nothing runs", "orders", [], "No job is running there"],
    ["nothing is named", " ", [orders], "Which job on prod? The name is missing."],
    ["an id too short", "3f9", [orders], "An id prefix needs at least 6 characters."],
  ])("%s", (_, typed, jobs, expected) => {
    expect(said(found(typed, jobs))).toContain(expected);
  });

  it("guesses nothing where a twin has come since the directory was read", () => {
    const bound = { jobId: ORDERS, name: "orders" };
    expect(said(found("orders", [orders, job(TWIN, "orders")], bound))).toContain("matches 2 jobs");
    expect(said(found(ORDERS, [orders, job(TWIN, "orders")], bound))).toBe(`found ${ORDERS}`);
  });

  it("keeps to what was bound, whatever carries the name now", () => {
    const jobs = [job(ORDERS, "orders", "FINISHED"), job(TWIN, "orders")];
    expect(said(found("orders", jobs, { jobId: ORDERS, name: "orders" }))).toBe(`found ${ORDERS}`);
  });

  it("says that what was bound is gone, and what carries its name now", () => {
    const gone = said(found("orders", [job(TWIN, "orders")], { jobId: ORDERS, name: "orders" }));
    expect(gone).toContain("Job aaaaaaaa orders is no longer on prod");
    expect(gone).toContain("Another job of that name is running there: • bbbbbbbb orders");
    expect(said(found(ORDERS, [], { jobId: ORDERS, name: "orders" }))).toContain("is no longer on prod");
  });

  it.each([
    ["a b", "a\nb", "a<U+000A>b", "it has a line break in it"],
    ["a b", "a  b", "a  b", "it has several spaces in a row"],
    ["a b", " a b", " a b", "it begins or ends with a space"],
    ['"a"', "“a”", "“a”", "its spaces or quotes are different characters"],
  ])("%j is told how %j differs, and its id", (typed, name, shown, how) => {
    expect(said(found(typed, [job(ORDERS, name)]))).toContain(
      `• aaaaaaaa ${shown} (RUNNING, started 1970-01-01 00:00 UTC) - looks alike, but ${how}; use the id`,
    );
  });

  it.each<[string, readonly JobSummary[], string]>([
    ["one job with the name in another case", [orders], `found ${ORDERS}`],
    ["the one that has it exactly", [orders, job(TWIN, "ORDERS")], `found ${TWIN}`],
    ["neither of two", [orders, job(TWIN, "oRDERs")], "no job ORDERS"],
    ["none that has ended", [job(ORDERS, "orders", "FAILED")], "no job ORDERS"],
  ])("for a view finds %s", (_, jobs, expected) => {
    const answer = findJob({ cluster: "prod", job: "ORDERS", bound: null, letters: "any case" }, jobs);
    expect(said(answer)).toContain(expected);
  });

  it("names at most three", () => {
    const jobs = ["a1", "a2", "a3", "a4"].map((name, i) => job(`${i}`.repeat(32), name));
    expect(said(found("a", jobs)).split("\n")).toHaveLength(5);
  });
});

/** What arrives of a name that a person types as an example shows it, as Slack sends it. */
const typed = (name: string): string => {
  const escaped = name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const read = tokenize(asTyped(escaped));
  return read.is === "words" ? read.words.map((w) => w.text).join(" ") : read.problem;
};

describe("jobs with names that nobody expects", () => {
  const names = [
    "team/orders",
    "`orders`",
    '"orders"',
    "it's orders",
    "<!channel>",
    "orders\nv2",
    "orders\tv2",
    " orders ",
    "a  b",
    "“orders”",
    "注文 📦",
    "x".repeat(300),
    "--all",
    "C:\\jobs",
    "deadbeef",
    "twins",
    "twins",
    "orders",
    "a&lt;b",
    "help",
  ];
  const jobs = names.map((name, i) => job(`${String(i + 10)}${"c".repeat(30)}`, name));
  const idAt = (i: number): string => jobs[i]?.jobId ?? "";

  it.each(names.map((name, i) => [name, i] as const))("%j is found, or told apart with its id", (name, i) => {
    const answer = said(found(typed(name), jobs));
    const id = idAt(i).slice(0, 8);
    if (name === "twins") expect(answer).toMatch(new RegExp(`^twins matches 2.*${id}`, "su"));
    else if (canBeTyped(name)) expect(answer).toBe(`found ${idAt(i)}`);
    else
      expect(answer).toMatch(
        // one that reads like another one's name is that one
        name === " orders " || name === "“orders”"
          ? /^found/u
          : new RegExp(`• ${id} .*looks alike, but .*; use the id`, "u"),
      );
  });

  it("are all found by the beginning of their id", () => {
    for (const one of jobs) expect(said(found(one.jobId.slice(0, 8), jobs))).toBe(`found ${one.jobId}`);
  });
});
