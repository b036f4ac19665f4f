import { expect, test } from "vitest";
import { can } from "../../src/operations/can.ts";
import { answered } from "./ask.ts";

test("a change is a question for a worker, which knows the job; its flags and quotes stay as typed", async () => {
  expect(await answered("can stop orders --drain")).toBe("may stop orders --drain");
  expect(await answered('can stop orders --reason "new \\"release\\""')).toBe(
    'may stop orders --reason "new \\"release\\""',
  );
  expect(await answered("can resume orders")).toBe("may resume orders");
  expect(can.personal).toBe(true);
});

test("a read is answered at once, by the person's rights", async () => {
  expect(await answered("can status orders")).toContain("Yes, you may use status here.");
  expect(await answered("can status orders", { may: () => false })).toBe("No, you may not use status here.");
});

test("what is no command is refused as it would be by itself", async () => {
  expect(await answered("can fly orders")).toContain("There is no operation fly.");
  expect(await answered("can stop")).toContain("stop");
  expect(await answered("can")).toContain("command");
});
