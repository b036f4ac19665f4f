import { readFile, stat } from "node:fs/promises";
import type { ClusterAuth, ClusterConfig, Secret } from "../../model/cluster-config.ts";

/** Reads a file again only after it changed on disk; Kubernetes replaces a token under the same name. */
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

/** Returns the `authorization` header for each request, or null. Throws the error of a failed file read. */
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

/** PEM texts for TLS; `mark` changes when any of the files changes. */
export interface TlsFiles {
  mark: string;
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** Reads certificate, key and CA again after they changed. Throws the error of a failed file read. */
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
  // editors and `echo` end a file with a line break, which no token contains
  return async () => (await file.read()).trim();
}
