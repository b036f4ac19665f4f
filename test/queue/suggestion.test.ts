import { describe, expect, it } from "vitest";
import { SlackUnavailable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { operations } from "../../src/operations/index.ts";
import { createSuggestions } from "../../src/queue/suggestion.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { digestOf } from "../../src/requests/record/binding.ts";
import { aMember, FakePeople } from "../fakes/people.ts";
import { aPolicy } from "../fakes/policy.ts";
import { FakeStore } from "../fakes/store.ts";
import { AT, aRecord } from "../slack/a-record.ts";
import { aLog } from "../slack/workspace.ts";

const GROUP = "S0APPROVE1";
const BEN = "U0BEN00001";
const policy = aPolicy({
  operate: { groups: ["S0OPS"], users: [] },
  approve: { groups: [GROUP], users: [] },
});
const scaling = (change: Partial<RequestRecord> = {}): RequestRecord =>
  aRecord({
    operation: "scale",
    class: "operate",
    args: { job: "orders", parallelism: 4, vertex: [], viaSavepoint: false, waitForSlots: false },
    ...change,
  });

function aForm(record: RequestRecord = scaling()) {
  const store = new FakeStore();
  store.clock = AT + 1000;
  store.put(record);
  const people = new FakePeople();
  people.people.set(BEN, aMember(BEN, { groups: new Set([GROUP]) }));
  const woken: string[] = [];
  const wake = ({ id }: RequestRecord) => Promise.resolve(void woken.push(id));
  const suggesting = createSuggestions({ store, policy, people, wake, log: aLog(), operations });
  const by = (user: string) => ({
    requestId: record.id,
    actor: { user, team: "T0HOME0001" },
    digest: "d1",
    card: { channel: "C1", ts: "1.0" },
  });
  return {
    store,
    people,
    woken,
    open: async (user = BEN) => {
      const found = await suggesting.open(by(user));
      return "refuse" in found ? plain(found.refuse) : found.fields;
    },
    problem: async (values: Record<string, string>) => {
      const found = await suggesting.problem({ ...by(BEN), values });
      return found === null ? null : `${found.field}: ${found.words}`;
    },
    make: async (values: Record<string, string>, user = BEN) => {
      const made = await suggesting.make({ ...by(user), values });
      return made.is === "counted" ? "counted" : plain(made.tell);
    },
    now: () => store.get(record.id),
  };
}

describe("the form of a suggestion", () => {
  it("has the arguments that do not say what the request is about, filled as they are", async () => {
    expect(await aForm().open()).toMatchObject([
      { key: "parallelism", label: "parallelism", required: true, choices: [], value: "4" },
      { key: "viaSavepoint", label: "--via-savepoint", required: false, choices: ["yes", "no"], value: "no" },
      { key: "waitForSlots", label: "--wait-for-slots", choices: ["yes", "no"], value: "no" },
    ]);
    const stop = aRecord({ args: { job: "orders", directory: "s3://a/b", format: "canonical" } });
    const fields = await aForm(stop).open();
    if (typeof fields === "string") throw new Error(fields);
    expect(fields.map(({ key, value }) => `${key}=${value}`)).toContain("directory=s3://a/b");
  });

  it("is the same for whatever job: of all operations, what can be suggested", async () => {
    const names = operations.filter(({ kind }) => kind === "change").map(({ name }) => name);
    const all = names.map(async (operation) => {
      const fields = await aForm(aRecord({ operation, args: {} })).open();
      return `${operation}: ${typeof fields === "string" ? "nothing" : fields.map(({ key }) => key).join(" ")}`;
    });
    expect((await Promise.all(all)).toSorted()).toEqual([
      "cancel: directory withSavepoint format",
      "checkpoint: full",
      "dispose: evenLast",
      "rehearse: parallelism jar keep",
      "rehearsed-restart: directory parallelism jar format rehearse",
      "restart: directory parallelism jar format rehearse",
      "rollback: jar parallelism",
      "run: from parallelism jar allowNonRestoredState entryClass",
      "savepoint-all: nothing",
      "savepoint: directory format",
      "scale: parallelism viaSavepoint waitForSlots",
      "stop-all: nothing",
      "stop: directory drain format",
      "watch: nothing",
    ]);
  });

  it.each<[string, string, RequestRecord, string]>([
    ["who may not approve", "U0DORA0001", scaling(), "You are not allowed to approve this."],
    ["the requester", "U0ANA00001", scaling(), "You requested this, so someone else must approve it."],
    ["who is too late", BEN, scaling({ state: "ready" }), "Too late"],
    ["where nothing can be changed", BEN, scaling({ operation: "stop-all", args: {} }), "Nothing about this"],
  ])("is not shown to %s", async (_, user, record, words) => {
    expect(await aForm(record).open(user)).toContain(words);
  });

  it.each([
    [{ parallelism: "none" }, "parallelism: <parallelism> must be a whole number from 1 to 32768, not none."],
    [{ parallelism: "0" }, "parallelism: <parallelism> must be a whole number from 1 to 32768, not 0."],
    [{ parallelism: "4" }, "parallelism: This is what was requested. Change a field, or go back."],
    [{ parallelism: "" }, "parallelism: <parallelism> is missing: how many parallel tasks each vertex gets."],
    [{ parallelism: "6" }, null],
    [{ waitForSlots: "yes" }, null],
  ])("says what is wrong with it: %o", async (values, words) => {
    expect(await aForm().problem(values)).toBe(words);
  });

  it("says of which field that is, where another one is right", async () => {
    expect(await aForm().problem({ parallelism: "x", waitForSlots: "yes" })).toMatch(/^parallelism: /u);
  });
});

describe("a suggestion", () => {
  it("is kept with the request, which stays as it was, and is in the audit log", async () => {
    const form = aForm();
    const before = form.now();
    expect(await form.make({ parallelism: " 6 ", viaSavepoint: "no", waitForSlots: "yes" })).toBe("counted");
    const { suggestions, ...same } = form.now();
    expect(same).toEqual(before);
    expect(digestOf(form.now())).toBe(digestOf(before));
    expect(suggestions).toEqual([
      {
        actor: { user: BEN, team: "T0HOME0001" },
        at: AT + 1000,
        args: { job: "orders", parallelism: 6, vertex: [], viaSavepoint: false, waitForSlots: true },
        command: "scale orders 6 --wait-for-slots",
      },
    ]);
    expect(form.woken).toEqual([before.id]);
    expect(form.store.audit.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { event: "suggested", actor: BEN, detail: { command: "scale orders 6 --wait-for-slots" } },
    ]);
    // judged by what Slack says after it was submitted
    expect(form.people.looked.map((l) => l.how.notBefore)).toEqual([AT + 1000]);
  });

  it("of an operation that is not typed by its own name is one of what people type for it", async () => {
    const args = { job: "orders", jar: "newest", format: "canonical" };
    const form = aForm(aRecord({ operation: "rehearsed-restart", args }));
    const fields = await form.open();
    if (typeof fields === "string") throw new Error(fields);
    expect(fields.map(({ key, value }) => `${key}=${value}`)).toContain("rehearse=yes");
    expect(await form.make({ jar: "orders-1.1.jar", rehearse: "yes" })).toBe("counted");
    expect(await form.make({ rehearse: "no" })).toBe("counted");
    expect(form.now().suggestions).toMatchObject([
      {
        operation: "restart",
        command: "restart orders --jar orders-1.1.jar --rehearse",
        args: { job: "orders", jar: "orders-1.1.jar", rehearse: true },
      },
      { operation: "restart", command: "restart orders --jar newest", args: { rehearse: false } },
    ]);
    expect(await aForm(aRecord({ operation: "stop-all", args: {} })).make({ match: "x" })).toContain(
      "Nothing about this",
    );
  });

  it("of a request whose record is not ours is none, and is in the audit log as such", async () => {
    const form = aForm();
    form.store.forged.add(scaling().id);
    expect(await form.open()).toContain("set aside");
    expect(await form.make({ parallelism: "6" })).toContain("set aside");
    const entry = { event: "click refused", detail: { kind: "suggest", rule: "forged_record" } };
    expect(form.store.audit.map((line) => JSON.parse(line) as unknown)).toMatchObject([entry, entry]);
  });

  it("of who may not approve is none, and is in the audit log as such", async () => {
    const form = aForm();
    expect(await form.make({ parallelism: "6" }, "U0DORA0001")).toContain("You are not allowed");
    expect(form.now().suggestions).toBeUndefined();
    expect(JSON.parse(form.store.audit[0] ?? "")).toMatchObject({
      event: "click refused",
      detail: { kind: "suggest", rule: "may_not_vote" },
    });
  });

  it("counts once, however often its form is delivered", async () => {
    const form = aForm();
    expect(await form.make({ parallelism: "6" })).toBe("counted");
    expect(await form.make({ parallelism: "6" })).toBe("You have already suggested this.");
    expect(await form.make({ parallelism: "8" })).toBe("counted");
    expect(form.now().suggestions).toHaveLength(2);
  });

  it("does not hold a secret, and there are five at most", async () => {
    const form = aForm(aRecord({ args: { job: "orders" } }));
    expect(
      await form.make({ directory: "s3://key:wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY@bucket/x" }),
    ).toContain("looks like a secret");
    const many = aForm();
    for (const n of ["1", "2", "3", "5", "6"]) expect(await many.make({ parallelism: n })).toBe("counted");
    expect(await many.make({ parallelism: "7" })).toContain("5 suggestions already");
  });

  it("that cannot be judged is not made, and says so", async () => {
    const form = aForm();
    form.people.throws = [new SlackUnavailable("503", 0)];
    expect(await form.make({ parallelism: "6" })).toContain("could not be checked");
    expect(form.now().suggestions).toBeUndefined();
  });
});
