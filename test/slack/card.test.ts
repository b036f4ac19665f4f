import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { t } from "../../src/model/text.ts";
import type { Ending, RequestRecord } from "../../src/requests/record/record.ts";
import { card } from "../../src/slack/card.ts";
import { AT, aRecord, aRun, view } from "./a-record.ts";
import { buttonsOf, textOf } from "./read-message.ts";

const lookOf = (record: RequestRecord) => {
  const message = card(record, view);
  return { text: message.text, shown: textOf(message), buttons: buttonsOf(message) };
};
const ended = (
  ending: Ending,
  report: Partial<Report> = {},
  more: Partial<RequestRecord> = {},
): RequestRecord =>
  aRecord({
    state: "ended",
    end: { ending, at: AT, report: { outcome: "done", headline: "Over", lines: [], ...report } },
    ...more,
  });

describe("a card that waits for approval", () => {
  test("reads as a whole", () => {
    expect(textOf(card(aRecord(), view))).toMatchInlineSnapshot(`
      "⏳ *Stop orders with a savepoint* · *PROD EU* · Waiting for approval

      Reason: drain before schema change

      running for 2 d 4 h at parallelism 24

      Needs approval from someone other than the requester: <!subteam^S0APPROVE1>. Expires <!date^1795342500^{date_short_pretty} {time}|2026-11-22 10:15 UTC>.

      [Approve stop] [Deny] [Suggest a change] [Details] [Withdraw]

      Requested by <@U0ANA00001> <!date^1795341600^{date_short_pretty} {time}|2026-11-22 10:00 UTC>

      Request \`1a2b3c4d\` · cluster prod · job id \`3f9c0000111122223333444455556666\` · flinkops"
    `);
    expect(card(aRecord(), view).text).toMatchInlineSnapshot(
      `"Waiting for approval: Stop orders with a savepoint on PROD EU. Reason: drain before schema change. Requested by <@U0ANA00001>."`,
    );
  });
  test("names the act on its buttons and asks before it does it", () => {
    const [approve, deny, suggest, details, withdraw, ...more] = lookOf(aRecord()).buttons;
    expect(more).toEqual([]);
    expect(approve).toMatchObject({
      action_id: "approval.approve",
      text: { text: "Approve stop" },
      style: "danger",
      confirm: { title: { text: "Approve stop?" }, confirm: { text: "Approve stop" } },
    });
    expect(approve?.confirm?.text.text).toBe("Stop orders with a savepoint on PROD EU.");
    expect(deny).toMatchObject({
      text: { text: "Deny" },
    });
    // its form asks
    expect(deny?.confirm).toBeUndefined();
    expect(details).toMatchObject({ action_id: "request.details", text: { text: "Details" } });
    expect(details?.confirm).toBeUndefined();
    expect(withdraw).toMatchObject({
      text: { text: "Withdraw" },
      confirm: { title: { text: "Withdraw this request?" } },
    });
    for (const button of [approve, deny, suggest, withdraw])
      expect(JSON.parse(button?.value ?? "")).toEqual({ v: 1, d: "flinkops", r: aRecord().id, g: "d1" });
  });
  test("says what is lost, on the card, in the fallback and before the last press", () => {
    const base = aRecord();
    const losses = ["State since 10:00 is lost"];
    const look = lookOf({ ...base, intent: { ...base.intent, losses, warnings: ["The jar is assumed"] } });
    expect(look.shown).toContain("⚠️ *Will be lost or repeated:*\n• State since 10:00 is lost");
    expect(look.text).toContain("Will be lost or repeated: State since 10:00 is lost");
    expect(look.buttons[0]?.confirm?.text.text).toBe(
      "Stop orders with a savepoint on PROD EU. State since 10:00 is lost The jar is assumed",
    );
  });
  test("is not dangerous to look at where nothing is destroyed", () => {
    expect(lookOf(aRecord({ class: "operate", operation: "scale" })).buttons[0]).toMatchObject({
      style: "primary",
      text: { text: "Approve scale" },
    });
  });
  test("is approved under the name that people type", () => {
    const typed = { ...view, shownAs: (name: string) => name.replace(/^rehearsed-/u, "") };
    const [approve] = buttonsOf(card(aRecord({ operation: "rehearsed-restart" }), typed));
    expect(approve).toMatchObject({
      text: { text: "Approve restart" },
      confirm: { title: { text: "Approve restart?" } },
    });
  });
  test("rings nobody when it is first posted", () => {
    const names = { person: () => "Ana", group: () => "@flink-approvers" };
    const message = card(aRecord(), { ...view, names });
    expect(JSON.stringify(message)).not.toMatch(/<@|<!subteam/u);
    expect(textOf(message)).toContain("someone other than the requester: @flink-approvers");
  });
});

describe("what a card is about", () => {
  test.each<[RequestRecord["target"]]>([
    [{ kind: "name", cluster: "prod", name: "orders" }],
    [{ kind: "path", cluster: "prod", path: "s3://b/savepoint-1" }],
    [{ kind: "cluster", cluster: "prod" }],
  ])("%o", (target) => {
    const { shown } = lookOf(aRecord({ target }));
    expect(shown).toContain("Request `1a2b3c4d` · cluster prod · flinkops");
    expect(shown).not.toContain("job id");
  });
  test("a cluster without a label of its own is named once", () => {
    const { shown } = lookOf(aRecord({ target: { kind: "cluster", cluster: "demo" } }));
    expect(shown).toContain("Request `1a2b3c4d` · flinkops");
  });
  test("the jobs that it started stand at its foot", () => {
    const launch = { jar: "a.jar", entryClass: null, args: [], parallelism: 1, allowNonRestoredState: false };
    const launched = ["1111", "2222"].map((jobId) => ({ jobId, from: null, ...launch }));
    expect(lookOf(aRecord({ launched })).shown).toContain("started as `1111` · then as `2222`");
  });
  test("how each of many does, while it runs and not after", () => {
    const run = aRun({
      table: {
        head: [],
        rows: [
          ["orders", "done"],
          ["payments", "starting"],
        ],
      },
    });
    expect(lookOf(aRecord({ state: "running", run })).shown).toContain("payments");
    expect(lookOf(ended("ran", {}, { run })).shown).not.toContain("payments");
  });
});

describe("a card on its way", () => {
  test("queued: when it must have started, and one button", () => {
    const look = lookOf(aRecord({ state: "ready", startBy: AT, approval: null }));
    expect(look.shown).toMatch(/^🕒 .* · Queued\n[^]*Starts by <!date.*>, or not at all\./u);
    expect(look.buttons.map((x) => x.action_id)).toEqual(["request.details", "request.withdraw"]);
  });
  test("waiting: names who holds the job", () => {
    const waiting = { holder: "ffff0000aaaa", words: "Another request holds this job" };
    expect(lookOf(aRecord({ state: "ready", waiting })).shown).toContain(
      "Another request holds this job (request `ffff0000`)",
    );
  });
  test("running: its note and how far it is, once, and no decision to press", () => {
    const look = lookOf(aRecord({ state: "running", run: aRun({ progress: [2, 4] }) }));
    expect(look.shown).toMatch(/^🔄 \*Stop orders with a savepoint\* · \*PROD EU\* · Running\n/u);
    expect(look.shown).toContain("Flink is writing the savepoint (2 of 4)");
    expect(look.buttons.map((x) => x.text.text)).toEqual(["Details"]);
    const told = lookOf(
      aRecord({ state: "running", run: aRun({ note: "2 of 4 subtasks", progress: [2, 4] }) }),
    );
    expect(told.shown).not.toContain("(2 of 4)");
  });
  test("superseded: by whom, and that it is still watched", () => {
    const supersededBy = { requestId: "beefbeefbeef", actor: "U0CEM00001" };
    expect(lookOf(aRecord({ state: "running", run: aRun(), supersededBy })).shown).toContain(
      "Taken over by request `beefbeef` of <@U0CEM00001>",
    );
  });
  test("the terms of a request that runs are behind Details", () => {
    const base = aRecord({ state: "running", run: aRun() });
    const look = lookOf({ ...base, intent: { ...base.intent, losses: ["State since 10:00 is lost"] } });
    expect(look.shown).not.toContain("State since 10:00");
    expect(look.shown).not.toContain("2 d 4 h");
  });
});

describe("a card that ended", () => {
  test.each([
    ["refused", "⛔", "Refused"],
    ["denied", "⛔", "Denied"],
    ["expired", "⌛", "Expired"],
    ["withdrawn", "↩️", "Withdrawn"],
    ["void", "⚠️", "Void, not started"],
    ["superseded", "↪️", "Superseded"],
  ] as const)("%s names what was asked, with a symbol and its word", (ending, symbol, word) => {
    expect(lookOf(ended(ending)).shown).toMatch(
      new RegExp(`^${symbol} \\*Stop orders with a savepoint\\* · \\*PROD EU\\* · ${word}\n\nOver\n`, "u"),
    );
  });
  test.each([
    ["done", "✅ *Over* · *PROD EU*"],
    ["partly", "⚠️ *Over* · *PROD EU* · Partly done"],
    ["failed", "❌ *Over* · *PROD EU* · Failed"],
    ["unknown", "❓ *Over* · *PROD EU* · Outcome unknown"],
  ] as const)("ran and %s", (outcome, expected) => {
    expect(lookOf(ended("ran", { outcome })).shown.split("\n")[0]).toBe(expected);
  });
  test("is short: the result, its facts, who is responsible, and no decision left to press", () => {
    const vote = { actor: { user: "U0BEN00001", team: "T" }, kind: "approve", at: AT, digest: "d1" } as const;
    const base = aRecord();
    const approval = base.approval === null ? null : { ...base.approval, votes: [vote] };
    const record = ended(
      "ran",
      { headline: t`Stopped ${{ b: "orders" }}`, lines: [t`Savepoint ${{ code: "s3://a/b" }}`] },
      { approval },
    );
    const look = lookOf(record);
    expect(look.shown).toMatchInlineSnapshot(`
      "✅ *Stopped orders* · *PROD EU*

      Savepoint \`s3://a/b\`

      Requested by <@U0ANA00001> <!date^1795341600^{date_short_pretty} {time}|2026-11-22 10:00 UTC> · approved by <@U0BEN00001> <!date^1795341600^{date_short_pretty} {time}|2026-11-22 10:00 UTC> · Reason: drain before schema change

      [Details]

      Request \`1a2b3c4d\` · cluster prod · job id \`3f9c0000111122223333444455556666\` · ended <!date^1795341600^{date_short_pretty} {time}|2026-11-22 10:00 UTC> · flinkops"
    `);
    expect(look.buttons.map((x) => x.text.text)).toEqual(["Details"]);
    expect(look.text).toContain("Done: Stop orders with a savepoint on PROD EU. Reason: drain");
    expect(look.text).toContain("Stopped orders");
  });
  test("offers what the report offers, and says what to type where a button is too small", () => {
    const offers = [
      { label: "Resume", operation: "run", args: { from: "s3://a" } },
      { label: "Long", operation: "run", args: { from: "x".repeat(2100) } },
    ];
    const look = lookOf(ended("ran", { offers }));
    expect(look.buttons.map((x) => x.text.text)).toEqual(["Resume", "Details"]);
    expect(look.shown).toContain("Long: too long for a button. See `/flink help run`");
  });
  test("is looked at once more, some minutes after, and says what was seen", () => {
    const dueAt = AT + 300_000;
    const shown = (line: string | null, worse = false): string =>
      lookOf(ended("ran", {}, { second: { dueAt, line, worse } })).shown;
    expect(shown(null)).toContain("Follow-up <!date^");
    expect(shown("every task runs, 0 restarts")).toContain("5 min later: every task runs, 0 restarts");
    expect(shown("7 restarts", true)).toContain("⚠️ *Worse* 5 min later: 7 restarts");
    expect(shown("7 restarts", true)).not.toContain("Follow-up");
  });
  test("void offers to ask again, once", () => {
    const asked = lookOf(ended("void")).buttons;
    expect(asked.map((x) => x.text.text)).toEqual(["Ask again", "Details"]);
    expect(JSON.parse(asked[0]?.value ?? "")).toEqual({
      v: 1,
      d: "flinkops",
      o: "stop",
      a: { job: "orders", cluster: "prod", reason: "drain before schema change" },
    });
    const offers = [{ label: "Ask again", operation: "stop", args: {} }];
    expect(lookOf(ended("void", { offers })).buttons).toHaveLength(2);
  });
});
