import { readFileSync } from "node:fs";
import { bySentinels, bySlot, findMaster, type HostPort, type Login } from "./find-master.ts";

/** Paths of PEM files, and the name that the servers' certificates must have where they are reached by another. */
export interface RedisTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly servername: string | null;
}

/** Where Redis is. */
export interface RedisAt {
  /** `redis://` or `rediss://`; may contain a password. With sentinels its host is the name of the master. */
  readonly url: string;
  readonly tls?: RedisTls | null;
  /** Sentinels to ask who is the master. Empty: none. */
  readonly sentinels?: readonly HostPort[];
  readonly sentinelUsername?: string | null;
  readonly sentinelPassword?: string | null;
  /** Further nodes of a Redis Cluster. Empty: this is none. */
  readonly cluster?: readonly HostPort[];
  /** The hash tag of all keys, which says where in the cluster they are. */
  readonly prefix?: string;
}

/**
 * Options of ioredis for reaching the server that takes our writes. With `rediss://`, sentinels are asked over TLS too.
 * `retryStrategy` is for sentinels and nodes that do not answer.
 */
export function addressOf(at: RedisAt, retryStrategy: (times: number) => number) {
  const u = new URL(at.url);
  const username = u.username === "" ? null : decodeURIComponent(u.username);
  const password = u.password === "" ? null : decodeURIComponent(u.password);
  const tls = u.protocol === "rediss:" ? tlsOf(at.tls ?? null) : null;
  const { sentinels = [], cluster = [] } = at;
  const here = { host: unbracketed(u.hostname), port: u.port === "" ? 6379 : Number(u.port) };
  const finding =
    cluster.length > 0
      ? bySlot(at.prefix ?? "", [here, ...cluster], { username, password, tls })
      : sentinels.length > 0
        ? bySentinels(decodeURIComponent(u.hostname), sentinels, {
            username: at.sentinelUsername ?? null,
            password: at.sentinelPassword ?? null,
            tls,
          })
        : null;
  return {
    ...here,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(u.pathname.length > 1 ? { db: Number(u.pathname.slice(1)) } : {}),
    ...(tls === null ? {} : { tls }),
    ...(finding === null ? {} : { Connector: findMaster({ ...finding, retryStrategy }, tls) }),
  };
}

/** Throws the error of a file that cannot be read. */
function tlsOf(tls: RedisTls | null): NonNullable<Login["tls"]> {
  if (tls === null) return {};
  const { ca, cert, key, servername } = tls;
  return {
    ...(ca === null ? {} : { ca: readFileSync(ca, "utf8") }),
    ...(cert === null ? {} : { cert: readFileSync(cert, "utf8") }),
    ...(key === null ? {} : { key: readFileSync(key, "utf8") }),
    ...(servername === null ? {} : { servername }),
  };
}

/** An IPv6 address has brackets in a URL only. */
const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/u, "$1");
