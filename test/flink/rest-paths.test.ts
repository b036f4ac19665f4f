import { describe, expect, it } from "vitest";
import { isFlinkId, jarPath, jobPath, triggerPath, vertexPath } from "../../src/flink/rest/paths.ts";

const ID = "0123456789abcdef0123456789abcdef";

describe("ids in a path", () => {
  it("are 32 hexadecimal digits", () => {
    expect([jobPath(ID), vertexPath(ID), triggerPath(ID)]).toEqual([`/jobs/${ID}`, `vertices/${ID}`, ID]);
    expect(isFlinkId(ID)).toBe(true);
  });
  it.each(["", "overview", `${ID}0`, ID.toUpperCase(), `${ID}\n`, "../config"])(
    "are nothing like %j",
    (id) => {
      for (const path of [jobPath, vertexPath, triggerPath]) expect(() => path(id)).toThrow(RangeError);
      expect(isFlinkId(id)).toBe(false);
    },
  );
});

describe("the id of a jar in a path", () => {
  it.each([
    ["3611bfa9-27eb-4923-b50a-ef791bb98689_orders.jar", "3611bfa9-27eb-4923-b50a-ef791bb98689_orders.jar"],
    ["1_my orders.jar", "1_my%20orders.jar"],
    ["1_50%?#&+.jar", "1_50%25%3F%23%26%2B.jar"],
    ["1_ödön.jar", "1_%C3%B6d%C3%B6n.jar"],
  ])("may be %s", (id, written) => {
    expect(jarPath(id)).toBe(`/jars/${written}`);
  });
  it.each([
    "",
    "upload",
    ".jar",
    "..jar",
    "../x.jar",
    "a/b.jar",
    "a\\b.jar",
    "x.jar/run",
    "x.jar\n",
    "a\nb.jar",
    "\ud800.jar",
  ])("is nothing like %j", (id) => {
    expect(() => jarPath(id)).toThrow(RangeError);
  });
});
