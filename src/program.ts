import { readFileSync } from "node:fs";
import { createApp } from "./app.ts";
import type { Serving } from "./cli-arguments.ts";
import type { Out } from "./brief.ts";
import { createLog, parseLogLevel } from "./platform/log.ts";
import { operations } from "./operations/index.ts";
import { askable } from "./policy/askable.ts";
import { run } from "./run.ts";
import { BOT_SCOPES, optionalScopes } from "./slack/scopes.ts";

/** Runs the program with this process's environment and signals. Returns the exit code. */
export async function program(asked: Serving, out: Out): Promise<0 | 1> {
  const log = createLog(parseLogLevel(process.env["LOG_LEVEL"]));
  // an unhandled error leaves the process in an unknown state; all requests are in Redis, so exit
  for (const event of ["unhandledRejection", "uncaughtException"] as const)
    process.on(event, (error: unknown) => {
      log.fatal({ error }, "unexpected error, exiting");
      process.exit(1);
    });
  const signal = new Promise<string>((resolve) => {
    let seen = false;
    for (const name of ["SIGTERM", "SIGINT"] as const)
      process.on(name, () => {
        if (seen) process.exit(1);
        seen = true;
        resolve(name);
      });
  });
  return await run(asked, {
    ...out,
    env: process.env,
    readFile: (path) => readFileSync(path, "utf8"),
    log,
    operations: askable(operations),
    scopes: BOT_SCOPES,
    optionalScopes,
    signal,
    createApp,
    // used by `check` alone
    createProbes: async (config) => (await import("./probes.ts")).createProbes(config),
  });
}
