import type { IncomingMessage, ServerResponse } from "node:http";

const MOST_BYTES = 32 * 1024 * 1024;

/** The whole body of a request. Throws when it is larger than 32 MiB. */
export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BYTES) throw new RangeError("body over 32 MiB");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
};

/** Answers with JSON. */
export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(JSON.stringify(body));
};
