import { until } from "../../playground/processes.ts";
import { DORA } from "../../playground/slack/workspace-seed.ts";
import type { World } from "./world.ts";

/** Adds a running job to `demo` and waits until the job cache has it: nothing else can be locked. Returns its id. */
export async function addKnownJob(world: World, name: string): Promise<string> {
  const { jobId } = await world.flink.control.addJob({ name });
  await until(`${name} in the job cache`, async () =>
    (await world.people.ask(DORA, "list")).plain.includes(name) ? true : null,
  );
  return jobId;
}
