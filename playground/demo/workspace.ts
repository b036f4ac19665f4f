import { join } from "node:path";
import { SlackDriver } from "../slack/driver.ts";
import { type SlackStandIn, startSlack } from "../slack/server.ts";
import {
  ANA,
  BEN,
  BOT,
  CEM,
  type Channel,
  channel,
  DORA,
  defaultSeed,
  INCIDENT,
  type Seed,
  user,
} from "../slack/workspace-seed.ts";
import { DemoProblem } from "./redis.ts";

/** The people of finance, who approve changes of the cluster billing together with the others. */
export const NIA = "U0NIA00001";
export const OMAR = "U0OMAR0001";
/** The user group of Nia and Omar. */
export const FINANCE = "S0FINANCE1";
/** Where people ask for changes of the cluster billing, and where they are approved. */
export const BILLING = "C0BILLING1";
export const BILLING_APPROVALS = "C0BILLAPPR";

const ROOT = join(import.meta.dirname, "../..");
const DEFAULT_PORT = 4330;

/** The demo's additions to the workspace Acme. */
export function demoSeed(): Seed {
  const seed = defaultSeed();
  const members = [ANA, BEN, CEM, DORA, NIA, OMAR, BOT];
  const users = [
    user(NIA, "nia", "Nia Novak", { title: "approves for finance" }),
    user(OMAR, "omar", "Omar Osman", { title: "approves for finance" }),
  ];
  const channels: readonly Channel[] = [
    {
      ...channel(BILLING, "billing", "Clusters billing and reports (simulated)", members),
      suggestions: [
        "/flink stop ledger --dry-run",
        '/flink stop ledger --reason "new release"',
        "/flink scale reports/statements 2",
        '/flink lock billing/invoices "audit" --for 30m',
        '/flink cancel invoices --break-glass "sent twice"',
        "/flink history",
      ],
    },
    {
      ...channel(BILLING_APPROVALS, "billing-approvals", "Requests for cluster billing", members),
      suggestions: ["/flink requests", "/flink requests --unreviewed", "/flink whoami"],
    },
  ];
  return {
    ...seed,
    users: after(seed.users, { id: DORA, come: users }),
    groups: [...seed.groups, { id: FINANCE, handle: "finance", name: "Finance", users: [NIA, OMAR] }],
    channels: after(seed.channels, { id: INCIDENT, come: channels }),
  };
}

/** The page lists people and channels in this order; guests and channels that show refusals come last. */
const after = <T extends { id: string }>(
  all: readonly T[],
  { id, come }: { id: string; come: readonly T[] },
): T[] => all.toSpliced(all.findIndex((one) => one.id === id) + 1, 0, ...come);

/** The workspace on `wanted`, or else on the demo's own port, or any. Throws DemoProblem. */
export async function openWorkspace(
  wanted: number | undefined,
  suggestions: readonly string[],
): Promise<SlackStandIn> {
  const slack = await open(wanted ?? DEFAULT_PORT, suggestions).catch(async (error: unknown) => {
    if (!isTaken(error)) throw error;
    if (wanted !== undefined) throw new DemoProblem(`port ${wanted} is taken; set PORT to another one`);
    return await open(0, suggestions);
  });
  // a first message, so that there is a thread to mention the bot in
  await new SlackDriver(slack.url).type(
    DORA,
    INCIDENT,
    "Orders have been late for a few minutes. Does anybody know why?",
  );
  return slack;
}

const open = async (port: number, suggestions: readonly string[]): Promise<SlackStandIn> =>
  await startSlack({
    port,
    manifestPath: join(ROOT, "manifest.yml"),
    optionalScopes: "granted",
    seed: demoSeed(),
    suggestions,
  });

const isTaken = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES");
