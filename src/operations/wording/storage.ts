import { t, type Text } from "../../model/text.ts";

/** The storage behind a path, by its scheme. */
const STORAGES: Readonly<Record<string, string>> = {
  hdfs: "HDFS",
  viewfs: "HDFS",
  s3: "S3",
  s3a: "S3",
  s3p: "S3",
  gs: "Google Cloud Storage",
  abfs: "Azure Storage",
  abfss: "Azure Storage",
  wasb: "Azure Storage",
  wasbs: "Azure Storage",
  oss: "Alibaba OSS",
};

/** What Flink says of S3 without its bucket, and what it says with it. */
const OF_A_BUCKET: readonly (readonly [RegExp, (bucket: string, found: RegExpExecArray) => string])[] = [
  [/^The S3 bucket does not exist\.$/u, (bucket) => `The bucket ${bucket} does not exist.`],
  [
    /^S3 refused Flink's credentials\.$/u,
    (bucket) => `S3 refused Flink's credentials for the bucket ${bucket}.`,
  ],
  [/^([\w.-]+:\d+) refused the connection\.$/u, (_, [, at]) => `S3 at ${at} refused the connection.`],
];

/** The reason why nothing could be written to a directory, with the bucket where Flink leaves it out. */
export function withBucket(reason: string, directory: string): string {
  const bucket = /^s3[ap]?:\/\/([^/]+)/u.exec(directory)?.[1];
  if (bucket === undefined) return reason;
  for (const [when, says] of OF_A_BUCKET) {
    const found = when.exec(reason);
    if (found !== null) return says(bucket, found);
  }
  return reason;
}

/** What to check if checkpoints to this path (null: not known) expire and no other one completes. */
export function perhapsSilent(path: string | null): Text {
  const scheme = path === null ? "" : path.slice(0, Math.max(0, path.indexOf(":"))).toLowerCase();
  const storage = STORAGES[scheme] ?? "the storage of its checkpoints";
  return t`Perhaps ${storage} does not answer: check its address and Flink's credentials; the JobManager's log has the cause.`;
}
