import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { INSTRUMENTS, type Reading } from "../../src/model/measures.ts";
import { type Metrics, startMetrics } from "../../src/telemetry/metrics.ts";
import { metricsTable, prometheusName } from "../../src/telemetry/page.ts";

const open: Metrics[] = [];

afterEach(async () => {
  for (const metrics of open.splice(0)) await metrics.close();
});

/** A process that measures, and its page. */
function measured(readings: () => Promise<readonly Reading[]> = async () => await Promise.resolve([])) {
  const metrics = startMetrics("1.2.3");
  open.push(metrics);
  return { measures: metrics.measures, scraped: async () => await metrics.scraped(await readings()) };
}

describe("a scrape", () => {
  it("has durations in seconds, with their attributes, in buckets from milliseconds to an hour", async () => {
    const { measures, scraped } = measured();
    measures.took("flinkops.ack.duration", 30, { kind: "command" });
    measures.took("flinkops.ack.duration", 2000, { kind: "command" });
    const text = await scraped();
    expect(text).toMatch(/^flinkops_ack_duration_seconds_count\{kind="command"[^}]*\} 2$/mu);
    expect(text).toMatch(/^flinkops_ack_duration_seconds_sum\{kind="command"[^}]*\} 2\.03$/mu);
    expect(text).toMatch(/^flinkops_ack_duration_seconds_bucket\{[^}]*le="0\.1"\} 1$/mu);
    expect(text).toMatch(/^flinkops_ack_duration_seconds_bucket\{[^}]*le="3600"\} 2$/mu);
  });

  it("counts", async () => {
    const { measures, scraped } = measured();
    measures.count("flinkops.forged");
    measures.count("flinkops.forged");
    expect(await scraped()).toMatch(/^flinkops_forged_total(?:\{[^}]*\})? 2$/mu);
  });

  it("reads gauges when it comes, each time anew", async () => {
    let workers = 1;
    const { scraped } = measured(
      async () =>
        await Promise.resolve([{ name: "flinkops.workers", value: workers, attributes: { zone: "east" } }]),
    );
    expect(await scraped()).toMatch(/^flinkops_workers\{zone="east"[^}]*\} 1$/mu);
    workers = 0;
    expect(await scraped()).toMatch(/^flinkops_workers\{zone="east"[^}]*\} 0$/mu);
  });

  it("leaves out what could not be read, instead of what it was before", async () => {
    const readings: Reading[] = [{ name: "flinkops.request.open", value: 3 }];
    const { scraped } = measured(async () => await Promise.resolve(readings.splice(0)));
    expect(await scraped()).toMatch(/^flinkops_request_open 3$/mu);
    expect(await scraped()).not.toMatch(/^flinkops_request_open/mu);
  });

  it("calls each instrument as docs/metrics.md does", async () => {
    const names = Object.entries(INSTRUMENTS);
    const readings = names.flatMap(([name, { kind }]): Reading[] =>
      kind === "gauge" ? [{ name: name as Reading["name"], value: 1 }] : [],
    );
    const { measures, scraped } = measured(async () => await Promise.resolve(readings));
    for (const [name, { kind }] of names) {
      if (kind === "histogram") measures.took(name as "flinkops.ack.duration", 1);
      if (kind === "counter") measures.count(name as "flinkops.forged");
    }
    const text = await scraped();
    const typed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gmu)].map(([, name, kind]) => `${name} ${kind}`);
    expect(typed.filter((line) => !line.startsWith("target_info")).toSorted()).toEqual(
      names.map(([name, one]) => `${prometheusName(name, one)} ${one.kind}`).toSorted(),
    );
  });
});

/** The instrument of a series. */
const base = (name: string): string => name.replace(/_(?:bucket|count|sum)$/u, "");

describe("docs/metrics.md", () => {
  const page = readFileSync("docs/metrics.md", "utf8");

  it("lists every instrument (npm run generate)", () => {
    expect(page).toContain(metricsTable());
  });

  it("asks for nothing that is not there", () => {
    const asked = [...page.matchAll(/\b(?:flinkops|nodejs|process)_[a-z0-9_]+/gu)].map(([name]) => name);
    const known = Object.entries(INSTRUMENTS).map(([name, one]) => prometheusName(name, one));
    expect([...new Set(asked.map(base))].filter((name) => !known.includes(name))).toEqual([]);
  });
});

it("no attribute names a person, a job or a channel", () => {
  const attributes = new Set(Object.values(INSTRUMENTS).flatMap((one) => one.attributes));
  expect([...attributes].toSorted()).toEqual(
    [
      "cluster",
      "ending",
      "kind",
      "lane",
      "method",
      "operation",
      "outcome",
      "result",
      "state",
      "zone",
    ].toSorted(),
  );
});
