import { join } from "node:path";
import { assembleFlink, compiled } from "../flink/assemble.ts";
import { jarsOf } from "../maven.ts";

const FLINK = "2.3.0";

/** The jars of Flink SQL for all JVMs, and the jar of SqlJobs.java. Downloads 60 MB the first time. */
export async function flinkSql(): Promise<{ lib: readonly string[]; jobs: string }> {
  const [{ lib }, sql] = await Promise.all([
    assembleFlink(FLINK),
    jarsOf({
      name: "flink-sql",
      artifacts: [
        `org.apache.flink:flink-table-planner-loader:${FLINK}`,
        `org.apache.flink:flink-table-runtime:${FLINK}`,
        `org.apache.flink:flink-table-api-java-bridge:${FLINK}`,
        `org.apache.flink:flink-cep:${FLINK}`,
      ],
    }),
  ]);
  return { lib: [sql], jobs: await compiled(join(import.meta.dirname, "SqlJobs.java"), [lib, sql]) };
}
