import { describe, expect, it } from "vitest";
import {
  durationMs,
  isApplication,
  operatorSigns,
  triggerMemoryMs,
} from "../../src/flink/facts/deployment-kind.ts";

describe("operator-managed", () => {
  const cancel = { cancel: true };
  it.each([
    ["a plain cluster", null, cancel, {}, "not managed"],
    ["native Kubernetes without the operator", null, cancel, { "kubernetes.cluster-id": "x" }, "not managed"],
    ["an operator key", null, cancel, { "kubernetes.operator.foo": "x" }, "kubernetes.operator.foo"],
    ["the operator's internal key", null, cancel, { "$internal.flink.version": "v2_0" }, "$internal"],
    ["cancel switched off", null, { cancel: false }, {}, "cancelling is disabled"],
    [
      "an application cluster that stays",
      null,
      cancel,
      { "kubernetes.cluster-id": "x", "execution.shutdown-on-application-finish": "false" },
      "shutdown-on-application-finish",
    ],
    ["the configuration's no", "none", { cancel: false }, { "kubernetes.operator.foo": "x" }, "not managed"],
    ["the configuration's yes", "operator", cancel, {}, "it is configured so"],
  ] as const)("is judged by %s", (_, managedBy, features, settings, sign) => {
    const found = operatorSigns(managedBy, features, new Map(Object.entries(settings)));
    expect(found ?? "not managed").toContain(sign);
  });
});

describe("application mode", () => {
  it.each([
    ["$internal.application.main", "com.x.Main", true],
    ["$internal.application.program-args", "--rate;20", true],
    ["execution.target", "kubernetes-application", true],
    ["execution.target", "yarn-application", true],
    ["execution.target", "embedded", true],
    ["execution.target", "kubernetes-session", false],
    ["execution.target", "remote", false],
    ["kubernetes.cluster-id", "orders", false],
  ])("is told by %s: %s", (key, value, application) => {
    expect(isApplication(new Map([[key, value]]))).toBe(application);
  });
  it("is not told by nothing", () => {
    expect(isApplication(new Map())).toBe(false);
  });
});

it("a sign of the operator is shown without what a key of the configuration may hold besides", () => {
  const key = "kubernetes.operator.x\n\tat a.B.c(B.java:1) --db-password hunter2";
  const sign = operatorSigns(null, { cancel: true }, new Map([[key, ""]]));
  expect(sign).toContain("kubernetes.operator.x");
  expect(sign).not.toMatch(/\n|hunter2/u);
});

describe("Flink's memory of trigger ids", () => {
  it.each([
    [undefined, 300_000],
    ["5 min", 300_000],
    ["10s", 10_000],
    ["PT2M30S", 150_000],
    ["1500", 1_500],
    ["nonsense", 300_000],
    ["0 s", Number.MAX_SAFE_INTEGER],
  ])("%s", (text, ms) => {
    expect(triggerMemoryMs(new Map(text === undefined ? [] : [["rest.async.store-duration", text]]))).toBe(
      ms,
    );
  });
  it("knows Flink's units", () => {
    expect(["1 d", "2 h", "3 minutes", "4 sec", "5 ms", "6 weeks"].map(durationMs)).toEqual([
      86_400_000,
      7_200_000,
      180_000,
      4_000,
      5,
      null,
    ]);
  });
});
