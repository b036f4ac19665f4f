import { expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import { compileCondition } from "../../src/policy/condition.ts";
import { hashed } from "../../src/policy/hash.ts";
import type { Rule } from "../../src/policy/policy.ts";
import { createDetails } from "../../src/queue/details.ts";
import { FakeConversation } from "../fakes/conversation.ts";
import { FakePeople } from "../fakes/people.ts";
import { FakeStore } from "../fakes/store.ts";
import { aRecord } from "../slack/a-record.ts";

async function shown(rule: Omit<Rule, "name">): Promise<string> {
  const record = aRecord();
  const store = new FakeStore();
  store.put(record);
  const read = createDetails({
    store,
    policy: hashed({
      form: "rules",
      people: { few: { groups: [], users: ["U0FEW"] } },
      same: [],
      rules: [{ name: "rule", ...rule }],
      freezes: [],
      breakGlass: [],
      devClusters: [],
      externalChannels: [],
    }),
    clusters: [{ name: "prod" }],
    catalogue: { entries: [], anyJarOn: [] },
    people: new FakePeople(),
    conversation: new FakeConversation(),
    log: { info: () => undefined, warn: () => undefined },
  });
  const found = await read({ requestId: record.id, actor: record.actor, place: record.place });
  if (!("refuse" in found)) return "shown";
  expect(store.audit).toHaveLength(1);
  expect(store.audit[0]).toContain('"event":"click refused"');
  expect(store.audit[0]).toContain('"detail":{"kind":"details","rule":"rule"}');
  return plain(found.refuse);
}

const allow: Rule["verdict"] = { is: "allow" };
const few = { when: null, ask: ["few"], verdict: allow };

it.each<[string, Omit<Rule, "name">, string]>([
  ["by a rule about its cluster", { ...few, match: { classes: ["view"], clusters: ["pro*"] } }, "@U0FEW"],
  ["by a rule about its job", { ...few, match: { jobs: ["orders"] } }, "@U0FEW"],
  ["by a rule about details", { ...few, match: { operations: ["details"] } }, "@U0FEW"],
  ["not by one about another cluster", { ...few, match: { clusters: ["dev"] } }, "shown"],
  [
    "not by one about the operation that was requested, whose condition asks what it changes",
    {
      match: { operations: ["stop"] },
      when: compileCondition("change.drain").condition ?? null,
      ask: null,
      verdict: { is: "refuse", why: "no" },
    },
    "shown",
  ],
])("who may see the details of a request is decided %s", async (_, rule, expected) => {
  expect(await shown(rule)).toContain(expected);
});
