import { writeFileSync } from "node:fs";
import type { Picture } from "../model/picture.ts";
import type { Drawing } from "./draw.ts";

/** The drawing process's answer to a picture. `memory`: what the process holds after it, bytes. */
export type Drawn = ({ drawing: Drawing } | { failed: string }) & { memory: number };

/** Answers the parent process: one picture in, one `Drawn` out. Runs until the parent kills it, or is gone. */
export function serve(draw: (picture: Picture) => Promise<Drawing>): void {
  dieFirst();
  // whoever stops the program may signal its whole group; the parent may still wait for this picture
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => undefined);
  // process.exit would wait for the picture in progress, which may take forever
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.on("message", (message) => {
    if (isPicture(message)) void answer(message);
  });

  async function answer(picture: Picture): Promise<void> {
    const result = await draw(picture).then(
      (drawing) => ({ drawing }),
      (error: unknown) => ({ failed: error instanceof Error ? error.message : String(error) }),
    );
    process.send?.({ ...result, memory: process.memoryUsage.rss() } satisfies Drawn);
  }
}

const isPicture = (message: unknown): message is Picture =>
  typeof message === "object" && message !== null && "kind" in message;

/** If memory runs out, Linux kills this process before others. Other systems do not have this file. */
function dieFirst(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // drawing works without it
  }
}
