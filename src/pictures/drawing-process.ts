import { fork } from "node:child_process";
import type { Picture } from "../model/picture.ts";
import type { Drawing } from "./draw.ts";
import type { Drawn } from "./serve.ts";

/** The entry file of the process, and Node's options for it. */
export interface Program {
  file: URL;
  options: readonly string[];
}

/** One process that draws. Once it is over, it draws nothing more. */
export interface DrawingProcess {
  /** One at a time. Rejects if the picture cannot be drawn, or if the process dies or is killed meanwhile. */
  draw(picture: Picture): Promise<Drawing>;
  isOver(): boolean;
  /** What it held after its last picture, bytes. */
  memory(): number;
  /** A picture in progress is rejected with the reason. */
  kill(reason: string): void;
  /** Settles when the process no longer exists. */
  readonly gone: Promise<void>;
}

/** JavaScript heap of the process, MB. Pixels are outside of it; their number is limited in draw.ts. */
const HEAP_MB = 128;
/** How much of its last words is kept, characters. A panic of resvg begins with its place and reason. */
const MOST_SAID = 300;

/** Starts a process. Its environment is empty, so it has none of our secrets. */
export function startDrawing({ file, options }: Program): DrawingProcess {
  const child = fork(file, {
    execArgv: [...options, `--max-old-space-size=${HEAP_MB}`],
    env: {},
    // JSON would turn bytes into numbers and NaN into null
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let asked: { resolve(drawing: Drawing): void; reject(error: Error): void } | null = null;
  let over: Error | null = null;
  let memory = 0;
  let said = "";
  const end = (error: Error): void => {
    over ??= error;
    asked?.reject(over);
    asked = null;
  };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(0, MOST_SAID);
  });
  child.on("error", end);
  child.on("message", (message) => {
    if (!isDrawn(message)) return;
    memory = message.memory;
    if ("drawing" in message) asked?.resolve(message.drawing);
    else asked?.reject(new Error(message.failed));
    asked = null;
  });
  const gone = new Promise<void>((resolve) => {
    child.on("close", (code, signal) => {
      end(new Error(`the drawing process ended with ${signal ?? code}: ${said.trim()}`));
      resolve();
    });
  });
  return {
    draw: async (picture) =>
      await new Promise((resolve, reject) => {
        asked = { resolve, reject };
        if (over !== null) return end(over);
        child.send(picture, (error) => {
          if (error !== null) end(error);
        });
      }),
    isOver: () => over !== null,
    memory: () => memory,
    kill(reason) {
      end(new Error(reason));
      child.kill("SIGKILL");
    },
    gone,
  };
}

const isDrawn = (message: unknown): message is Drawn =>
  typeof message === "object" && message !== null && "memory" in message;
