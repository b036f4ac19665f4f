import { describe, expect, it, test } from "vitest";
import { stackForPeople } from "../../src/flink/rest/stack-text.ts";

const STACK = [
  "java.lang.RuntimeException: the task failed",
  "\tat com.x.TokenAssigner.take(TokenAssigner.java:87)",
  "\tat java.base/java.lang.Thread.run(Thread.java:1583)",
  "\tat com.x.Secrets$$Lambda/0x00007f.call(Unknown Source)",
  "\tSuppressed: java.io.IOException: late",
  "\t\tat com.x.Y.<init>(Y.java:1)",
  "Caused by: com.x.TokenExpiredException: the token is old",
  "\t... 12 more",
  "",
].join("\n");

test("a stack without secrets is whole, with spaces for tabs", () => {
  expect(stackForPeople(STACK)).toBe(STACK.trimEnd().replaceAll("\t", "    "));
});

describe("what must not be shown", () => {
  it.each([
    ["credentials in an address", "Caused by: a.B: https://svc:hunter2@store.example/b", "hunter2"],
    ["a value in quotes", 'sasl.jaas.config: username="a" password="open sesame";', "sesame"],
    ["a quote that is never closed", 'password="open sesame', "sesame"],
    ["a key of a storage account", "fs.azure.account.key.x.blob.core.windows.net=c2VjcmV0", "c2VjcmV0"],
    ["a signed address", "GET https://b.example/o?X-Amz-Signature=abc123&x=1", "abc123"],
    ["a header", "Authorization: Bearer abc.def.ghi", "abc.def"],
    ["behind a class name", "Caused by: com.x.TokenExpiredException: token=abc123", "abc123"],
    ["in what pretends to be a frame", "\tat com.x.Y.z(password=abc123)", "abc123"],
    ["a serialized throwable", "serialized: rO0ABXNyABZq", "rO0ABXNyABZq"],
    ["a long encoded run", `body ${"QUJD".repeat(40)} end`, "QUJDQUJD"],
    ["a key of several lines", `-----BEGIN PRIVATE KEY-----\n${"Ab1+".repeat(16)}\nCd2=\n-----END`, "Cd2="],
    ["a direction override", "Caused by: a.B: gnp\u202e.exe", "\u202e"],
  ])("%s is taken out", (_name, line, secret) => {
    const shown = stackForPeople(`a.B: x\n${line}\n\tat c.D.e(D.java:1)`);
    expect(shown).not.toContain(secret);
    expect(shown).toMatch(/\n {4}at c\.D\.e\(D\.java:1\)$/u);
  });
});

test("what only looks like it stays", () => {
  const words = `significant: 5\n${"=".repeat(60)}\nSELECT\n${"-".repeat(60)}\nabcdef0123456789abcdef0123456789`;
  expect(stackForPeople(words)).toBe(words);
});

test("no line is endless, and a megabyte of one is no work", () => {
  expect(stackForPeople(`a.B: ${"ab.".repeat(400_000)}`)).toHaveLength(2000);
});
