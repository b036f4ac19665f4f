import type { Picture } from "../model/picture.ts";
import type { Clock } from "../platform/clock.ts";
import type { Drawing } from "./draw.ts";
import { type DrawingProcess, type Program, startDrawing } from "./drawing-process.ts";

/** Draws pictures in another process, which may die or hang without harm to this one. */
export interface Drawer {
  /** One at a time, in order. Rejects if the picture cannot be drawn, or not in time. */
  draw(picture: Picture): Promise<Drawing>;
  /** Ends the process, and with it the picture in progress. Nothing is drawn afterwards. */
  close(): Promise<void>;
}

export interface DrawerOptions {
  clock: Clock;
  program?: Program;
  limits?: Partial<typeof LIMITS>;
}

const LIMITS = {
  /** For one picture, with the start of the process, ms. A picture takes a tenth of a second. */
  drawMs: 10_000,
  /** How long a picture may wait for those before it, ms. */
  waitMs: 10_000,
  /** The process ends after this time without a picture, ms. */
  idleMs: 60_000,
  /** Of a picture's data as JSON. A graph of 500 vertices has 130,000 characters. */
  characters: 2_000_000,
  /** A process that holds more after a picture is replaced, bytes. After its first one it holds 60 to 90 MB. */
  memory: 140_000_000,
};

/** From source, the process runs the source with the same loader; bundled, this file is a chunk below dist/. */
const ownProgram = (): Program =>
  import.meta.url.endsWith(".ts")
    ? { file: new URL("child.ts", import.meta.url), options: process.execArgv }
    : { file: new URL("../draw.js", import.meta.url), options: [] };

/** Loads no drawing code and starts nothing: the process starts with the first picture. */
export function createDrawer({ clock, program = ownProgram(), ...options }: DrawerOptions): Drawer {
  const limits = { ...LIMITS, ...options.limits };
  let current: DrawingProcess | null = null;
  let line: Promise<unknown> = Promise.resolve();
  let closed = false;
  let cancelIdle: (() => void) | null = null;

  async function drawNow(picture: Picture): Promise<Drawing> {
    cancelIdle?.();
    if (current === null || current.isOver()) current = startDrawing(program);
    const its = current;
    const cancelLimit = clock.after(limits.drawMs, () =>
      its.kill(`the picture took longer than ${limits.drawMs} ms`),
    );
    try {
      return await its.draw(picture);
    } finally {
      cancelLimit();
      if (its.memory() > limits.memory) its.kill("it holds too much memory");
      if (!its.isOver()) cancelIdle = clock.after(limits.idleMs, () => its.kill("no picture was needed"));
    }
  }

  return {
    async draw(picture) {
      if (JSON.stringify(picture).length > limits.characters)
        throw new RangeError("the picture is too large");
      const latest = clock.monotonic() + limits.waitMs;
      const drawing = line.then(async () => {
        if (closed) throw new Error("no more pictures: the program is stopping");
        if (clock.monotonic() > latest) throw new Error("the picture waited too long for others");
        return await drawNow(picture);
      });
      line = drawing.catch(() => undefined);
      return await drawing;
    },
    async close() {
      closed = true;
      cancelIdle?.();
      current?.kill("the program is stopping");
      await current?.gone;
    },
  };
}
