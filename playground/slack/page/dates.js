const two = (number) => String(number).padStart(2, "0");
const ENDINGS = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const ordinal = (day) => `${day}${ENDINGS[ordinals.select(day)]}`;
const DAY_MS = 24 * 3_600_000;

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Days between two moments as the calendar on the wall counts them; days with a change of clocks count as one, too. */
const daysFrom = (now, when) => Math.round((midnight(when) - midnight(now)) / DAY_MS);

const NEAR = new Map([
  [-1, "yesterday"],
  [0, "today"],
  [1, "tomorrow"],
]);

const UNITS = [
  ["year", 365 * 24 * 3600],
  ["month", 30 * 24 * 3600],
  ["day", 24 * 3600],
  ["hour", 3600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en");

const ago = (seconds) => {
  const [unit, length] = UNITS.find((one) => Math.abs(seconds) >= one[1]) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / length), unit);
};

// the tokens of https://docs.slack.dev/reference/block-kit/block-elements/date-element
const TOKENS = {
  date_num: (when) => `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`,
  date_slash: (when) => `${two(when.getDate())}/${two(when.getMonth() + 1)}/${when.getFullYear()}`,
  date_long: (when, as) =>
    `${as({ weekday: "long" })}, ${as({ month: "long" })} ${ordinal(when.getDate())}, ${when.getFullYear()}`,
  date_long_full: (_, as) => as({ dateStyle: "long" }),
  date: (_, as) => as({ month: "long", day: "numeric" }),
  date_short: (_, as) => as({ dateStyle: "medium" }),
  day_divider: (when, as, now) =>
    TOKENS.date_long(when, as).replace(when.getFullYear() === now.getFullYear() ? /, \d+$/ : "", ""),
  time: (when) => `${two(when.getHours())}:${two(when.getMinutes())}`,
  time_secs: (when) => `${TOKENS.time(when)}:${two(when.getSeconds())}`,
  ago: (when, _, now) => ago((when - now) / 1000),
};

export const slackDate = (seconds, format, now) => {
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return null;
  const from = new Date(now * 1000);
  const as = (options) => when.toLocaleDateString("en-US", options);
  return format.replaceAll(/\{([a-z_]+?)(_pretty)?\}/g, (whole, name, pretty, at) => {
    const near = pretty === undefined ? undefined : NEAR.get(daysFrom(from, when));
    if (near !== undefined) return at === 0 ? `${near[0].toUpperCase()}${near.slice(1)}` : near;
    return TOKENS[name]?.(when, as, from) ?? whole;
  });
};
