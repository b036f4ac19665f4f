import { describe, expect, it } from "vitest";
import { canonical, sha256 } from "../../src/platform/canonical.ts";
import { noticeLine } from "../../src/model/audit-entry.ts";
import { plain } from "../../src/model/text.ts";
import { askedDetail, auditLine, callingDetail } from "../../src/requests/record/audit.ts";
import { digestOf } from "../../src/requests/record/binding.ts";
import { namingPeople } from "../../src/requests/record/names.ts";
import type { Approval } from "../../src/requests/record/record.ts";
import { effectIdOf, requestIdOf } from "../../src/requests/record/identity.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { aMember, FakePeople } from "../fakes/people.ts";
import { aRecord, aRun } from "../slack/a-record.ts";

describe("canonical", () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: [2, { d: null, c: "x" }] }, '{"a":[2,{"c":"x","d":null}],"b":1}'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [[], "[]"],
    ["é", '"é"'],
  ])("%j", (value, text) => expect(canonical(value)).toBe(text));
});

describe("auditLine", () => {
  const line = auditLine(aRecord(), "asked", { at: 5, actor: "U0ANA", detail: { k: 1 } });
  it("carries the SHA-256 of everything before it", () => {
    const { sha256: told, ...entry } = JSON.parse(line) as { sha256: string };
    expect(sha256(canonical(entry))).toBe(told);
  });
  it("names who, what, where and when", () => {
    expect(JSON.parse(line)).toMatchObject({ v: 1, at: 5, event: "asked", actor: "U0ANA", detail: { k: 1 } });
  });
});

describe("noticeLine", () => {
  it("has every key of a request's entry, and only what happened in it", () => {
    const notice = { at: 5, actor: "U0BEN", cluster: "prod", jobName: "orders", reason: "new release" };
    const line = noticeLine("set aside", { ...notice, headline: "It happened", detail: { k: 1 } });
    const { sha256: told, ...entry } = JSON.parse(line) as { sha256: string };
    const { sha256: _, ...ofRequest } = JSON.parse(
      auditLine(aRecord(), "asked", { at: 5, detail: {} }),
    ) as object & { sha256: string };
    expect(sha256(canonical(entry))).toBe(told);
    expect(Object.keys(entry)).toEqual(Object.keys(ofRequest));
    expect(entry).toMatchObject({ ...notice, event: "set aside", requestId: "", requester: "", channel: "" });
    const bare = JSON.parse(noticeLine("forged", { at: 5, headline: "It happened", detail: {} })) as object;
    expect(bare).toMatchObject({ actor: null, cluster: "", jobName: "", reason: null });
  });
});

describe("what an entry says", () => {
  it("of the arguments: all of them without secrets, and the hash of what was asked", () => {
    const args = { job: "orders", arg: ["--password", "hush-hush-1234", "--topic", "orders"] };
    const entry = JSON.parse(auditLine(aRecord({ args }), "asked", { at: 5, detail: {} })) as {
      args: unknown;
      argsSha256: string;
    };
    expect(JSON.stringify(entry.args)).not.toContain("hush");
    expect(JSON.stringify(entry.args)).toContain("orders");
    expect(entry.argsSha256).toBe(sha256(canonical(args)));
  });

  it("of what was asked: name, what approvers see word for word, its digest, and who may approve", () => {
    const record = aRecord();
    expect(askedDetail(record, "Ana")).toMatchObject({
      name: "Ana",
      class: record.class,
      digest: record.approval?.digest,
      seen: { headline: plain(record.intent.headline), losses: record.intent.losses.map(plain) },
      approval: { needed: record.approval?.needed, groups: record.approval?.by.groups },
    });
    const bare = aRecord({ approval: null });
    expect(askedDetail(bare, null)).toMatchObject({ name: null, approval: null, digest: digestOf(bare) });
  });

  it("of an effect: what is sent, without typed secrets, and the votes that it rests on", () => {
    const launch = { jar: "a.jar", entryClass: null, parallelism: 2, allowNonRestoredState: false };
    const args = ["--token", "hush-hush-1234"];
    const effect = { do: "run", jobId: "j", from: "s3://sp/1", args, ...launch } as const;
    const actor = { user: "U0BEN00001", team: "T0HOME0001" };
    const approval: Approval = {
      needed: 1,
      by: { groups: [], users: [] },
      expiresAt: 9,
      digest: "d",
      votes: [{ actor, kind: "approve", at: 7, digest: "d" }],
    };
    const detail = callingDetail(aRecord({ approval, run: aRun({ effect, effectId: "e1" }) }));
    expect(detail).toMatchObject({
      effectId: "e1",
      effect: { do: "run", jar: "a.jar", from: "s3://sp/1", argsSha256: sha256(canonical(args)) },
      approval: {
        needed: 1,
        digest: "d",
        votes: [{ user: "U0BEN00001", kind: "approve", at: 7, digest: "d" }],
      },
    });
    expect(JSON.stringify(detail)).not.toContain("hush");
    // arguments from the catalog have no secrets, and a digest of their own
    const kept = { entry: "orders", shown: ["--token", "•••"], sha256: "abc" };
    const run = aRun({ effect: { ...effect, args: kept } });
    expect(callingDetail(aRecord({ run }))).toMatchObject({ effect: { args: kept } });
    expect(callingDetail(aRecord({ run: null, approval: null }))).toMatchObject({
      effect: null,
      approval: null,
    });
  });
});

describe("names", () => {
  it("are those of everyone who was looked up, as last read", async () => {
    const people = new FakePeople();
    const { people: naming, nameOf } = namingPeople(people);
    expect(nameOf("U0BEN00001")).toBeNull();
    people.people.set("U0BEN00001", aMember("U0BEN00001", { displayName: "Ben" }));
    await naming.lookup({ user: "U0BEN00001", team: "T0HOME0001" });
    expect(nameOf("U0BEN00001")).toBe("Ben");
  });
});

describe("identities", () => {
  it("are the same for the same delivery, and differ between deliveries", () => {
    expect(requestIdOf("T1", "x")).toBe(requestIdOf("T1", "x"));
    expect(requestIdOf("T1", "x")).not.toBe(requestIdOf("T2", "x"));
    expect(requestIdOf("T1", "x")).toMatch(/^r[0-9a-f]{31}$/);
  });
  it("of an effect are what Flink takes as a trigger id, one per visit", () => {
    expect(effectIdOf("r1", "savepoint", 0)).toMatch(/^[0-9a-f]{32}$/);
    expect(effectIdOf("r1", "savepoint", 0)).not.toBe(effectIdOf("r1", "savepoint", 1));
  });
});

it("pins the names that are stored in Redis", () => {
  const k = keysUnder("{flinkops}");
  expect([
    k.record("r1"),
    k.cards("r1"),
    k.open,
    k.all,
    k.ofJob("c", "j"),
    k.ofActor("u"),
    k.claim("c/id/j"),
    k.waiters("c/id/j"),
    k.audit,
    k.auditChain,
    k.auditHead,
    k.auditSinks,
    k.auditReached,
    k.auditSealer,
    k.auditFence,
    k.auditDaily,
    k.responseUrl("r1"),
    k.directory("c"),
    k.states("c"),
    k.vertices("c"),
    k.disposed("c"),
    k.launch("c", "j"),
    k.refused("r1"),
    k.reader("c"),
    k.fence("c"),
    k.workers("z"),
    k.sweep("z"),
    k.forged,
    k.told("policy h"),
  ]).toEqual([
    "{flinkops}:record:r1",
    "{flinkops}:cards:r1",
    "{flinkops}:open",
    "{flinkops}:all",
    "{flinkops}:job:c:j",
    "{flinkops}:actor:u",
    "{flinkops}:claim:c/id/j",
    "{flinkops}:waiters:c/id/j",
    "{flinkops}:audit",
    "{flinkops}:audit-chain",
    "{flinkops}:audit-head",
    "{flinkops}:audit-sinks",
    "{flinkops}:audit-reached",
    "{flinkops}:audit-sealer",
    "{flinkops}:audit-fence",
    "{flinkops}:audit-daily",
    "{flinkops}:response-url:r1",
    "{flinkops}:directory:c",
    "{flinkops}:states:c",
    "{flinkops}:vertices:c",
    "{flinkops}:disposed:c",
    "{flinkops}:launch:c:j",
    "{flinkops}:refused:r1",
    "{flinkops}:reader:c",
    "{flinkops}:fence:c",
    "{flinkops}:workers:z",
    "{flinkops}:sweep:z",
    "{flinkops}:forged",
    "{flinkops}:told:policy h",
  ]);
});
