import { serve } from "./local-server.ts";

export interface Altered {
  url: string;
  /** What fits is answered so, and not by Flink. */
  answer(path: RegExp, how: { status: number; body: unknown }): void;
  /** From here on Flink answers everything. */
  clear(): void;
  close(): Promise<void>;
}

/** A proxy before a simulated JobManager, under a path of its own where one is given. */
export async function startAltered(flink: string, prefix = ""): Promise<Altered> {
  const answers: { path: RegExp; status: number; body: unknown }[] = [];
  const server = await serve((req, res) => {
    const pass = async (): Promise<void> => {
      const path = (req.url ?? "/").slice(prefix.length);
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      if (!(req.url ?? "/").startsWith(`${prefix}/`)) {
        res.writeHead(404).end();
        return;
      }
      const known = answers.find((a) => a.path.test(`${req.method} ${path}`));
      const method = req.method ?? "GET";
      const answer =
        known === undefined
          ? await fetch(`${flink}${path}`, {
              method,
              ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
            })
          : null;
      const type = typeof known?.body === "string" ? "text/html" : "application/json";
      res.writeHead(known?.status ?? answer?.status ?? 502, { "content-type": type });
      const own = typeof known?.body === "string" ? known.body : JSON.stringify(known?.body);
      res.end(answer === null ? own : await answer.text());
    };
    pass().catch(() => req.socket.destroy());
  });
  return {
    url: `${server.url}${prefix}`,
    answer: (path, how) => void answers.unshift({ path, ...how }),
    clear: () => void answers.splice(0),
    close: async () => await server.close(),
  };
}
