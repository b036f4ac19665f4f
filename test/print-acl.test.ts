import { expect, it } from "vitest";
import { operations } from "../src/operations/index.ts";
import { askable } from "../src/policy/askable.ts";
import { printAcl } from "../src/print-acl.ts";

/** `flinkops check --print-acl` without an environment: it needs no secret. */
function printed(config: string): { code: number; said: string } {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const world = {
    env: {},
    readFile: () => config,
    operations: askable(operations),
    print: say,
    complain: say,
  };
  return { code: printAcl({ do: "acl", file: "c.yml" }, world), said: said.join("\n") };
}

it("is for the keys of the configuration's prefix", () => {
  const { code, said } = printed(
    "{ clusters: { prod: { url: http://a } }, redis: { prefix: '{bank}' }, slack: { botToken: { env: T } } }",
  );
  expect(code).toBe(0);
  expect(said).toContain(" '~{bank}' '~{bank}:*' ");
});

it("has a second line for the sentinels, where there are some", () => {
  const sentinels = "sentinels: [{ host: s1 }], sentinelUsername: ops, sentinelPassword: { env: P }";
  const { code, said } = printed(`{ clusters: { prod: { url: http://a } }, redis: { ${sentinels} } }`);
  expect(code).toBe(0);
  const [ours, theirs, ...more] = said.split("\n");
  expect(more).toEqual([]);
  expect(ours).toMatch(/^ACL SETUSER flinkops .*\+evalsha/u);
  expect(theirs).toMatch(/^ACL SETUSER ops reset on '>CHANGE-ME' resetchannels '&\+switch-master' -@all /u);
});

it("says what is wrong with the configuration", () => {
  const { code, said } = printed("{ clusters: { prod: { url: nonsense } } }");
  expect(code).toBe(1);
  expect(said).toContain("clusters.prod.url: must be Flink's REST address");
});
