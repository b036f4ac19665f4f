import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadConfig } from "../../src/config/load.ts";

const orders = { url: "http://flink" };
const load = (file: object) =>
  loadConfig({
    env: { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", REDIS_URL: "redis://redis:6379" },
    file: "f.yml",
    roles: { bot: true, worker: { zone: null } },
    operations: [],
    readFile: () => stringify({ clusters: { orders }, ...file }),
  });

describe("how many open requests one person may have", () => {
  it("is 20, or as many as are configured", () => {
    expect(load({}).mostOpen).toBe(20);
    expect(load({ requests: { openPerPerson: 3 } }).mostOpen).toBe(3);
  });
  it.each([
    [0, "must be at least 1"],
    [1000, "must be at most 500"],
  ])("is not %d", (openPerPerson, problem) => {
    expect(() => load({ requests: { openPerPerson } })).toThrow(`- requests.openPerPerson: ${problem}`);
  });
});

const approvalsOf = (approvals?: string): string | undefined =>
  load({ clusters: { orders: { ...orders, ...(approvals !== undefined && { approvals }) } } }).clusters[0]
    ?.approvals;

describe("the channel of a cluster's approvers", () => {
  it("is none, or the one that is configured", () => {
    expect(approvalsOf()).toBeUndefined();
    expect(approvalsOf("C0123456789")).toBe("C0123456789");
  });
  it.each(["#approvals", "D0123456789", "S0123456789"])("is not %s", (id) => {
    expect(() => approvalsOf(id)).toThrow(
      "- clusters.orders.approvals: must be a channel id like C0123456789, not a name",
    );
  });
});
