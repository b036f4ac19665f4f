import { expect, it } from "vitest";
import type { Approval } from "../../src/requests/record/record.ts";
import { createDisplayNames } from "../../src/slack/display-names.ts";
import { aRecord } from "./a-record.ts";
import { aLog } from "./workspace.ts";

const asked = (requirements: Approval["requirements"]): Approval => ({
  needed: 2,
  by: { groups: ["S0LEADS", "S0RISK"], users: [] },
  expiresAt: 1,
  digest: "",
  votes: [],
  ...(requirements !== undefined && { requirements }),
});
const of = (set: string, group: string) => ({ from: [set], count: 1, by: { groups: [group], users: [] } });
/** What the names are, where Slack answers for the group of the leads alone, and the time for it passes. */
async function groupNames(approval: Approval): Promise<readonly (string | null)[]> {
  const names = await createDisplayNames(
    {
      nameOf: async () => await Promise.resolve("Ana"),
      handleOf: async (group) =>
        group === "S0LEADS" ? await Promise.resolve("@leads") : await new Promise<never>(() => undefined),
    },
    aLog(),
    {
      after: (_ms, then) => {
        const soon = setImmediate(then);
        return () => clearImmediate(soon);
      },
    },
  )(aRecord({ approval }));
  return ["S0LEADS", "S0RISK"].map((group) => names.group(group));
}

it("a group that Slack does not name in time is called as its set, where several sets must approve", async () => {
  const two = asked([[of("leads", "S0LEADS"), of("second line", "S0RISK")]]);
  expect(await groupNames(two)).toEqual(["@leads", "second line"]);
});

it("has no name where one set is enough, or where the policy has no names", async () => {
  expect(await groupNames(asked([[of("approve", "S0RISK")]]))).toEqual(["@leads", null]);
  expect(await groupNames(asked(undefined))).toEqual(["@leads", null]);
});
