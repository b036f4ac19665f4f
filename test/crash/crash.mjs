// Loaded with `node --import` before the product, which knows nothing of it. Names every outside call of the one request
// under test, and either writes the names down or kills the process at one of them.
//
// A point is `<context> | <call> #<n>`: context is where the record stood (from the last commit seen), n counts the same
// call within it. FLINKOPS_CRASH: {"record": file} or {"point": name, "when": "before" | "after", "reached": file},
// with "hold": true to stop it there (SIGSTOP) instead.
import { createHash } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import { appendFileSync, writeFileSync } from "node:fs";

const plan = JSON.parse(process.env.FLINKOPS_CRASH ?? "{}");
const REQUEST = /r[0-9a-f]{31}/;
let context = "nothing";
let counts = new Map();
// before the request arrives, only the process's own calls are made
let armed = false;
const seen = new WeakMap();

function pointOf(call) {
  const n = (counts.get(call) ?? 0) + 1;
  counts.set(call, n);
  return `${context} | ${call} #${n}`;
}

function at(point, when) {
  if (plan.record !== undefined && when === "before") appendFileSync(plan.record, `${point}\n`);
  if (plan.point === point && plan.when === when) {
    writeFileSync(plan.reached, point);
    if (plan.hold === true) {
      // stopped here until SIGCONT arrives
      process.kill(process.pid, "SIGSTOP");
      return;
    }
    process.kill(process.pid, "SIGKILL");
    // the signal is on its way: nothing more may happen here
    for (;;);
  }
}

// ---- Redis
function nameOf(command, args) {
  const text = args.map(String);
  armed ||= REQUEST.test(text.join(" "));
  if (command === "evalsha" || command === "eval") {
    const sha = command === "evalsha" ? text[0] : createHash("sha1").update(text[0]).digest("hex");
    // BullMQ's timer renews the locks of what is under way: when it does so depends on how slow the machine is
    if (text[1] === "1" && text[2].endsWith(":stalled")) return null;
    // chained at the sealer's own pace; test/contract/redis/sealer.test.ts kills it at each of its calls
    if (text[2].endsWith(":audit-sealer")) return null;
    // whether a request is woken (BullMQ's `promote`) that is over meanwhile depends on who is faster
    if (context.startsWith("closed") && text[2].endsWith(":delayed")) return null;
    const next = commitOf(text);
    if (next !== null) return { call: `commit to ${next}`, next };
    return REQUEST.test(text.join(" ")) ? { call: `script ${sha.slice(0, 10)}` } : null;
  }
  if (!REQUEST.test(text.join(" "))) return null;
  const key = text[0].replace(REQUEST, "<id>").replace(/^\{[^}]*\}:/, "");
  return { call: `${command} ${key}` };
}

function commitOf(text) {
  const json = text.find((a) => a.startsWith('{"v":1,"id":"r'));
  if (json === undefined) return null;
  const { state, run, approval, end } = JSON.parse(json);
  const votes = approval === null ? 0 : approval.votes.length;
  if (state === "running")
    return `running ${run.phase}.${run.visit} ${run.stage}${run.lease === null ? "" : " leased"}`;
  return end === null ? `${state}${votes > 0 ? " voted" : ""}` : `${state} ${end.ending}`;
}

const redis = diagnostics.tracingChannel("ioredis:command");
redis.subscribe({
  start(message) {
    const named = nameOf(message.command.toLowerCase(), message.args ?? []);
    if (named === null) return;
    const point = pointOf(named.call);
    seen.set(message, { point, next: named.next });
    at(point, "before");
  },
  asyncEnd(message) {
    const known = seen.get(message);
    if (known === undefined || message.error !== undefined) return;
    at(known.point, "after");
    if (known.next !== undefined && known.next !== context) {
      context = known.next;
      counts = new Map();
    }
  },
});

// ---- HTTP: Flink's REST API and Slack's Web API alike
const HEX = /[0-9a-f]{32}/g;
// a jar's id begins with a random one and ends with its file's name
const JAR = /(?<=^\/jars\/)[^/]+/;
const http = new WeakMap();
diagnostics.subscribe("undici:request:create", ({ request }) => {
  const path = String(request.path).split("?")[0].replace(JAR, ":id").replace(HEX, ":id");
  // connecting is not part of a request
  if (!armed || /apps\.connections\.open|auth\.test/.test(path)) return;
  const point = pointOf(`${request.method} ${path}`);
  http.set(request, point);
  at(point, "before");
});
diagnostics.subscribe("undici:request:trailers", ({ request }) => {
  const point = http.get(request);
  if (point !== undefined) at(point, "after");
});
