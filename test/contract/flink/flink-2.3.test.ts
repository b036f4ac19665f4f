import { flinkSql } from "../../../playground/sql/sql.ts";
import { real } from "./bench.ts";
import { flinkContract } from "./contract.ts";
import { planShapes } from "./plan-shapes.ts";
import { sqlPlans } from "./sql-plans.ts";

const maker = real("2.3.0", async () => (await flinkSql()).lib);
await flinkContract("Flink 2.3.0", maker, (on) => {
  planShapes(on);
  sqlPlans(on);
});
