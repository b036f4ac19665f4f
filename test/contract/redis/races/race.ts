import { expect } from "vitest";
import { startRedis } from "../../../../playground/redis.ts";
import { planOf } from "./plan.ts";
import { problems } from "./problems.ts";
import { Processes } from "./round.ts";

/** How rounds went that had nothing wrong with them. */
export interface Raced {
  /** How requests ended; null: some were never decided. */
  endings: ReadonlySet<string | null>;
  /** How many commits came too late and were judged again. */
  fenced: number;
}

/**
 * Plays the rounds 1 to `rounds`, each with so many clicks, and judges each of them. A failure names its round, which
 * is also its seed.
 */
export async function race(rounds: number, clicksIn: (round: number) => number): Promise<Raced> {
  const server = await startRedis(["--appendfsync", "no"]);
  const processes = new Processes(server.url);
  const endings = new Set<string | null>();
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const plan = planOf(round, clicksIn(round));
      const outcome = await processes.play(plan);
      endings.add(outcome.record.end?.ending ?? null);
      const about = `round ${round}: ${clicksIn(round)} clicks against ${plan.against}, needed: ${plan.terms.name}`;
      expect({ about, problems: problems(outcome) }).toEqual({ about, problems: [] });
    }
  } finally {
    processes.close();
    await server.stop();
  }
  return { endings, fenced: processes.fenced };
}
