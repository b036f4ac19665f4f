import { sha256 } from "./audit.ts";

/** The same delivery of Slack is the same request, however often it arrives. Never numeric, no colon: BullMQ's rules for ids. */
export const requestIdOf = (team: string, source: string): string =>
  `r${sha256(`${team} ${source}`).slice(0, 31)}`;

/** 32 hex digits, as Flink demands of a triggerId; the same for the same visit of the same phase, a new one for the next. */
export const effectIdOf = (requestId: string, phase: string, visit: number): string =>
  sha256(`${requestId} ${phase} ${visit}`).slice(0, 32);
