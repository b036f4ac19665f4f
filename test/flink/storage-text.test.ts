import { expect, it } from "vitest";
import { causeParts, innermostCause } from "../../src/flink/rest/error-text.ts";

const AT = "\tat a.B.c(B.java:1)";
const chain = (...heads: readonly string[]): string =>
  heads.map((h, i) => `${i === 0 ? "" : "Caused by: "}${h}\n${AT}`).join("\n");
const TRIGGER =
  "java.util.concurrent.CompletionException: org.apache.flink.runtime.checkpoint.CheckpointException: Could not trigger savepoint";
const MKDIR = "java.io.IOException: Could not create savepoint directory at hdfs:///user/flink/savepoints/r1";
const REMOTE = "org.apache.hadoop.ipc.RemoteException";
const S3 = "java.io.IOException: Failed to create savepoint directory at s3://flink-savepoints/r1";

it.each<[string, string, string]>([
  [
    "name node down",
    chain(
      TRIGGER,
      MKDIR,
      "java.net.ConnectException: Call From worker-1/10.0.0.7 to namenode:8020 failed on connection exception: java.net.ConnectException: Connection refused; For more details see:  http://wiki.apache.org/hadoop/ConnectionRefused",
      "java.net.ConnectException: Connection refused",
    ),
    "HDFS at namenode:8020 refused the connection.",
  ],
  [
    "no permission",
    chain(
      TRIGGER,
      `org.apache.hadoop.security.AccessControlException: Permission denied: user=flink, access=EXECUTE, inode="/user/other":root:supergroup:drwx------`,
      `${REMOTE}(org.apache.hadoop.security.AccessControlException): Permission denied: user=flink, access=EXECUTE, inode="/user/other":root:supergroup:drwx------`,
    ),
    "HDFS denies user flink the access EXECUTE to /user/other.",
  ],
  [
    "safe mode",
    chain(
      TRIGGER,
      MKDIR,
      `${REMOTE}(org.apache.hadoop.hdfs.server.namenode.SafeModeException): Cannot create directory /user/flink/savepoints/r1/savepoint-1. Name node is in safe mode.`,
    ),
    "HDFS is in safe mode and takes no writes.",
  ],
  [
    "a file in the way",
    chain(
      TRIGGER,
      `${REMOTE}(org.apache.hadoop.fs.ParentNotDirectoryException): /user/flink/afile (is not a directory)`,
    ),
    "/user/flink/afile is a file; nothing can be written below it.",
  ],
  [
    "an unknown host",
    chain(
      TRIGGER,
      "java.lang.IllegalArgumentException: java.net.UnknownHostException: nosuchhost.invalid",
      "java.net.UnknownHostException: nosuchhost.invalid",
    ),
    "unknown host: nosuchhost.invalid",
  ],
  [
    "no bucket (hadoop plugin)",
    chain(
      S3,
      "com.amazonaws.services.s3.model.AmazonS3Exception: The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; Request ID: x; Proxy: null)",
    ),
    "The bucket flink-savepoints does not exist.",
  ],
  [
    "wrong secret (native plugin)",
    chain(
      S3,
      "software.amazon.awssdk.services.s3.model.S3Exception: Forbidden (Service: S3, Status Code: 403, Request ID: x) (SDK Attempt Count: 1)",
    ),
    "S3 refused Flink's credentials for the bucket flink-savepoints.",
  ],
  [
    "endpoint down",
    chain(
      S3,
      "software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: Connect to 127.0.0.1:4730 [/127.0.0.1] failed: Connection refused (SDK Attempt Count: 4)",
      "java.net.ConnectException: Connection refused",
    ),
    "S3 at 127.0.0.1:4730 refused the connection.",
  ],
  [
    "what /checkpoints says of each of them",
    "An Exception occurred while triggering the checkpoint. IO-problem detected.",
    "Flink could not write it: an I/O problem with the storage. The JobManager's log has the cause.",
  ],
  [
    "a deeper cause that is told",
    chain(
      "org.apache.flink.runtime.checkpoint.CheckpointException: An Exception occurred while triggering the checkpoint. IO-problem detected.",
      "java.io.IOException: No space left on device",
    ),
    "No space left on device",
  ],
  [
    "a missing path",
    chain(
      "org.apache.flink.runtime.client.JobInitializationException: Could not start the JobMaster.",
      "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory 'hdfs://namenode:8020/sp/gone' on file system 'hdfs'.",
    ),
    "Cannot find checkpoint or savepoint file/directory 'hdfs://namenode:8020/sp/gone' on file system 'hdfs'.",
  ],
])("%s is one sentence with its subject", (_what, stack, sentence) => {
  expect(innermostCause(stack)).toBe(sentence);
  expect(sentence).not.toMatch(/Exception|\bjava\b|\bapache\b/u);
});

it("the class that was thrown stays beside it, without its package", () => {
  const stack = chain(
    "java.io.IOException: DFS output stream is closed",
    `${REMOTE}(org.apache.hadoop.hdfs.server.namenode.SafeModeException): Cannot delete /a. Name node is in safe mode.`,
  );
  expect(causeParts(stack, "x")).toEqual({
    cause: "SafeModeException",
    message: "HDFS is in safe mode and takes no writes.",
  });
});
