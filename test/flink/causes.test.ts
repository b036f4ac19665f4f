import { describe, expect, it } from "vitest";
import { causeParts, innermostCause } from "../../src/flink/rest/error-text.ts";

const AT = "\tat a.B.c(B.java:1)";
const chain = (...heads: readonly string[]): string =>
  heads.map((h, i) => `${i === 0 ? "" : "Caused by: "}${h}\n${AT}`).join("\n");

/** What Flink said, its stack; the class and the words next to it; the reason in one sentence where it differs from the words. */
const SAID: readonly [name: string, stack: string, cause: string, message: string, reason?: string][] = [
  [
    "PyFlink: a traceback inside a message",
    [
      "java.lang.RuntimeException: Error received from SDK harness for instruction 17: Traceback (most recent call last):",
      '  File "/opt/app/enrich.py", line 42, in eval',
      "    return prices[sku]",
      "KeyError: 'sku-4711 has no price'",
      "",
      "\tat H3Job$Op.map(H3Job.java:75)",
    ].join("\n"),
    "KeyError",
    "'sku-4711 has no price'",
    "KeyError: 'sku-4711 has no price'",
  ],
  [
    "PyFlink: of two tracebacks the one that was raised last",
    [
      "java.lang.RuntimeException: Failed to create stage bundle factory! INFO:root:Initializing Python harness",
      "Traceback (most recent call last):",
      '  File "a.py", line 1, in f',
      "KeyError: 1",
      "",
      "During handling of the above exception, another exception occurred:",
      "",
      "Traceback (most recent call last):",
      '  File "a.py", line 3, in f',
      "pyflink.util.exceptions.TableException: no price for sku-4711",
      AT,
    ].join("\n"),
    "TableException",
    "no price for sku-4711",
    "TableException: no price for sku-4711",
  ],
  [
    "a traceback that is cut off",
    chain("java.lang.RuntimeException: Error received from SDK harness: Traceback (most recent call last):"),
    "RuntimeException",
    "Error received from SDK harness",
  ],
  [
    "SQL: a message that begins with a new line",
    [
      "java.lang.IllegalArgumentException: ",
      "Unable to create a sink for writing table 'orders'.",
      "",
      "Table options are:",
      "",
      "'connector'='kafka'",
      "\tat H3Job$Op.map(H3Job.java:76)",
    ].join("\n"),
    "IllegalArgumentException",
    "Unable to create a sink for writing table 'orders'.",
  ],
  [
    "SQL: no factory, with a list below",
    chain(
      "org.apache.flink.table.api.ValidationException: Unable to create a source for reading table 'a'.",
      "org.apache.flink.table.api.ValidationException: Could not find any factory for identifier 'kafka' in the classpath.\n\nAvailable factory identifiers are:\n\nblackhole",
    ),
    "ValidationException",
    "Could not find any factory for identifier 'kafka' in the classpath.",
  ],
  [
    "a heading goes with what it is about",
    chain("java.lang.RuntimeException: Several things failed:\n1) the first of them\n2) the second"),
    "RuntimeException",
    "Several things failed: 1) the first of them",
  ],
  [
    "class names in a row",
    "java.util.concurrent.CompletionException: a.CheckpointException: x\n\tat y\nCaused by: java.io.IOException: java.io.IOException: the disk is full\n\tat z",
    "IOException",
    "the disk is full",
  ],
  [
    "HDFS: no permission",
    chain(
      "java.io.IOException: Could not create the target directory.",
      'org.apache.hadoop.ipc.RemoteException(org.apache.hadoop.security.AccessControlException): Permission denied: user=flink, access=EXECUTE, inode="/private":hdfs:supergroup:drwx------',
    ),
    "AccessControlException",
    "HDFS denies user flink the access EXECUTE to /private.",
  ],
  [
    "HDFS: safe mode",
    chain(
      "org.apache.hadoop.ipc.RemoteException(org.apache.hadoop.hdfs.server.namenode.SafeModeException): Cannot create directory /user/flink/sp. Name node is in safe mode.\nIt was turned on manually.",
    ),
    "SafeModeException",
    "HDFS is in safe mode and takes no writes.",
  ],
  [
    "HDFS: a file in the way",
    chain(
      "org.apache.hadoop.ipc.RemoteException(org.apache.hadoop.fs.ParentNotDirectoryException): /user/flink/file (is not a directory)",
    ),
    "ParentNotDirectoryException",
    "/user/flink/file is a file; nothing can be written below it.",
  ],
  [
    "HDFS: the name node is down, and its host is one level higher",
    chain(
      "org.apache.flink.runtime.checkpoint.CheckpointException: Trigger checkpoint failure.",
      "java.net.ConnectException: Call From worker-3/10.0.0.3 to localhost:4710 failed on connection exception: java.net.ConnectException: Connection refused; For more details see:  http://wiki.apache.org/hadoop/ConnectionRefused",
      "java.net.ConnectException: Connection refused",
    ),
    "ConnectException",
    "HDFS at localhost:4710 refused the connection.",
  ],
  [
    "HDFS: an unknown host is only its name",
    chain(
      "java.lang.IllegalArgumentException: java.net.UnknownHostException: nosuchhost.invalid",
      "java.net.UnknownHostException: nosuchhost.invalid",
    ),
    "UnknownHostException",
    "nosuchhost.invalid",
    "unknown host: nosuchhost.invalid",
  ],
  [
    "S3: a bucket that is not there, named one level higher",
    chain(
      "org.apache.hadoop.fs.s3a.UnknownStoreException: `s3a://nosuch/sp': getFileStatus on s3a://nosuch/sp: com.amazonaws.services.s3.model.AmazonS3Exception: The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket)",
      "com.amazonaws.services.s3.model.AmazonS3Exception: The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket)",
    ),
    "AmazonS3Exception",
    "The bucket nosuch does not exist.",
  ],
  [
    "S3: the wrong secret, and nothing around it tells of what",
    chain(
      "software.amazon.awssdk.services.s3.model.S3Exception: Forbidden (Service: S3, Status Code: 403, Request ID: 17)",
    ),
    "S3Exception",
    "S3 refused Flink's credentials.",
  ],
  [
    "S3: the end point is down",
    chain(
      "software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: Connect to 127.0.0.1:4730 [/127.0.0.1] failed: Connection refused",
      "org.apache.http.conn.HttpHostConnectException: Connect to 127.0.0.1:4730 [/127.0.0.1] failed: Connection refused",
      "java.net.ConnectException: Connection refused",
    ),
    "ConnectException",
    "127.0.0.1:4730 refused the connection.",
  ],
  [
    "who refused, where the chain only names it",
    chain("a.b.BrokerException: broker kafka-1:9092", "java.net.ConnectException: Connection refused"),
    "ConnectException",
    "kafka-1:9092 refused the connection",
  ],
  [
    "what was wanted, where nobody names the host",
    chain(
      "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure\n\nThe last packet sent to the server was 0 ms ago.",
      "java.net.ConnectException: Connection refused (Connection refused)",
    ),
    "ConnectException",
    "Communications link failure: Connection refused (Connection refused)",
  ],
  [
    "nobody but itself",
    chain("java.net.ConnectException: Connection refused"),
    "ConnectException",
    "Connection refused",
  ],
  [
    "a wrapper that says nothing is left out",
    chain(
      "org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy",
      "java.io.IOException: Broken pipe",
    ),
    "IOException",
    "Broken pipe",
  ],
  [
    "no message at all",
    "java.lang.NullPointerException\n\tat x",
    "NullPointerException",
    "",
    "null pointer exception without a message",
  ],
  [
    "no message, and what it happened to",
    chain(
      "java.lang.Exception: Could not perform checkpoint 3 for operator count (1/1)#0.",
      "java.lang.NullPointerException",
    ),
    "NullPointerException",
    "Could not perform checkpoint 3 for operator count (1/1)#0.",
  ],
  [
    "a name is all the words there are",
    chain("java.lang.ClassNotFoundException: org.x.Event"),
    "ClassNotFoundException",
    "org.x.Event",
    "class not found: org.x.Event",
  ],
  [
    "what was suppressed is no cause",
    "java.lang.IllegalStateException: the task failed\n\tat a.B.c(B.java:1)\n\tSuppressed: java.io.IOException: late\n\t\tat a.B.d(B.java:2)\n\tCaused by: java.io.IOException: later\n\t\tat a.B.e(B.java:3)",
    "IllegalStateException",
    "the task failed",
  ],
  [
    "Flink's own words without a class",
    "Checkpoint expired before completing.",
    "Fallback",
    "Checkpoint expired before completing.",
  ],
];

describe("the root cause of", () => {
  it.each(SAID)("%s", (_name, stack, cause, message, reason = message) => {
    expect(causeParts(stack, "Fallback")).toEqual({ cause, message });
    expect(innermostCause(stack)).toBe(reason);
  });

  it("a message of a megabyte in no time", () => {
    const began = performance.now();
    innermostCause(`a.b.CException: ${"ab.".repeat(400_000)}\nCaused by: ${"x.Y".repeat(400_000)}`);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
