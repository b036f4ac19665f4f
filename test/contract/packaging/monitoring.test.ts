import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { until } from "../../../playground/processes.ts";
import { ANA, BEN } from "../../../playground/slack/workspace-seed.ts";
import { INSTRUMENTS } from "../../../src/model/measures.ts";
import { prometheusName } from "../../../src/telemetry/page.ts";
import { addKnownJob } from "../../harness/known-job.ts";
import { type Prometheus, startPrometheus } from "../../harness/prometheus.ts";
import { suiteWith } from "../../harness/needs.ts";
import { startWorld, type World } from "../../harness/world.ts";

const run = promisify(execFile);
const FOLDER = "deploy/monitoring";
const suite = await suiteWith(["redis", "prometheus"]);

interface Panel {
  title: string;
  targets: readonly { expr: string }[];
}
const { panels } = JSON.parse(readFileSync(`${FOLDER}/grafana.json`, "utf8")) as { panels: readonly Panel[] };
const { groups } = parse(readFileSync(`${FOLDER}/rules.yml`, "utf8")) as {
  groups: readonly { rules: readonly { alert: string; expr: string }[] }[];
};
const rules = groups.flatMap((group) => group.rules);
/** As Grafana fills it in: four times the pause between two scrapes. */
const filled = (expr: string): string => expr.replaceAll("$__rate_interval", "5s");

it("dashboard and alerts ask only for what is measured", () => {
  const known = new Set(Object.entries(INSTRUMENTS).map(([name, one]) => prometheusName(name, one)));
  const asked = [...panels.flatMap((p) => p.targets), ...rules].flatMap(({ expr }) =>
    [...expr.matchAll(/\b(?:flinkops|nodejs|process)_[a-z0-9_]+/gu)].map(([name]) =>
      name.replace(/_(?:bucket|count|sum)$/u, ""),
    ),
  );
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
});

suite("monitoring, with Prometheus itself", () => {
  let world: World;
  let prometheus: Prometheus;

  beforeAll(async () => {
    world = await startWorld({ config: { http: { metrics: true } } });
    prometheus = await startPrometheus([world.products[0]?.healthUrl ?? ""], {
      rules: join(process.cwd(), FOLDER, "rules.yml"),
    });
    await addKnownJob(world, "watched");
    await (await world.people.change(ANA, "savepoint watched")).outcome();
    const stop = await world.people.change(ANA, "stop watched");
    await world.people.approve(BEN, await stop.headed("Waiting for approval"));
    await stop.outcome();
  });
  afterAll(async () => {
    await prometheus.stop();
    await world.stop();
  });

  it("promtool finds nothing wrong with a scrape", async () => {
    const text = await (await fetch(`${world.products[0]?.healthUrl}/metrics`)).text();
    const linted = run("promtool", ["check", "metrics"]);
    linted.child.stdin?.end(text);
    const { stdout, stderr } = await linted;
    expect(`${stdout}${stderr}`).toBe("");
  });

  it("promtool accepts the alerts, and their tests pass", async () => {
    expect((await run("promtool", ["check", "rules", `${FOLDER}/rules.yml`])).stdout).toContain("SUCCESS");
    expect((await run("promtool", ["test", "rules", `${FOLDER}/rules.test.yml`])).stdout).toContain(
      "SUCCESS",
    );
  });

  it("every alert has a test", () => {
    const tested = readFileSync(`${FOLDER}/rules.test.yml`, "utf8");
    expect(
      rules.map((rule) => rule.alert).filter((name) => !tested.includes(`alertname: ${name}\n`)),
    ).toEqual([]);
  });

  it.each(panels.map((panel) => [panel.title, panel] as const))(
    "panel %s has data",
    async (_, { targets }) => {
      for (const { expr } of targets)
        await until(`data for ${expr}`, async () =>
          (await prometheus.ask(filled(expr))).length > 0 ? true : null,
        );
    },
  );

  it("fires no alert while all is well", async () => {
    const answer = await fetch(`${prometheus.url}/api/v1/alerts`);
    const { data } = (await answer.json()) as {
      data: { alerts: readonly { state: string; labels: { alertname: string } }[] };
    };
    expect(data.alerts.filter((a) => a.state === "firing").map((a) => a.labels.alertname)).toEqual([]);
  });
});
