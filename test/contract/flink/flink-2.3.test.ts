import { real } from "./bench.ts";
import { flinkContract } from "./contract.ts";

await flinkContract("Flink 2.3.0", real("2.3.0"));
