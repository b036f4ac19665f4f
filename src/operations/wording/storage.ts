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

/** What to check if checkpoints to this path (null: not known) expire and no other one completes. */
export function perhapsSilent(path: string | null): Text {
  const scheme = path === null ? "" : path.slice(0, Math.max(0, path.indexOf(":"))).toLowerCase();
  const storage = STORAGES[scheme] ?? "the storage of its checkpoints";
  return t`Perhaps ${storage} does not answer: check its address and Flink's credentials; the JobManager's log has the cause.`;
}
