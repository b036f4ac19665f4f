#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createApp, createProbes } from "./app.ts";
import { parseArguments } from "./arguments.ts";
import { createLog, parseLogLevel } from "./log.ts";
import { changesByName } from "./operations/index.ts";
import { run } from "./run.ts";
import { BOT_SCOPES, optionalScopes } from "./slack/scopes.ts";

const log = createLog(parseLogLevel(process.env["LOG_LEVEL"]));

// what nobody awaited leaves this process in a state nobody thought of; Redis holds all, so leave
for (const event of ["unhandledRejection", "uncaughtException"] as const)
  process.on(event, (error: unknown) => {
    log.fatal({ error }, "unexpected error, leaving");
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

const exitCode = await run(parseArguments(process.argv.slice(2)), {
  env: process.env,
  readFile: (path) => readFileSync(path, "utf8"),
  log,
  version: version(),
  operations: changesByName,
  scopes: BOT_SCOPES,
  optionalScopes,
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  signal,
  createApp,
  createProbes,
});
// sockets that are slow to close are no reason to stay
process.exit(exitCode);

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return /"version":\s*"([^"]+)"/u.exec(text)?.[1] ?? "unknown";
}
