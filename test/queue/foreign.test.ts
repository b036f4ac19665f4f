import { expect, it } from "vitest";
import { createForeign } from "../../src/queue/foreign.ts";
import type { Foreign } from "../../src/requests/ports/inbox.ts";
import { aLog } from "../slack/workspace.ts";

const BEN = "U0BEN00001";

const press: Foreign = {
  actor: { user: BEN, team: "T0HOME0001" },
  channel: "C1",
  kind: "button",
  rule: "other_deployment",
};

/** What is recorded, and under which name it is counted. */
function recording(refused?: () => Promise<void>) {
  const counted: string[] = [];
  const entries: unknown[] = [];
  const foreign = createForeign({
    store: {
      now: () => Promise.resolve(1000),
      refused:
        refused ??
        ((id, whose, entry) => {
          counted.push(`${id} ${whose}`);
          return Promise.resolve(void entries.push(JSON.parse(entry)));
        }),
    },
    log: aLog(),
  });
  return { foreign, counted, entries };
}

it("says who pressed what, and where", async () => {
  const { foreign, entries } = recording();
  await foreign(press);
  expect(entries).toEqual([
    expect.objectContaining({
      event: "click refused",
      at: 1000,
      actor: BEN,
      channel: "C1",
      requestId: "",
      detail: { kind: "button", rule: "other_deployment" },
    }),
  ]);
});

it("is counted per person, kind and rule, and no person uses up the entries of another", async () => {
  const { foreign, counted } = recording();
  const cem = { user: "U0CEM00001", team: "T0HOME0001" };
  const form = { ...press, channel: null, kind: "form", rule: "other_form" } as const;
  for (const one of [press, press, form, { ...press, actor: cem }]) await foreign(one);
  expect(counted).toEqual([
    "foreign/U0BEN00001 U0BEN00001 button other_deployment",
    "foreign/U0BEN00001 U0BEN00001 button other_deployment",
    "foreign/U0BEN00001 U0BEN00001 form other_form",
    "foreign/U0CEM00001 U0CEM00001 button other_deployment",
  ]);
});

it("does not fail where Redis does: the person is answered all the same", async () => {
  const { foreign } = recording(() => Promise.reject(new Error("no Redis")));
  await expect(foreign(press)).resolves.toBeUndefined();
});
