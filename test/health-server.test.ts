import { afterEach, expect, it } from "vitest";
import { createHealth, type Health, type Probe } from "../src/health-server.ts";

const started: Health[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((health) => health.stop()));
});

async function serve(
  probes: readonly Probe[],
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const health = createHealth({ host: "127.0.0.1", port: 0 }, () => probes);
  const port = await health.start();
  started.push(health);
  return (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

const probe = (name: string, ok: boolean): Probe => ({ name, ok: () => ok });

it("is alive whatever the probes say", async () => {
  const get = await serve([probe("redis", false)]);
  const response = await get("/healthz");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "alive" });
});

it("is ready when all probes hold", async () => {
  const get = await serve([probe("redis", true), probe("slack", true)]);
  const response = await get("/readyz?x=1");
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
});

it("names what is not ready, a probe that throws included", async () => {
  const broken: Probe = {
    name: "worker",
    ok: () => {
      throw new Error("redis://:hush@host");
    },
  };
  const get = await serve([probe("redis", true), probe("slack", false), broken]);
  const response = await get("/readyz");
  expect(response.status).toBe(503);
  expect(await response.text()).toBe('{"status":"not ready","failing":["slack","worker"]}\n');
});

it("counts values in Redis that are not ours, and stays ready", async () => {
  const health = createHealth({ host: "127.0.0.1", port: 0 }, () => [], { notes: () => ({ forged: 3 }) });
  started.push(health);
  const response = await fetch(`http://127.0.0.1:${await health.start()}/readyz`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ready", forged: 3 });
});

it.each<[path: string, method: string, status: number]>([
  ["/", "GET", 404],
  ["/metrics", "GET", 404],
  ["/healthz", "POST", 405],
])("answers %s %s with %i", async (path, method, status) => {
  const get = await serve([]);
  expect((await get(path, { method })).status).toBe(status);
});

it("says which port is taken and what to do", async () => {
  const first = createHealth({ host: "127.0.0.1", port: 0 }, () => []);
  const port = await first.start();
  started.push(first);
  const second = createHealth({ host: "127.0.0.1", port }, () => []);
  await expect(second.start()).rejects.toThrow(/choose another with http\.port or FLINKOPS_PORT/u);
});
