#!/usr/bin/env node
import { readFileSync } from "node:fs";
import * as module from "node:module";
import { isBrief, parseArguments } from "./cli-arguments.ts";
import { type Out, sayBriefly } from "./brief.ts";

// from Node 22.8 on: what was compiled once is read again at the next start
if ("enableCompileCache" in module && typeof module.enableCompileCache === "function")
  module.enableCompileCache();

const out: Out = {
  version: version(),
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
};
const asked = parseArguments(process.argv.slice(2));
// loaded only for who needs it: most of a short answer's time would go into it
const exitCode = isBrief(asked)
  ? sayBriefly(asked, out)
  : await (await import("./program.ts")).program(asked, out);
// sockets that are slow to close are no reason to stay
process.exit(exitCode);

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return /"version":\s*"([^"]+)"/u.exec(text)?.[1] ?? "unknown";
}
