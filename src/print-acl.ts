import type { Acl } from "./cli-arguments.ts";
import { loadConfig } from "./config/load.ts";
import type { Sources } from "./config/secrets.ts";
import { ConfigError } from "./model/errors.ts";
import { scrubText } from "./platform/scrub.ts";
import type { Askable } from "./policy/askable.ts";
import { aclLine, sentinelAclLine } from "./redis/acl.ts";

/** Prints the users that the configuration needs on Redis and its sentinels. Connects to nothing and needs no secret. Returns the exit code. */
export function printAcl(
  { file }: Acl,
  world: Sources & {
    operations: readonly Askable[];
    print(text: string): void;
    complain(text: string): void;
  },
): 0 | 1 {
  try {
    const { env, readFile, operations } = world;
    const roles = { bot: false, worker: null };
    const { redis } = loadConfig({ env, readFile, operations, roles, file, only: "policy" });
    world.print(aclLine(redis.prefix));
    if (redis.sentinels.length > 0) world.print(sentinelAclLine(redis.sentinelUsername ?? "flinkops"));
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    world.complain(`configuration:\n${scrubText(error.message)}`);
    return 1;
  }
}
