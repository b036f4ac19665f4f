import { expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { createRequestSummaries } from "../../src/requests/record/summaries.ts";
import { FakeStore } from "../fakes/store.ts";
import { aRecord } from "../slack/a-record.ts";

const IDS = ["r212ef36c4d5e6f708192a3b4c5d6e7f", "r212ef3000000000000000000000000f", "r9"];

const nothing = () => Promise.resolve([]);

async function find(typed: string): Promise<string> {
  const store = new FakeStore();
  for (const id of IDS) store.put(aRecord({ id }));
  store.ids = () => Promise.resolve(IDS);
  const view = createRequestSummaries({
    store,
    keys: keysUnder("{x}"),
    unbegun: nothing,
    linkOf: () => null,
  });
  const found = await view.find(typed);
  return "refuse" in found ? [found.refuse, ...(found.instead ?? [])].map(plain).join("\n") : found.requestId;
}

test.each([
  ["its whole id", "r212ef36c4d5e6f708192a3b4c5d6e7f", IDS[0]],
  ["its beginning, in capitals", " R212EF36", IDS[0]],
])("a request is found by %s", async (_name, typed, id) => {
  expect(await find(typed)).toBe(id);
});

test.each([
  ["an unknown id", "rabcdef0", "There is no request rabcdef0."],
  ["what two ids begin with", "r212ef3", "r212ef3 is the beginning of 2 requests' ids."],
])("%s finds none, and says so", async (_name, typed, said) => {
  expect(await find(typed)).toContain(said);
});
