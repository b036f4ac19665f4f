import { expect, it } from "vitest";
import { joined } from "../../src/platform/joined.ts";

/** Questions that the test answers itself. */
function questions() {
  const open: { answer: (words: string) => void; fail: (error: Error) => void }[] = [];
  const ask = async (): Promise<string> =>
    await new Promise((resolve, reject) => {
      open.push({ answer: resolve, fail: reject });
    });
  return { open, ask };
}
const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

it("who asks while an answer is under way shares the next one, which is asked for afterwards", async () => {
  const { open, ask } = questions();
  const read = joined(ask);
  const all = [read(), read(), read()];
  expect(open).toHaveLength(1);
  open[0]?.answer("first");
  await settle();
  expect(open).toHaveLength(2);
  const late = read();
  open[1]?.answer("second");
  await settle();
  open[2]?.answer("third");
  expect(await Promise.all(all)).toEqual(["first", "second", "second"]);
  expect(await late).toBe("third");
  const alone = read();
  open[3]?.answer("fourth");
  expect(await alone).toBe("fourth");
});

it("an error goes to those who share it, and the next are asked for all the same", async () => {
  const { open, ask } = questions();
  const read = joined(ask);
  const all = [read(), read()];
  open[0]?.fail(new Error("gone"));
  await expect(all[0]).rejects.toThrow("gone");
  open[1]?.answer("back");
  expect(await all[1]).toBe("back");
});

it("what hangs holds up nobody else for long", async () => {
  const { open, ask } = questions();
  const patience = questions();
  const read = joined(ask, patience.ask);
  const hangs = read();
  const other = read();
  patience.open[0]?.answer("enough");
  await settle();
  open[1]?.answer("answered");
  expect(await other).toBe("answered");
  open[0]?.answer("at last");
  expect(await hangs).toBe("at last");
});
