import { Temporal } from "temporal-polyfill";
import { fitsGlob } from "../model/catalog.ts";
import { mayNot, type Verdict } from "../model/verdict.ts";

/** A moment of the week in a freeze's time zone: `fri 16:00`. */
export interface WeekMoment {
  /** 1 is Monday. */
  day: number;
  /** Minutes since midnight. */
  minute: number;
}

/** A time in which nothing may be changed. */
export interface Freeze {
  name: string;
  /** Patterns of cluster names; null: all. */
  clusters: readonly string[] | null;
  /** Operations that it does not stop. */
  except: readonly string[];
  /** Why, in words for the person who is refused; null: not said. */
  why: string | null;
  window: Window;
}

/** `once`: from and until, ms. `weekly`: from a moment of each week up to the next `until`. */
export type Window =
  | { is: "once"; from: number; until: number }
  | { is: "weekly"; from: WeekMoment; until: WeekMoment; zone: string };

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** `fri 16:00`. */
export function parseWeekMoment(text: string): WeekMoment | null {
  const found = /^(mon|tue|wed|thu|fri|sat|sun)\s+([01]\d|2[0-3]):([0-5]\d)$/u.exec(
    text.trim().toLowerCase(),
  );
  if (found === null) return null;
  return { day: DAYS.indexOf(found[1] ?? "") + 1, minute: Number(found[2]) * 60 + Number(found[3]) };
}

/** Whether this runtime knows the IANA time zone. */
export function isTimeZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * A date and time as ms: with its own offset (`2026-12-24T18:00Z`), or else in `zone`. Null: it is neither, or the time
 * does not exist in the zone.
 */
export function parseMoment(text: string, zone: string | null): number | null {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    if (zone === null) return null;
  }
  try {
    const at = Temporal.PlainDateTime.from(text).toZonedDateTime(zone, { disambiguation: "reject" });
    return at.epochMilliseconds;
  } catch {
    return null;
  }
}

/** What a freeze is asked about. */
export interface FrozenAt {
  operation: string;
  cluster: string;
  /** ms by Redis's clock. */
  now: number;
}

/** Whether the change may go on: `may not` with the freeze that lasts longest, and until when, ms. */
export function frozen(
  freezes: readonly Freeze[],
  { operation, cluster, now }: FrozenAt,
): Verdict<{ freeze: Freeze; until: number }> {
  const [longest] = freezes
    .filter((f) => f.clusters === null || f.clusters.some((glob) => fitsGlob(cluster, glob)))
    .filter((f) => !f.except.includes(operation))
    .flatMap((freeze) => {
      const until = endOf(freeze.window, now);
      return until === null ? [] : [{ freeze, until }];
    })
    .sort((a, b) => b.until - a.until);
  return longest === undefined ? { is: "may" } : mayNot(longest);
}

/** When the window that contains `now` ends, ms; null: none contains it. */
function endOf(window: Window, now: number): number | null {
  if (window.is === "once") return now >= window.from && now < window.until ? window.until : null;
  const { from, until, zone } = window;
  const here = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
  const back = (here.dayOfWeek - from.day + 7) % 7;
  // the last start is today's, if its time has come, or one of the seven days before
  const starts = [back, back + 7].map((days) => here.toPlainDate().subtract({ days }));
  const start = starts.find((date) => at(date, from.minute, zone) <= now);
  if (start === undefined) return null;
  const length = (until.day - from.day + 7) % 7;
  const days = length === 0 && until.minute <= from.minute ? 7 : length;
  const end = at(start.add({ days }), until.minute, zone);
  return now < end ? end : null;
}

/** A time that a change of the clocks skips counts as the first one after it. */
const at = (date: Temporal.PlainDate, minute: number, zone: string): number =>
  date.toZonedDateTime({
    timeZone: zone,
    plainTime: new Temporal.PlainTime(Math.floor(minute / 60), minute % 60),
  }).epochMilliseconds;
