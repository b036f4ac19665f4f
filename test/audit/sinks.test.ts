import { appendFile, mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLink } from "../../src/audit/chain.ts";
import { createFileSink } from "../../src/audit/sinks/file.ts";
import { createHttpSink } from "../../src/audit/sinks/http.ts";
import type { Batch } from "../../src/audit/sinks/sink.ts";
import { createStdoutSink } from "../../src/audit/sinks/stdout.ts";
import { isWhole, verify } from "../../src/audit/verify.ts";
import { aChain, anEntry } from "./an-entry.ts";

const lines = aChain(Array.from({ length: 9 }, (_, i) => anEntry(i + 1)));
const batch = (first: number, last: number): Batch => ({ first, last, lines: lines.slice(first - 1, last) });
const never = new AbortController().signal;

describe("a file", () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "flinkops-sink-"));
    path = join(directory, "audit.ndjson");
  });
  afterEach(async () => await rm(directory, { recursive: true }));
  const sink = () => createFileSink({ name: "file", required: true, path });
  const written = async (): Promise<string[]> => (await readFile(path, "utf8")).split("\n").slice(0, -1);
  const check = async () => verify([await written()], { head: null, keys: [] });

  it("gets a line per entry, for the owner and the group alone", async () => {
    const one = sink();
    expect(await one.newest()).toBeNull();
    await one.push(batch(1, 3), never);
    await one.push(batch(4, 4), never);
    await one.close();
    expect(await written()).toEqual(lines.slice(0, 4));
    expect((await stat(path)).mode & 0o007).toBe(0);
  });

  it("is continued after its last line by the next process", async () => {
    const one = sink();
    await one.push(batch(1, 3), never);
    await one.close();
    const next = sink();
    expect(await next.newest()).toMatchObject({ n: 3, hash: readLink(lines[2] ?? "")?.hash });
    await next.push(batch(4, 6), never);
    await next.close();
    expect(await written()).toEqual(lines.slice(0, 6));
  });

  it.each([1, 40, 300])(
    "keeps a line that a crash tore after %s bytes, and says so in the next line",
    async (bytes) => {
      const torn = (lines[2] ?? "").slice(0, bytes);
      await writeFile(path, `${lines[0]}\n${lines[1]}\n${torn}`);
      const next = sink();
      expect(await next.newest()).toMatchObject({ n: 2 });
      await next.push(batch(3, 5), never);
      await next.close();
      expect(await written()).toEqual([
        lines[0],
        lines[1],
        torn,
        expect.stringContaining('"torn"'),
        ...lines.slice(2, 5),
      ]);
      const verified = await check();
      expect(isWhole(verified)).toBe(true);
      expect(verified.findings).toHaveLength(1);
    },
  );

  it("only ends the line where nothing but its end was torn off", async () => {
    await writeFile(path, `${lines[0]}\n${lines[1]}`);
    const next = sink();
    expect(await next.newest()).toMatchObject({ n: 2 });
    await next.close();
    expect(await written()).toEqual(lines.slice(0, 2));
  });

  it("that holds nothing but a torn line is begun anew", async () => {
    await writeFile(path, (lines[0] ?? "").slice(0, 20));
    const next = sink();
    expect(await next.newest()).toBeNull();
    await next.push(batch(1, 2), never);
    await next.close();
    expect((await check()).entries).toBe(2);
  });

  it("is written on where it was rotated away, or written by another process meanwhile", async () => {
    const one = sink();
    await one.push(batch(1, 2), never);
    await rename(path, `${path}.1`);
    await one.push(batch(3, 4), never);
    expect(await written()).toEqual(lines.slice(2, 4));
    await appendFile(path, "half a line");
    await one.push(batch(5, 5), never);
    await one.close();
    expect((await written()).slice(2)).toEqual(["half a line", expect.stringContaining("torn"), lines[4]]);
    await truncate(path, 0);
  });

  it("that cannot be written is a problem in words, and is tried again", async () => {
    const missing = createFileSink({ name: "file", required: true, path: join(directory, "no", "audit") });
    await expect(missing.push(batch(1, 1), never)).rejects.toThrow("no/audit cannot be written (ENOENT)");
    await expect(missing.newest()).rejects.toThrow("(ENOENT)");
  });
});

describe("a collector over HTTP", () => {
  let server: Server;
  let url: string;
  const got: { body: string; headers: Record<string, unknown> }[] = [];
  let answers: (number | "hangs up")[] = [];
  beforeEach(async () => {
    got.length = 0;
    answers = [];
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (bytes: Buffer) => {
        body += bytes.toString();
      });
      request.on("end", () => {
        got.push({ body, headers: request.headers });
        const answer = answers.shift() ?? 200;
        if (answer === "hangs up") response.destroy();
        else response.writeHead(answer, { location: "http://127.0.0.1:1/" }).end("thanks");
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/in/secret-path?x=1`;
  });
  afterEach(() => void server.close());
  const sink = () =>
    createHttpSink({ name: "siem", required: true, url, headers: { authorization: "Bearer hush" } });

  it("gets a batch as lines, with its header and the numbers of its entries", async () => {
    const one = sink();
    await one.push(batch(1, 3), never);
    await one.close();
    expect(got[0]?.body).toBe(
      lines
        .slice(0, 3)
        .map((line) => `${line}\n`)
        .join(""),
    );
    expect(got[0]?.headers).toMatchObject({
      authorization: "Bearer hush",
      "content-type": "application/x-ndjson",
      "flinkops-audit-entries": "1-3",
    });
  });

  it.each([
    [500, "answered 500"],
    [429, "answered 429"],
    [302, "answered 302"],
    ["hangs up", "did not answer (UND_ERR_SOCKET)"],
  ] as const)("that says %s has not taken it, and the words hold no secret", async (answer, words) => {
    answers = [answer];
    const one = sink();
    const problem = await one.push(batch(1, 1), never).catch((error: unknown) => String(error));
    expect(problem).toContain(words);
    expect(problem).not.toMatch(/secret-path|hush/u);
    // the same batch again: at least once
    await one.push(batch(1, 1), never);
    await one.close();
    expect(got.map(({ body }) => body)).toEqual([`${lines[0]}\n`, `${lines[0]}\n`]);
  });

  it("that nobody listens at is a problem in words", async () => {
    server.close();
    const one = createHttpSink({ name: "siem", required: true, url: "http://127.0.0.1:1", headers: {} });
    await expect(one.push(batch(1, 1), never)).rejects.toThrow(
      "http://127.0.0.1:1 did not answer (ECONNREFUSED)",
    );
    await one.close();
  });
});

describe("standard output", () => {
  it("gets a line per entry", async () => {
    const out: string[] = [];
    const sink = createStdoutSink(
      { name: "out", required: false },
      {
        write: (text: string | Uint8Array, done?: unknown) => {
          out.push(String(text));
          if (typeof done === "function") done(null);
          return true;
        },
      },
    );
    await sink.push(batch(1, 2), never);
    expect(out.join("")).toBe(`${lines[0]}\n${lines[1]}\n`);
  });

  it("that is closed is a problem in words", async () => {
    const sink = createStdoutSink(
      { name: "out", required: false },
      {
        write: (_: string | Uint8Array, done?: unknown) => {
          if (typeof done === "function") done(new Error("EPIPE"));
          return false;
        },
      },
    );
    await expect(sink.push(batch(1, 1), never)).rejects.toThrow("standard output cannot be written");
  });
});
