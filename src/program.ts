import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline/promises";
import { createApp } from "./app.ts";
import type { Auditing } from "./audit-arguments.ts";
import { type Acl, isOnPolicy, isServing, isStarting, type Serving } from "./cli-arguments.ts";
import type { OnPolicy } from "./policy-arguments.ts";
import type { Out } from "./brief.ts";
import type { Starting } from "./init-arguments.ts";
import { systemClock } from "./platform/clock.ts";
import { createLog, parseLogLevel } from "./platform/log.ts";
import { operations } from "./operations/index.ts";
import { type Askable, askable } from "./policy/askable.ts";
import { installed, type Installed } from "./installed.ts";
import { run } from "./run.ts";
import { BOT_SCOPES, optionalScopes } from "./slack/scopes.ts";

/** Runs the program with this process's environment and signals. Returns the exit code. */
export async function program(
  asked: Acl | Serving | Starting | OnPolicy | Auditing,
  out: Out,
): Promise<0 | 1> {
  const files = {
    env: process.env,
    readFile: (path: string) => readFileSync(path, "utf8"),
    operations: askable(operations),
  };
  if (isOnPolicy(asked)) {
    const { policyCommand } = await import("./policy-command.ts");
    return policyCommand(asked, { ...out, ...files, now: () => systemClock.now() });
  }
  if (asked.do === "acl") return (await import("./print-acl.ts")).printAcl(asked, { ...out, ...files });
  if (isStarting(asked)) return await init(asked, { ...out, operations: files.operations });
  if (!isServing(asked)) {
    const { auditCommand, openAudit } = await import("./audit-command.ts");
    return await auditCommand(asked, { ...out, ...files, open: openAudit });
  }
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
    ...files,
    log,
    scopes: BOT_SCOPES,
    optionalScopes,
    signal,
    onHangup: (call) => void process.on("SIGHUP", call),
    createApp,
    // used by `check` and `doctor` alone
    createProbes: async (config) => (await import("./probes.ts")).createProbes(config),
  });
}

/** Runs `flinkops init`; asks where this is a terminal. */
async function init(asked: Starting, world: Out & { operations: readonly Askable[] }): Promise<0 | 1> {
  const { initCommand } = await import("./init-command.ts");
  const lines = process.stdin.isTTY
    ? createInterface({ input: process.stdin, output: process.stdout })
    : null;
  try {
    return await initCommand(asked, {
      ...world,
      ask: lines === null ? null : async (question) => await lines.question(question),
      exists: existsSync,
      installed: installedHere(),
      create(path, text, mode) {
        mkdirSync(dirname(path), { recursive: true });
        // wx: never over a file that has come to be meanwhile
        writeFileSync(path, text, { flag: "wx", mode });
      },
    });
  } finally {
    lines?.close();
  }
}

function installedHere(): Installed {
  const [, started = ""] = process.argv;
  return installed({ started, file: realpathSync(started) }, process.cwd());
}
