import { expect, it } from "vitest";
import { fills, TERMS } from "./cast.ts";
import { race } from "./race.ts";

const [LEAD, SECURITY, BOTH] = ["U0CLICK010", "U0CLICK011", "U0CLICK002"];

it.each([
  ["one", [SECURITY], false],
  ["one", [LEAD], true],
  ["one of each", [LEAD], false],
  ["one of each", [BOTH], false],
  ["one of each", [LEAD, BOTH], true],
  // a lead and a member of security, who are one person
  ["one of each", ["U0CLICK000", "U0CLICK001"], false],
  ["two lists", [LEAD, BOTH, SECURITY], true],
  ["two lists", [LEAD, BOTH, "U0CLICK022"], true],
  ["two lists", [LEAD, "U0CLICK040", SECURITY], false],
])("the judge knows who fills which places: %s, %j: %j", (name, users, isEnough) => {
  const terms = TERMS.find((one) => one.name === name);
  expect(terms === undefined ? null : fills(terms, users)).toBe(isEnough);
});

// CI has not the minutes for 200 in each; `test/full/races.test.ts` takes them
it("500 rounds of clickers against each other, denials, expiry and withdrawal: one decision, one story", async () => {
  const { endings, fenced } = await race(500, (round) => (round % 11 === 0 ? 200 : 30));
  // each of them won now and then, some requests were never decided, and people did get in each other's way
  expect(endings).toEqual(new Set(["ran", "denied", "expired", "withdrawn", null]));
  expect(fenced).toBeGreaterThan(500);
}, 400_000);
