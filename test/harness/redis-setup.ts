import { findRedisServer } from "../../playground/redis-server.ts";

/** Before the suites that need one: fetches a Redis if none is installed, and says in one line which is used. */
export default async function setup(): Promise<void> {
  const line = await findRedisServer((words) => console.log(words)).then(
    ({ words }) => `Redis of the tests: ${words}`,
    // each suite that needs one says so by itself
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  console.log(line);
}
