import { expect, test } from "vitest";
import { answered } from "./ask.ts";

test("the sets of the person, what they may ask for, and what they may approve", async () => {
  const said = await answered("whoami", {
    sets: ["operators", "leads"],
    approving: ["leads", "security"],
    otherAccounts: ["U9"],
    may: (operation) => operation.name !== "dispose",
  });
  expect(said).toContain("You are @U1.");
  expect(said).toContain("You are in operators, leads.");
  expect(said).toContain("Your other accounts count as you: @U9.");
  expect(said).toContain("You may ask for scale, savepoint,");
  expect(said).not.toContain("dispose");
  expect(said).toContain("You may approve as one of leads, but never your own requests.");
  expect(said).toContain("/flink can <command>");
});

test("somebody in no set, who may only look", async () => {
  const said = await answered("whoami", { may: () => false });
  expect(said).toContain("You are in none of the policy's sets of people.");
  expect(said).toContain("You may look, and change nothing.");
  expect(said).toContain("You may approve nothing.");
});
