import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { draw, type Drawing } from "../../src/pictures/draw.ts";
import { createDrawer, type DrawerOptions } from "../../src/pictures/drawer.ts";
import { until } from "../../playground/processes.ts";
import { ManualClock } from "../fakes/clock.ts";
import { aGraph, aHistory, aLargeGraph, aPastCheckpoint } from "./a-picture.ts";

const OWN = { file: new URL("../../src/pictures/child.ts", import.meta.url), options: ["--import", "tsx"] };
const ODD = { ...OWN, file: new URL("odd-child.ts", import.meta.url) };

/** Time passes when a test says so, however long a process takes to start on this machine. */
class Timers extends ManualClock {
  readonly #timers = new Map<() => void, number>();

  override after(ms?: number, call?: () => void): () => void {
    const entry = (): void => call?.();
    this.#timers.set(entry, this.at + (ms ?? 0));
    return () => this.#timers.delete(entry);
  }

  pass(ms: number): void {
    this.at += ms;
    for (const [entry, at] of this.#timers) if (at <= this.at && this.#timers.delete(entry)) entry();
  }
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function aDrawer(options: Partial<DrawerOptions> = {}) {
  const clock = new Timers();
  const drawer = createDrawer({ clock, program: ODD, ...options });
  closing.push(async () => await drawer.close());
  return { clock, drawer, draw: async (job: string) => await drawer.draw(aGraph({ job })) };
}

/** A job whose picture takes forever, and when that has begun. */
function hanging(): { job: string; begun: () => Promise<true> } {
  const folder = mkdtempSync(join(tmpdir(), "flinkops-drawer-"));
  closing.push(async () => await Promise.resolve(rmSync(folder, { recursive: true })));
  const file = join(folder, "begun");
  return {
    job: `hangs ${file}`,
    begun: async () => await until("a picture is drawn", async () => existsSync(file) || null),
  };
}

const told = ({ alt }: Drawing): { pid: number; env: string[] } => JSON.parse(alt);

/** The words of a picture that is not drawn. Asked for at once, so that no failure is unhandled meanwhile. */
const failureOf = async (drawing: Promise<Drawing>): Promise<string> =>
  await drawing.then(({ title }) => `drawn: ${title}`, String);

const isGone = async (pid: number): Promise<true> =>
  await until("the process is gone", () => {
    try {
      process.kill(pid, 0);
      return Promise.resolve(null);
    } catch {
      return Promise.resolve(true as const);
    }
  });

test("a picture comes back as it is drawn here", async () => {
  const { drawer } = aDrawer({ program: OWN });
  const history = aHistory(aPastCheckpoint(1, { sizeBytes: Number.NaN }));
  for (const picture of [aGraph(), history]) {
    const [there, here] = [await drawer.draw(picture), await draw(picture)];
    expect(there.png.equals(here.png)).toBe(true);
    expect({ ...there, png: null }).toEqual({ ...here, png: null });
  }
});

test("one process draws one picture after the other, and knows nothing of our environment", async () => {
  const t = aDrawer();
  const drawings = await Promise.all(["a", "b", "c"].map(t.draw));
  expect(drawings.map((d) => d.title)).toEqual(["Job graph of a", "Job graph of b", "Job graph of c"]);
  expect(new Set(drawings.map((d) => told(d).pid)).size).toBe(1);
  expect(told(await t.draw("d")).env).toEqual([]);
});

test("a picture that aborts the process is lost alone", async () => {
  const t = aDrawer();
  const before = t.draw("before");
  const lost = failureOf(t.draw("aborts"));
  const after = t.draw("after");
  expect(await lost).toMatch(/ended with SIGABRT: .*panicked at/su);
  expect((await after).title).toBe("Job graph of after");
  expect(told(await after).pid).not.toBe(told(await before).pid);
});

test("a process that is killed in the middle of a picture is replaced", async () => {
  const t = aDrawer();
  const { pid } = told(await t.draw("before"));
  const { job, begun } = hanging();
  const lost = failureOf(t.draw(job));
  await begun();
  process.kill(pid, "SIGKILL");
  expect(await lost).toContain("the drawing process ended with SIGKILL");
  expect((await t.draw("after")).title).toBe("Job graph of after");
});

test("a picture that takes too long ends with its process, and those that waited too long are not drawn", async () => {
  const t = aDrawer({ limits: { drawMs: 5_000, waitMs: 3_000 } });
  const { pid } = told(await t.draw("before"));
  const { job, begun } = hanging();
  const lost = failureOf(t.draw(job));
  const late = failureOf(t.draw("late"));
  await begun();
  t.clock.pass(4_000);
  const after = t.draw("after");
  t.clock.pass(1_000);
  expect(await lost).toContain("took longer than 5000 ms");
  expect(await late).toContain("waited too long");
  expect((await after).title).toBe("Job graph of after");
  await isGone(pid);
});

test("without pictures the process ends, and the next picture starts another", async () => {
  const t = aDrawer({ limits: { idleMs: 60_000 } });
  const { pid } = told(await t.draw("before"));
  t.clock.pass(59_000);
  expect(told(await t.draw("again")).pid).toBe(pid);
  t.clock.pass(59_000);
  expect(told(await t.draw("and again")).pid).toBe(pid);
  t.clock.pass(60_000);
  await isGone(pid);
  expect(told(await t.draw("after")).pid).not.toBe(pid);
});

test("a process that holds too much memory is replaced", async () => {
  const t = aDrawer({ limits: { memory: 1_000_000 } });
  const [first, second] = [await t.draw("a"), await t.draw("b")];
  expect(told(second).pid).not.toBe(told(first).pid);
});

test("more data than any job has is not drawn, and no process is started for it", async () => {
  const { drawer } = aDrawer({ program: { file: new URL("none.ts", import.meta.url), options: [] } });
  const vertices = aLargeGraph(200, 100).vertices;
  await expect(drawer.draw(aGraph({ vertices, edges: [] }))).rejects.toThrow("too large");
});

test("a process that cannot start fails its picture with its own words", async () => {
  const { draw: ask } = aDrawer({ program: { file: new URL("none.mjs", import.meta.url), options: [] } });
  await expect(ask("a")).rejects.toThrow(/ended with 1: .*Cannot find module/su);
});

test("the end of the program is the end of the process, whatever it draws, and nothing before it is", async () => {
  const t = aDrawer();
  const { pid } = told(await t.draw("before"));
  // what stops the program may reach the process too, which the program may still need
  process.kill(pid, "SIGTERM");
  expect(told(await t.draw("while stopping")).pid).toBe(pid);
  const { job, begun } = hanging();
  const lost = failureOf(t.draw(job));
  const waiting = failureOf(t.draw("waiting"));
  await begun();
  await t.drawer.close();
  await isGone(pid);
  expect(await lost).toContain("the program is stopping");
  expect(await waiting).toContain("the program is stopping");
  await expect(t.draw("after")).rejects.toThrow("the program is stopping");
});
