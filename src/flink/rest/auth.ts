import { readFile, stat } from "node:fs/promises";
import type { ClusterAuth, ClusterConfig, Secret } from "../../model/cluster-config.ts";

/** Reads a file again only when it changed on disk; a Kubernetes token is replaced under the same name. */
export function watchedFile(path: string): { read(): Promise<string> } {
  let known: { mark: string; text: string } | null = null;
  return {
    async read() {
      const s = await stat(path);
      const mark = `${s.mtimeMs}:${s.size}:${s.ino}`;
      if (known?.mark !== mark) known = { mark, text: await readFile(path, "utf8") };
      return known.text;
    },
  };
}

/** The `authorization` header of each request, or null. Throws what reading a file throws. */
export function createAuthorization(auth: ClusterAuth): () => Promise<string | null> {
  if (auth.kind === "basic") {
    const password = secret(auth.password);
    return async () => `Basic ${Buffer.from(`${auth.user}:${await password()}`).toString("base64")}`;
  }
  if (auth.kind === "bearer") {
    const token = secret(auth.token);
    return async () => `Bearer ${await token()}`;
  }
  return () => Promise.resolve(null);
}

/** PEM texts for the TLS side; `mark` changes when any of the files did. */
export interface TlsFiles {
  mark: string;
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** Certificate, key and authorities, read again when they changed. Throws what reading a file throws. */
export function createTlsFiles(config: Pick<ClusterConfig, "auth" | "ca">): () => Promise<TlsFiles> {
  const ca = config.ca === null ? null : watchedFile(config.ca);
  const cert = config.auth.kind === "mtls" ? watchedFile(config.auth.cert) : null;
  const key = config.auth.kind === "mtls" ? watchedFile(config.auth.key) : null;
  return async () => {
    const texts = await Promise.all([ca?.read(), cert?.read(), key?.read()]);
    return { mark: texts.join("\n--\n"), ca: texts[0], cert: texts[1], key: texts[2] };
  };
}

function secret(from: Secret): () => Promise<string> {
  if ("value" in from) return () => Promise.resolve(from.value);
  const file = watchedFile(from.file);
  // editors and `echo` end a file with a line break, which no token holds
  return async () => (await file.read()).trim();
}
