import { INSTRUMENTS } from "../model/measures.ts";

/** How Prometheus calls a unit at the end of a name. https://prometheus.io/docs/practices/naming/ */
export const UNIT_NAMES: Readonly<Record<string, string>> = { s: "seconds", By: "bytes" };

/** The name that Prometheus shows: underscores, the unit, and `_total` for a counter. */
export const prometheusName = (name: string, { kind, unit }: { kind: string; unit: string }): string =>
  [name.replaceAll(".", "_"), UNIT_NAMES[unit], kind === "counter" ? "total" : undefined]
    .filter((part) => part !== undefined)
    .join("_");

/** The table of docs/metrics.md. */
export const metricsTable = (): string =>
  [
    "| in Prometheus | kind | attributes | what |",
    "|---|---|---|---|",
    ...Object.entries(INSTRUMENTS).map(([name, one]) => {
      const attributes = one.attributes.map((a) => `\`${a}\``).join(", ");
      return `| \`${prometheusName(name, one)}\` | ${one.kind} | ${attributes === "" ? "-" : attributes} | ${one.description} |`;
    }),
  ].join("\n");

/** Puts the table into docs/metrics.md. The rest of the file is unchanged. */
export const withMetrics = (page: string): string =>
  page.replace(
    /(<!-- metrics, by npm run generate -->)[\s\S]*?(<!-- end -->)/u,
    (_all, start: string, end: string) => [start, "", metricsTable(), "", end].join("\n"),
  );
