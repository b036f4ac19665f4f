import { describe, expect, test } from "vitest";
import {
  actionIds,
  decisionButtonValue,
  offerActionId,
  offerButtonValue,
  parseAction,
} from "../../src/slack/action.ts";

const offer = { label: "Stop", operation: "stop", args: { job: "prod/orders", drain: true } };

describe("buttons", () => {
  test("their names are pinned: old messages carry them", () => {
    expect(actionIds).toEqual({
      approve: "approval.approve",
      deny: "approval.deny",
      suggest: "approval.suggest",
      review: "break-glass.review",
      withdraw: "request.withdraw",
      details: "request.details",
    });
    expect(offerActionId(3)).toBe("offer.3");
    expect(decisionButtonValue("d", "r1", "g1")).toBe('{"v":1,"d":"d","r":"r1","g":"g1"}');
    expect(offerButtonValue("d", offer)).toBe(
      '{"v":1,"d":"d","o":"stop","a":{"job":"prod/orders","drain":true}}',
    );
  });
  test("what is written is read", () => {
    expect(parseAction("approval.deny", decisionButtonValue("d", "r1", "g1"), "d")).toEqual({
      is: "decision",
      kind: "deny",
      requestId: "r1",
      digest: "g1",
    });
    expect(parseAction("offer.0", offerButtonValue("d", offer) ?? "", "d")).toEqual({
      is: "offer",
      operation: "stop",
      args: offer.args,
    });
  });
  test("an offer too big for a button is none", () => {
    expect(offerButtonValue("d", { ...offer, args: { job: "x".repeat(2000) } })).toBeNull();
  });
  test.each([
    ["an unknown button", "home.open", "{}", "another version"],
    ["no value", "approval.approve", undefined, "cannot be read"],
    ["no JSON", "approval.approve", "{", "cannot be read"],
    ["a forged list", "approval.approve", "[1]", "cannot be read"],
    [
      "another deployment",
      "approval.approve",
      decisionButtonValue("staging", "r", "g"),
      "another deployment",
    ],
    ["a later version", "approval.approve", '{"v":2,"d":"d","r":"r","g":"g"}', "another version"],
    ["a missing request", "request.withdraw", '{"v":1,"d":"d","g":"g"}', "another version"],
    ["an offer of a later version", "offer.1", '{"v":7,"d":"d"}', "another version"],
    ["arguments that are no object", "offer.1", '{"v":1,"d":"d","o":"stop","a":[1]}', "another version"],
  ])("%s is answered in words", (_name, id, value, says) => {
    const got = parseAction(id, value, "d");
    expect(got.is === "foreign" ? got.words : got).toContain(says);
  });
});
