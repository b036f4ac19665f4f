import { real } from "./bench.ts";
import { flinkContract } from "./contract.ts";
import { planShapes } from "./plan-shapes.ts";

await flinkContract("Flink 1.20.5", real("1.20.5"), planShapes);
