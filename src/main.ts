#!/usr/bin/env node
import { readFileSync } from "node:fs";
import * as module from "node:module";
import { isBrief, parseArguments } from "./cli-arguments.ts";
import { type Out, sayBriefly } from "./brief.ts";

// from Node 22.8 on: compiled code is cached for the next start
if ("enableCompileCache" in module && typeof module.enableCompileCache === "function")
  module.enableCompileCache();

const out: Out = {
  version: version(),
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
};
const asked = parseArguments(process.argv.slice(2));
// program.ts is imported only when needed, because loading it takes most of a short answer's time
const exitCode = isBrief(asked)
  ? sayBriefly(asked, out)
  : await (await import("./program.ts")).program(asked, out);
// exit even if sockets are slow to close
process.exit(exitCode);

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return /"version":\s*"([^"]+)"/u.exec(text)?.[1] ?? "unknown";
}
