import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { sendJson } from "./http.ts";
import type { World } from "./world.ts";

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

// foreign text is shown on this page: nothing but our own files may run there
const POLICY =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/** Serves the page, uploaded files, and permalinks, which open the page at their message. */
export const servePage = (world: World, pathname: string, response: ServerResponse): void => {
  const permalink = /^\/archives\/(\w+)\/p(\d{10})(\d{6})$/.exec(pathname);
  if (permalink !== null) {
    const [, channel, seconds, micros] = permalink;
    response.writeHead(302, { location: `/#/${channel}/${seconds}.${micros}` }).end();
    return;
  }
  const file = /^\/files\/(\w+)$/.exec(pathname)?.[1];
  const upload = file === undefined ? undefined : world.state.uploads.get(file);
  if (upload !== undefined) {
    response.writeHead(200, {
      "content-type": upload.mimetype,
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      "x-content-type-options": "nosniff",
    });
    response.end(upload.bytes);
    return;
  }
  const name =
    pathname === "/" ? "index.html" : (/^\/page\/([\w-]+\.(?:css|js|svg))$/.exec(pathname)?.[1] ?? null);
  const type = TYPES[name?.split(".").at(-1) ?? ""];
  if (name === null || type === undefined) {
    sendJson(response, 404, { error: "not here" });
    return;
  }
  try {
    const bytes = readFileSync(new URL(`./page/${name}`, import.meta.url));
    response.writeHead(200, {
      "content-type": type,
      "content-security-policy": POLICY,
      "cache-control": "no-cache",
    });
    response.end(bytes);
  } catch {
    sendJson(response, 404, { error: "not here" });
  }
};
