/** The rows of bench/RESULTS.md by what was measured: the figure, and how many times what it is beside. */
export function figuresIn(results: string): ReadonlyMap<string, { figure: string; times: string }> {
  const rows = results.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  return new Map(
    rows.flatMap(([, what = "", figure = "", times = ""]) =>
      /\d/u.test(figure) ? [[what, { figure, times }] as const] : [],
    ),
  );
}

/** What README says of speed, from the last whole run of the benchmarks. What was not measured is not said. */
export function figuresSentence(results: string): string {
  const found = figuresIn(results);
  const times = (what: string): string => found.get(what)?.times.replace(/x$/u, "") ?? "";
  const ack = times("ack of flinkops over HTTP, 1 in flight");
  const outcome = times("the same, from Enter in Slack to the card's outcome");
  const real = Number(times("the same, from Enter in Slack to the outcome on the card"));
  const click = found.get("cancel in a quiet channel: from the click to Flink, ms")?.figure ?? "";
  const parts = [
    ack === "" ? "" : `an acknowledgement takes ${ack} times as long as in bare Bolt and BullMQ`,
    outcome === "" ? "" : `a short savepoint ${outcome} times as long as by bare REST`,
    real > 0
      ? `one on a real Flink is over ${Math.round(1 / real)} times as fast as by \`flink savepoint\``
      : "",
    click === "" ? "" : `an approved cancel reaches Flink ${Math.round(Number(click))} ms after the click`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "Not measured." : `On two cores, ${parts.join(", ")}.`;
}

/** Puts the sentence into README. The rest of the file is unchanged. */
export const withFigures = (readme: string, results: string): string =>
  readme.replace(
    /(<!-- figures -->)[\s\S]*?(<!-- end of figures -->)/u,
    (_all, start: string, end: string) => `${start}${figuresSentence(results)}${end}`,
  );
