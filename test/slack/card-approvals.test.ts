import { describe, expect, test } from "vitest";
import type { RequestRecord, RequiredApproval, Vote } from "../../src/requests/record/record.ts";
import { card } from "../../src/slack/card.ts";
import { detailsModal } from "../../src/slack/details.ts";
import { AT, aRecord, view } from "./a-record.ts";
import { textOf } from "./read-message.ts";

const LEADS: RequiredApproval = { from: ["leads"], count: 2, by: { groups: ["S0LEADS001"], users: [] } };
const SECURITY: RequiredApproval = {
  from: ["security"],
  count: 1,
  by: { groups: ["S0SECURITY"], users: ["U0OLGA0001"] },
};
const vote = (user: string, sets: readonly string[], kind: Vote["kind"] = "approve"): Vote => ({
  actor: { user, team: "T" },
  kind,
  at: AT,
  digest: "d1",
  in: sets,
});
const asking = (
  requirements: readonly (readonly RequiredApproval[])[],
  votes: readonly Vote[] = [],
  more: Partial<RequestRecord> = {},
): RequestRecord => {
  const { approval } = aRecord();
  if (approval === null) throw new Error("it needs approval");
  const needed = Math.max(...requirements.map((list) => list.reduce((sum, r) => sum + r.count, 0)));
  return aRecord({ approval: { ...approval, needed, requirements, votes }, ...more });
};
/** The lines about the approval, without times. */
const linesOf = (record: RequestRecord, names?: Parameters<typeof card>[1]["names"]): string[] =>
  textOf(card(record, { ...view, names }))
    .replaceAll(/<!date[^>]*>/gu, "later")
    .split("\n")
    .filter((line) => /^(Needs|Approved|✅|⛔)/u.test(line));

describe("a card that waits for several approvals", () => {
  test("of one set", () => {
    expect(linesOf(asking([[LEADS]]))).toEqual([
      "Needs 2 approvals: 2 of <!subteam^S0LEADS001>, who are not the requester. Expires later.",
    ]);
  });
  test("of two sets, with what is given and what is missing", () => {
    expect(linesOf(asking([[LEADS, SECURITY]], [vote("U0BEN00001", ["leads"])]))).toEqual([
      "Needs 3 approvals: 2 of <!subteam^S0LEADS001>, 1 of <!subteam^S0SECURITY> or <@U0OLGA0001>, who are not the requester. Expires later.",
      "Approved by <@U0BEN00001>; still needs 1 of <!subteam^S0LEADS001>, 1 of <!subteam^S0SECURITY> or <@U0OLGA0001>.",
    ]);
  });
  test("whoever is in two sets is counted where it helps", () => {
    const votes = [vote("U0BEN00001", ["leads", "security"]), vote("U0CEM00001", ["leads"])];
    const [, given] = linesOf(asking([[{ ...LEADS, count: 1 }, SECURITY]], votes.slice(0, 1)));
    expect(given).toContain("still needs 1 of");
    const [, missing] = linesOf(asking([[LEADS, SECURITY]], votes));
    expect(missing).toBe(
      "Approved by <@U0BEN00001>, <@U0CEM00001>; still needs 1 of <!subteam^S0SECURITY> or <@U0OLGA0001>.",
    );
  });
  test("by two rules: no total, and what both ask for is named once", () => {
    const [needs] = linesOf(asking([[LEADS], [{ ...LEADS, count: 1 }, SECURITY]]));
    expect(needs).toMatch(/^Needs approvals: 2 of <!subteam\^S0LEADS001>, 1 of <!subteam\^S0SECURITY> or/u);
  });
  test("by many users: five are named", () => {
    const users = Array.from({ length: 7 }, (_, i) => `U0USER000${i}`);
    const [needs = ""] = linesOf(asking([[{ ...LEADS, by: { groups: [], users } }]]));
    expect(needs).toContain("<@U0USER0004> or 2 more, who");
  });
  test("has no line longer than three of a phone's", () => {
    const names = {
      person: () => "Olga",
      group: (id: string) => (id === "S0LEADS001" ? "@leads" : "@security"),
    };
    const lines = linesOf(asking([[LEADS, SECURITY]], [vote("U0BEN00001", ["leads"])]), names);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(3 * 42);
  });
  test("one approver reads as ever, whichever rule asks", () => {
    const one = { ...LEADS, count: 1, by: { groups: ["S0APPROVE1"], users: [] } };
    expect(textOf(card(asking([[one]]), view))).toBe(textOf(card(aRecord(), view)));
  });
});

describe("who approved it", () => {
  const votes = [vote("U0BEN00001", ["leads"]), vote("U0OLGA0001", ["security"])];
  test("is one phrase at the end of the request", () => {
    const over = asking([[LEADS, SECURITY]], votes, {
      state: "ended",
      end: { ending: "ran", at: AT, report: { outcome: "done", headline: "Over", lines: [] } },
    });
    expect(textOf(card(over, view)).replaceAll(/ <!date[^>]*>/gu, "")).toContain(
      "Requested by <@U0ANA00001> · approved by <@U0BEN00001>, <@U0OLGA0001> · Reason",
    );
  });
  test("Details says for which sets, and by which rule of which policy", () => {
    const record = asking([[LEADS, SECURITY]], votes, { decided: { rule: "prod", policy: "0123456789ab" } });
    const shown = textOf({ text: "", blocks: detailsModal(record, view).blocks });
    expect(shown.replaceAll(/ <!date[^>]*>/gu, "")).toContain(
      "• ✅ Approved by <@U0BEN00001> · as `leads`\n• ✅ Approved by <@U0OLGA0001> · as `security`",
    );
    expect(shown).toContain("• Rule `prod` · policy `0123456789ab`");
  });
  test("a request of a version without rules names none", () => {
    const shown = textOf({ text: "", blocks: detailsModal(aRecord(), view).blocks });
    expect(shown).not.toContain("Rule");
  });
});

const footOf = (record: RequestRecord, origin?: { link: string | null }): string | undefined =>
  textOf(card(record, { ...view, ...(origin !== undefined && { origin }) }))
    .replaceAll(/ <!date[^>]*>/gu, "")
    .split("\n")
    .find((line) => line.startsWith("Requested by"));

describe("a card in two channels", () => {
  const { approval } = aRecord();
  const copied = aRecord({ approval: approval && { ...approval, copyIn: "C0APPROVAL" } });
  const link = "https://home.slack.com/archives/C0FLINKOPS/p1";

  test("says on the card where the approvers are asked, while they are", () => {
    expect(footOf(copied)).toBe("Requested by <@U0ANA00001> · Approvers: <#C0APPROVAL>");
    expect(footOf({ ...copied, state: "ready" })).toBe("Requested by <@U0ANA00001>");
  });
  test("says on the copy where it comes from, with a link", () => {
    expect(footOf(copied, { link })).toBe(
      `Requested by <@U0ANA00001> · in <#C0FLINKOPS> · <${link}|Go to the request>`,
    );
    expect(footOf(copied, { link: null })).toBe("Requested by <@U0ANA00001> · in <#C0FLINKOPS>");
    const end = {
      ending: "ran" as const,
      at: AT,
      report: { outcome: "done" as const, headline: "Over", lines: [] },
    };
    expect(footOf({ ...copied, state: "ended", end }, { link })).toContain("Go to the request");
  });
});
