// loaded into the program: the longest time that its event loop stood still, written down on each SIGUSR2
import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on("SIGUSR2", () => {
  writeFileSync(process.env.FLINKOPS_LOOP ?? "", String(delay.max / 1e6));
  delay.reset();
});
