import { type Freeze, isTimeZone, parseMoment, parseWeekMoment, type Window } from "../policy/freeze.ts";
import { mayNot, type Verdict } from "../model/verdict.ts";
import { redact } from "../platform/redact.ts";
import type { PolicyFile } from "./policy-schema.ts";

type Written = PolicyFile["freezes"][number];
type Parsed = Verdict<readonly string[]> & { window?: Window };

/** The freezes, and the problems of their times, as `path: problem`. */
export function freezesOf(written: readonly Written[]): {
  freezes: readonly Freeze[];
  problems: readonly string[];
} {
  const parsed = written.map((freeze, i) => ({
    freeze,
    at: `freezes.${i} (${freeze.name})`,
    ...windowOf(freeze),
  }));
  return {
    freezes: parsed.flatMap(({ freeze: { name, clusters, except, why }, window }) =>
      window === undefined
        ? []
        : [
            {
              name: redact(name),
              clusters: clusters ?? null,
              except,
              why: why === undefined ? null : redact(why),
              window,
            },
          ],
    ),
    problems: parsed.flatMap((one) => (one.is === "may" ? [] : one.why.map((why) => `${one.at}${why}`))),
  };
}

function windowOf({ from, until, weekly, zone }: Written): Parsed {
  if (zone !== undefined && !isTimeZone(zone))
    return mayNot([`.zone: ${zone} is not a time zone; write one like Europe/Berlin, or UTC`]);
  if (weekly !== undefined)
    return from === undefined && until === undefined
      ? weeklyOf(weekly, zone)
      : mayNot([": has weekly and from or until; write either weekly, or from and until"]);
  if (from === undefined || until === undefined)
    return mayNot([": needs from and until, or weekly: { from, until }"]);
  const [start, end] = [from, until].map((text) => parseMoment(text, zone ?? null));
  const problems = [
    ...(start == null ? [`.from: ${MOMENT(zone)}`] : []),
    ...(end == null ? [`.until: ${MOMENT(zone)}`] : []),
  ];
  if (start == null || end == null) return mayNot(problems);
  if (start >= end) return mayNot([".until: must be after from"]);
  return { is: "may", window: { is: "once", from: start, until: end } };
}

const MOMENT = (zone: string | undefined): string =>
  zone === undefined
    ? "must be a date and time that exists, with its offset (2026-12-20T00:00Z); or add zone"
    : `must be a date and time that exists in ${zone}, like 2026-12-20T00:00`;

function weeklyOf(weekly: { from: string; until: string }, zone: string | undefined): Parsed {
  const [from, until] = [parseWeekMoment(weekly.from), parseWeekMoment(weekly.until)];
  const moment = "must be a day and a time, like fri 16:00";
  const problems = [
    ...(from === null ? [`.weekly.from: ${moment}`] : []),
    ...(until === null ? [`.weekly.until: ${moment}`] : []),
    ...(zone === undefined ? [".zone: is missing; write one like Europe/Berlin"] : []),
  ];
  if (from === null || until === null || zone === undefined) return mayNot(problems);
  if (from.day === until.day && from.minute === until.minute)
    return mayNot([".weekly.until: is the same as from; a freeze of a whole week is two of them, or a rule"]);
  return { is: "may", window: { is: "weekly", from, until, zone } };
}
