import { describe, expect, it } from "vitest";
import { liesUnder, parseSavepointDirectory, parseSavepointRoot } from "../../src/model/savepoint-path.ts";

const roots = [
  "s3://bucket/savepoints",
  "file:///var/sp/",
  "abfss://c@acc.dfs.core.windows.net/sp",
  "hdfs:///sp",
];

describe("a savepoint directory", () => {
  it.each([
    ["s3://bucket/savepoints", "s3://bucket/savepoints"],
    ["S3://bucket//savepoints//a/", "s3://bucket/savepoints/a"],
    ["  s3://bucket/savepoints/a  ", "s3://bucket/savepoints/a"],
    ["file:/var/sp/x", "file:///var/sp/x"],
    ["file:///var/sp/x", "file:///var/sp/x"],
    ["abfss://c@acc.dfs.core.windows.net/sp/a", "abfss://c@acc.dfs.core.windows.net/sp/a"],
    ["hdfs:///sp/a", "hdfs:///sp/a"],
    ["s3://bucket/savepoints/a&b=c", "s3://bucket/savepoints/a&b=c"],
  ])("takes %s", (text, ok) => {
    expect(parseSavepointDirectory(text, roots)).toEqual({ ok });
  });

  it.each([
    ["", "must start with its file system"],
    ["/var/sp", "must start with its file system"],
    ["http://bucket/savepoints", "not a file system"],
    ["javascript:alert(1)", "not a file system"],
    ["s3://bucket/savepoints-other", "must be below"],
    ["s3://bucket", "must be below"],
    ["s3://Bucket/savepoints", "must be below"],
    ["s3a://bucket/savepoints", "must be below"],
    ["s3://bucket/savepoints/../x", "must not contain . or .."],
    ["s3://bucket/savepoints/./x", "must not contain . or .."],
    ["s3://bucket/savepoints/%2e%2e/x", "percent-encoded"],
    ["s3://bucket/savepoints%2fx", "percent-encoded"],
    ["s3://key:secret@bucket/savepoints", "must not contain a user name"],
    ["s3://bucket/savepoints?x=1", "must not have a query"],
    ["s3://bucket/savepoints#x", "must not have a query"],
    ["s3://bucket/savepoints\\..\\x", "must not contain \\"],
    ["s3://bucket/savepoints/<!channel>", "must not contain <"],
    ["s3://bucket/savepoints/a b", "must not contain spaces"],
    ["s3://bucket/savepoints/a\u200bb", "must not contain spaces"],
    ["s3://bucket/savepoints/a\nb", "must not contain spaces"],
    ["s3:/bucket/savepoints", "is written s3://"],
    ["s3://", "is written s3://"],
    ["hdfs://", "is written hdfs://"],
    ["s3:///bucket/savepoints", "is written s3://"],
    ["file://host/var/sp", "file:///path"],
    ["file:///", "root of the disk"],
    ["abfss://acc.dfs.core.windows.net/sp", "container@account"],
    [`s3://bucket/savepoints/${"x".repeat(3_000)}`, "at most 1000"],
  ])("refuses %j", (text, words) => {
    expect(parseSavepointDirectory(text, roots)).toEqual({ problem: expect.stringContaining(words) });
  });

  it("is never taken where no root is configured", () => {
    expect(parseSavepointDirectory("s3://bucket/x", [])).toEqual({
      problem: expect.stringContaining("default"),
    });
  });

  it("may be checked alone, as a root", () => {
    expect(parseSavepointRoot("s3://bucket/")).toEqual({ ok: "s3://bucket" });
    expect(parseSavepointRoot("ftp://x")).toHaveProperty("problem");
  });
});

describe("a path that Flink reports", () => {
  it("is found under a directory in either spelling of file", () => {
    expect(liesUnder("file:/var/sp/r1/savepoint-1", "file:///var/sp/r1")).toBe(true);
    expect(liesUnder("file:/var/sp/r11/savepoint-1", "file:///var/sp/r1")).toBe(false);
    expect(liesUnder("<checkpoint-not-externally-addressable>", "file:///var/sp")).toBe(false);
  });

  it.each([
    ["file:/tmp/with space/r1/savepoint-1", "file:///tmp/with space/r1", true],
    ["s3://b/a%20b/[x]/savepoint-1", "s3://b/a%20b", true],
    ["cosn://b/sp/r1/savepoint-1", "cosn://b/sp/r1/", true],
    ["hdfs:/user/flink/sp/chk-1", "hdfs:///user/flink/sp", true],
    ["s3://b/sp/../other/savepoint-1", "s3://b/sp", false],
    ["s3://other/sp/savepoint-1", "s3://b/sp", false],
    ["/sp/savepoint-1", "/sp", false],
  ])("may hold anything: %s under %s is %s", (path, directory, is) => {
    expect(liesUnder(path, directory)).toBe(is);
  });
});
