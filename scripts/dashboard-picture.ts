import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { tell } from "../playground/cache.ts";
import { startBrowser } from "../test/e2e/browser.ts";
import { type Prometheus, startPrometheus } from "../test/harness/prometheus.ts";
import { startWorld } from "../test/harness/world.ts";
import { createRandom } from "../test/simulate/random.ts";
import { Fleet } from "../test/soak/fleet.ts";
import { EXPIRES, Load } from "../test/soak/load.ts";

/**
 * `npm run dashboard`: docs/images/dashboard.webp, the panels of deploy/monitoring/grafana.json with what a real Prometheus
 * has scraped of bots and workers while people work and Redis dies once. Grafana itself is not needed: its panels are drawn
 * with uPlot, as it draws them. Needs chromium, prometheus and webp.
 */
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const MINUTES = 5;
const SCRAPE_S = 5;
const uPlot = createRequire(import.meta.url).resolve("uplot/dist/uPlot.iife.min.js");

interface Panel {
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit: string } };
  targets: readonly { expr: string; legendFormat: string }[];
}
/** What the page draws of a panel: the times, and each series by its name. */
interface Drawn {
  title: string;
  place: Panel["gridPos"];
  unit: string;
  times: readonly number[];
  series: readonly { name: string; values: readonly (number | null)[] }[];
}

const { panels } = JSON.parse(readFileSync(at("deploy/monitoring/grafana.json"), "utf8")) as {
  panels: readonly Panel[];
};

async function drawn(prometheus: Prometheus, panel: Panel, from: number, to: number): Promise<Drawn> {
  const times = Array.from({ length: Math.floor((to - from) / SCRAPE_S) + 1 }, (_, i) => from + i * SCRAPE_S);
  const all = panel.targets.map(async ({ expr, legendFormat }) => {
    const query = expr.replaceAll("$__rate_interval", `${SCRAPE_S * 4}s`);
    const found = await prometheus.range(query, { from, to, step: SCRAPE_S });
    return found.map(({ metric, values }) => {
      const at = new Map(values.map(([time, value]) => [Math.round(time), Number(value)]));
      const name = legendFormat.replaceAll(/\{\{(\w+)\}\}/gu, (_all, key: string) => metric[key] ?? "");
      const of = (time: number): number | null => {
        const value = at.get(Math.round(time));
        return value === undefined || Number.isNaN(value) ? null : value;
      };
      return { name, values: times.map(of) };
    });
  });
  const { gridPos: place, fieldConfig } = panel;
  return {
    title: panel.title,
    place,
    unit: fieldConfig.defaults.unit,
    times,
    series: (await Promise.all(all)).flat(),
  };
}

const page = (all: readonly Drawn[]): string => `<!doctype html><meta charset="utf-8"><style>
${readFileSync(join(uPlot, "../uPlot.min.css"), "utf8")}
body { margin: 8px; background: #111217; color: #ccccdc; font: 12px Inter, "DejaVu Sans", sans-serif }
main { display: grid; grid-template-columns: repeat(24, 1fr); gap: 8px }
section { background: #181b1f; border: 1px solid #25282e; padding: 8px; overflow: hidden }
h2 { margin: 0 0 4px; font-size: 13px; font-weight: 500 }
ul { display: flex; flex-wrap: wrap; gap: 0 12px; margin: 4px 0 0; padding: 0; list-style: none; font-size: 11px }
li::before { content: ""; display: inline-block; width: 12px; height: 3px; margin-right: 4px; vertical-align: middle; background: var(--c) }
</style><main></main><script>${readFileSync(uPlot, "utf8")}</script><script>
const colours = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a"];
const words = { s: (v) => v >= 1 ? v.toFixed(v < 10 ? 1 : 0) + " s" : Math.round(v * 1000) + " ms", bytes: (v) => Math.round(v / 1e6) + " MB",
  reqps: (v) => +v.toFixed(1) + "/s", short: (v) => String(+v.toFixed(1)) };
for (const { title, place, unit, times, series } of ${JSON.stringify(all)}) {
  const box = document.createElement("section");
  box.style.gridColumn = (place.x + 1) + " / span " + place.w;
  box.style.gridRow = String(place.y / 8 + 1);
  box.append(Object.assign(document.createElement("h2"), { textContent: title }));
  document.querySelector("main").append(box);
  const grid = { stroke: "#25282e", width: 1 };
  const axis = { stroke: "#9a9da6", grid, ticks: grid, font: "11px sans-serif" };
  new uPlot({ width: box.clientWidth - 16, height: 150, legend: { show: false }, cursor: { show: false },
    scales: { y: { range: (u, min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [{ ...axis, values: (u, all) => all.map((t) => new Date(t * 1000).toISOString().slice(11, 16)), space: 80 },
      { ...axis, size: 55, values: (u, all) => all.map(words[unit]) }],
    series: [{}, ...series.map((one, i) => ({ stroke: colours[i % colours.length], width: 1.5, points: { show: false }, spanGaps: false }))],
  }, [times, ...series.map((one) => one.values)], box);
  const names = document.createElement("ul");
  series.forEach((one, i) => {
    const name = Object.assign(document.createElement("li"), { textContent: one.name });
    name.style.setProperty("--c", colours[i % colours.length]);
    names.append(name);
  });
  box.append(names);
}
</script>`;

const world = await startWorld({
  replicas: 0,
  demo: { slots: 1000, timings: { snapshotMs: 1500 } },
  timings: { approvalExpires: EXPIRES },
  config: { requests: { openPerPerson: 500 }, http: { metrics: true } },
});
const fleet = new Fleet(world);
const load = new Load(world, createRandom(7));
const over = new AbortController();
const closing: (() => Promise<unknown>)[] = [async () => await world.stop()];
try {
  await fleet.start();
  await fleet.whole();
  const prometheus = await startPrometheus(
    world.products.map((product) => product.healthUrl),
    { every: `${SCRAPE_S}s` },
  );
  closing.push(async () => await prometheus.stop());
  const from = Math.floor(Date.now() / 1000);
  await load.jobs();
  const work = Promise.all([load.keep(12, over.signal), load.decide(over.signal)]);
  await sleep(MINUTES * 30_000);
  await world.redis.kill();
  await sleep(10_000);
  await world.redis.restart();
  await sleep(MINUTES * 30_000);
  over.abort();
  await work;
  const to = Math.floor(Date.now() / 1000);
  const all = await Promise.all(panels.map(async (panel) => await drawn(prometheus, panel, from, to)));
  const browser = await startBrowser();
  closing.push(async () => await browser.close());
  const tab = await browser.newPage({ viewport: { width: 1500, height: 900 } });
  await tab.setContent(page(all));
  const png = at(".scratch/dashboard.png");
  await writeFile(png, await tab.screenshot({ fullPage: true }));
  await tell("cwebp", ["-quiet", "-lossless", png, "-o", at("docs/images/dashboard.webp")]);
} finally {
  over.abort();
  fleet.stop();
  for (const close of closing.toReversed()) await close();
}
