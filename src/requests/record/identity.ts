import { sha256 } from "../../platform/canonical.ts";

/**
 * A request's id, derived from Slack's delivery id, so that a redelivery is the same request. BullMQ forbids numeric
 * ids and colons in ids.
 */
export const requestIdOf = (team: string, source: string): string =>
  `r${sha256(`${team} ${source}`).slice(0, 31)}`;

/**
 * An effect's id: 32 hex digits, as Flink requires of a triggerId. The same visit of a phase gives the same id, the
 * next visit a new one.
 */
export const effectIdOf = (requestId: string, phase: string, visit: number): string =>
  sha256(`${requestId} ${phase} ${visit}`).slice(0, 32);
