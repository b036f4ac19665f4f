import { readFileSync } from "node:fs";
import { createApp } from "../../src/app.ts";
import { isBrief, parseArguments } from "../../src/cli-arguments.ts";
import { operations } from "../../src/operations/index.ts";
import { createLog } from "../../src/platform/log.ts";
import { hashed } from "../../src/policy/hash.ts";
import { run } from "../../src/run.ts";
import { BOT_SCOPES } from "../../src/slack/scopes.ts";
import type { Rules } from "./world.ts";

const asked = parseArguments(process.argv.slice(2));
if (isBrief(asked)) throw new Error("these arguments are not of a server");
const rules = JSON.parse(process.env["FLINKOPS_TEST_RULES"] ?? "") as Rules;
process.exitCode = await run(asked, {
  env: process.env,
  readFile: (path) => readFileSync(path, "utf8"),
  log: createLog("info"),
  version: "under test",
  operations: operations.map(({ name }) => name),
  scopes: BOT_SCOPES,
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  signal: new Promise((resolve) => process.once("SIGTERM", resolve)),
  createApp: async (config, log, roles) =>
    await createApp({ ...config, policy: hashed({ ...config.policy, ...rules, form: "rules" }) }, log, roles),
  createProbes: () => Promise.reject(new Error("nothing is checked here")),
});
process.exit();
