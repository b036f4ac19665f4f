// loaded into the program: the longest time that its event loop stood still, written down on each SIGUSR2. What the machine
// gave to another process meanwhile does not count, so of the time that passed and the CPU that was used the lesser.
import { writeFileSync } from "node:fs";

const used = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
let longest = 0;
let last = { at: performance.now(), cpu: used() };
setInterval(() => {
  const now = { at: performance.now(), cpu: used() };
  longest = Math.max(longest, Math.min(now.at - last.at, now.cpu - last.cpu));
  last = now;
}, 1).unref();
process.on("SIGUSR2", () => {
  writeFileSync(process.env.FLINKOPS_LOOP ?? "", String(longest));
  longest = 0;
  last = { at: performance.now(), cpu: used() };
});
