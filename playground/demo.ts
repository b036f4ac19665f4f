import { DemoProblem } from "./demo/redis.ts";
import { createScreen } from "./demo/screen.ts";
import { watchParents } from "./demo/parents.ts";
import { DEMO_CLUSTERS } from "./demo/flink.ts";
import { type Demo, startDemo } from "./demo/start.ts";

/**
 * `npm run demo`: everything in the foreground until Ctrl-C. PORT: of the page. DEMO_REDIS_URL: a Redis to use instead of
 * a private one. What the jobs run on: `--simulated` (no JVM), `--application` or `--hdfs` instead of a session cluster.
 */
const USAGE =
  "usage: npm run demo [-- --simulated | --application | --hdfs]     PORT, DEMO_REDIS_URL: see CONTRIBUTING.md";
/** One Ctrl-C may arrive twice, from the terminal and through npm. */
const SAME_SIGNAL_MS = 500;

const screen = createScreen(
  (text) => void process.stdout.write(text),
  () => performance.now(),
);
const stops: (() => Promise<void>)[] = [];
let stopping: number | null = null;

async function end(code: number): Promise<never> {
  stopping = performance.now();
  screen.hush();
  // the bot first, so that it can say goodbye to all others
  for (const stop of stops.splice(0).reverse())
    await stop().catch((error: unknown) => screen.problem("stopping", error));
  screen.progress("stopped");
  process.exit(code);
}

function onSignal(code: number): void {
  if (stopping === null) {
    screen.print("");
    screen.progress("stopping");
    void end(code);
    // who asks twice means it; what we started ends with us in any case
  } else if (performance.now() - stopping > SAME_SIGNAL_MS) process.exit(code);
}

/** What the clusters billing and reports and the policy show, the same in each demo. */
const CHANGE_CONTROL = `

  Change control, in the channel "billing" (its clusters are simulated; click "Ana" first):
  - "/flink stop ledger --dry-run" shows the calls, the rule and the approvers, and does nothing.
  - "/flink stop ledger --reason ..." needs two people. Click "Ben", open "billing-approvals", and click "Approve stop";
    then the same as "Nia". Both cards show who approved.
  - "/flink scale reports/statements 2" is refused: changes are frozen, and the answer says until when.
  - "/flink lock billing/invoices ..." keeps other people's changes away. As "Ben", type: /flink scale invoices 2
  - "/flink cancel invoices --break-glass ..." starts at once, during a lock or a freeze too. It is announced in
    "billing-approvals" first; as "Nia", click "Review" there. Until then Ana cannot do it again.
  - "/flink history" lists the requests, who approved them and how they ended.`;
const STEPS = `
  1. Click "/flink status orders", then "Stop" on the answer. You are Ana, so a card asks for someone else's approval.
  2. Click "Ben" on the left, then "Approve stop" on the card. It says where the savepoint is; its replies are a thread.
  3. Click "Resume" on the card: the job starts again from that savepoint.
  4. Click "incident-42", "Reply in thread" on Dora's question, and type: @flink status payments
  Worth typing: /flink scale orders 2    /flink savepoint --all    /flink restart payments --jar newest (rolls back)

  Upgrades: the versions 2.0, 3.0 and 4.0 of orders are uploaded too. As "Ana", type:
  - "/flink restart orders --jar orders-3.0.jar" is refused, and orders continues: 3.0 has another uid for its state.
  - "/flink restart orders --jar newest" is 2.0. It takes all of the state; the card names its new vertex.
  - "/flink restart orders --jar orders-4.0.jar" takes it too, as far as a plan tells. The tasks cannot read it, because its
    type is another: after 45 s the version before runs again, from the savepoint.${CHANGE_CONTROL}`;
const STEPS_OF_AN_APPLICATION = `
  1. Click "/flink stop orders". The card says that the cluster ends with its last job.
  2. Click "Ben" on the left, then "Approve stop" on the card. It says how to deploy the application again.
  3. Click "Ana", and type: /flink resume orders    /flink savepoints orders    /flink clusters
  A minute after its end the demo deploys it again from its newest state, as a person would.${CHANGE_CONTROL}`;

function welcome({ page, flink, log, policy }: Demo, steps: string): string {
  return `
  Open ${page}${steps}

  ${(flink.real ? "Flink's own page" : "Flink, simulated").padEnd(18)}${flink.url}
  Log of the bot    ${log}
  Policy            ${policy} (edit it: flinkops follows within two seconds)
  Ctrl-C stops all of it.
`;
}

async function main(args: readonly string[]): Promise<void> {
  const port = process.env["PORT"];
  const bad = args.find((arg, i) => i > 0 || !DEMO_CLUSTERS.some((one) => arg === `--${one}`));
  const cluster = DEMO_CLUSTERS.find((one) => args[0] === `--${one}`) ?? "session";
  if (bad !== undefined || (port !== undefined && !/^\d{1,5}$/u.test(port))) {
    screen.print(bad === undefined ? `PORT=${port}: not a port\n${USAGE}` : `${bad}: not known\n${USAGE}`);
    process.exit(2);
  }
  process.on("SIGINT", () => onSignal(130));
  process.on("SIGTERM", () => onSignal(143));
  process.on("SIGHUP", () => onSignal(129));
  // a terminal that is gone is a reason to stop, not to fall over
  process.stdout.on("error", () => undefined);
  await watchParents(() => onSignal(1));
  const demo = await startDemo(
    {
      port: port === undefined ? undefined : Number(port),
      redisUrl: process.env["DEMO_REDIS_URL"],
      cluster,
      onStop: (stop) => stops.push(stop),
      onEnd(words) {
        if (stopping !== null) return;
        screen.progress(words);
        void end(1);
      },
    },
    screen,
  );
  screen.print(welcome(demo, cluster === "application" ? STEPS_OF_AN_APPLICATION : STEPS));
}

await main(process.argv.slice(2)).catch(async (error: unknown) => {
  if (stopping !== null) return;
  screen.problem(error instanceof DemoProblem ? "cannot start" : "could not start", error);
  await end(1);
});
