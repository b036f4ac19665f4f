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
  const first = (what: string): string | undefined =>
    /^[\d.]+(?: ms)?/u.exec(found.get(what)?.figure ?? "")?.[0];
  const ack = first("ack of /flink savepoint");
  const outcome = found.get("the same, from Enter in Slack to the card's outcome")?.times.replace(/x$/u, "");
  const click = first("cancel in a quiet channel: from the click to Flink, ms");
  const parts = [
    ack === undefined ? "" : `an acknowledgement takes ${ack}`,
    outcome === undefined || outcome === "" ? "" : `a short savepoint ${outcome} times what bare REST takes`,
    click === undefined ? "" : `an approved cancel reaches Flink ${click} ms after the click`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "Not measured." : `On two cores, ${parts.join(", ")}.`;
}

/** Puts the sentence into README. The rest of the file is unchanged. */
export const withFigures = (readme: string, results: string): string =>
  readme.replace(
    /(<!-- figures -->)[\s\S]*?(<!-- end of figures -->)/u,
    (_all, start: string, end: string) => `${start}${figuresSentence(results)}${end}`,
  );
