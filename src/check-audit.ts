import type { CheckLine } from "./check-line.ts";
import type { Config } from "./config/config.ts";

/** What the check reads of the audit log. */
export interface AuditFacts {
  /** Number of the newest chained entry; null: none yet. */
  head: number | null;
  /** How many entries wait to be chained. */
  waiting: number;
  /** The newest entry that each sink has; a sink that never had one is missing. */
  sinks: ReadonlyMap<string, number>;
  /** Why the required sinks do not have everything, in words; null: they have, or none is required. */
  problem: string | null;
}

/** How many entries may be under way without a warning. */
const UNDER_WAY = 200;

/** Whether the audit log is chained, signed, and in its sinks. */
export function auditLines({ audit }: Config, facts: AuditFacts): readonly CheckLine[] {
  const { head, waiting } = facts;
  const lines: CheckLine[] = [
    waiting > UNDER_WAY
      ? {
          level: "warn",
          what: `audit log: ${waiting} entries are not chained`,
          todo: "a worker chains them; its log says why not",
        }
      : { level: "ok", what: `audit log: ${head ?? 0} entries`, todo: null },
  ];
  if (audit.signingKey === null && audit.sinks.length > 0)
    lines.push({
      level: "warn",
      what: "audit log: not signed, so whoever holds a copy could chain it anew",
      todo: "set audit.signingKey, from `flinkops audit new-key`",
    });
  for (const { name, required } of audit.sinks) {
    const behind = (head ?? 0) - (facts.sinks.get(name) ?? 0);
    const why =
      facts.problem?.startsWith(`${name}: `) === true ? ` (${facts.problem.slice(name.length + 2)})` : "";
    if (behind <= UNDER_WAY && why === "")
      lines.push({ level: "ok", what: `audit sink ${name}: has all entries`, todo: null });
    else
      lines.push({
        level: required ? "FAIL" : "warn",
        what: `audit sink ${name}: ${behind} entries behind${why}`,
        todo: required
          ? "destructive operations wait for this sink; check it and the log of the workers"
          : "check it and the log of the workers",
      });
  }
  return lines;
}
