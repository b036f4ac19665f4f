import { expect, it } from "vitest";
import { withBucket } from "../../src/operations/wording/storage.ts";

// as Flink 2.3 with its native S3 file system answers: no message of the chain names the bucket
it.each([
  ["The S3 bucket does not exist.", "The bucket flink does not exist."],
  ["S3 refused Flink's credentials.", "S3 refused Flink's credentials for the bucket flink."],
  ["127.0.0.1:4730 refused the connection.", "S3 at 127.0.0.1:4730 refused the connection."],
  ["The bucket other does not exist.", "The bucket other does not exist."],
  ["HDFS at namenode:8020 refused the connection.", "HDFS at namenode:8020 refused the connection."],
])("%s", (reason, words) => {
  expect(withBucket(reason, "s3://flink/savepoints/r1")).toBe(words);
  expect(withBucket(reason, "s3a://flink/savepoints/r1")).toBe(words);
  expect(withBucket(reason, "hdfs:///user/flink")).toBe(reason);
});
