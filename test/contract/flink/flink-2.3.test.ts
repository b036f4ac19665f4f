import { real } from "./bench.ts";
import { flinkContract } from "./contract.ts";
import { planShapes } from "./plan-shapes.ts";

await flinkContract("Flink 2.3.0", real("2.3.0"), planShapes);
