import { simulated } from "./bench.ts";
import { flinkContract } from "./contract.ts";

await flinkContract("the simulated JobManager", simulated);
