import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { AbstractConnector, Redis } from "ioredis";
import { systemClock } from "../platform/clock.ts";

/** A server by its name or IP address. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** How to get into a server; `tls` null: in the clear. */
export interface Login {
  username: string | null;
  password: string | null;
  tls: { ca?: string; cert?: string; key?: string; servername?: string } | null;
}

/** A way to find the server that takes our writes. */
export interface Finding {
  nodes: readonly HostPort[];
  /** Asks one of them. Throws why it cannot tell. */
  ask: (node: HostPort) => Promise<HostPort>;
  /** Calls `moved` with the master, when there is another. Returns a function that ends this. Absent: nobody tells. */
  watch?: (moved: (to: HostPort) => void) => () => void;
  retryStrategy: (times: number) => number;
}

type Emit = (type: string, error: Error) => void;

/**
 * A connector of ioredis that asks `nodes` who the master is, each time it connects. It is an own one because ioredis's for
 * Sentinel writes errors to the console and hides why a sentinel did not answer, and its client for a cluster sends WAIT to
 * any node.
 */
export const findMaster = ({ nodes, ask, watch, retryStrategy }: Finding, tls: Login["tls"]) =>
  class FindMaster extends AbstractConnector {
    #unwatch = (): void => undefined;
    #turn = 0;

    constructor(options: unknown) {
      super((options as { disconnectTimeout: number }).disconnectTimeout);
    }

    /** `info` is the server's: during a fail-over a sentinel may still name the old master. */
    override check(info: { role?: string }): boolean {
      return info.role === undefined || info.role === "master";
    }

    override async connect(emit: Emit) {
      this.connecting = true;
      // another one is asked first each time: one that is cut off from the others may name the old master for ever
      const first = this.#turn % nodes.length;
      this.#turn += 1;
      const inTurn = [...nodes.slice(first), ...nodes.slice(0, first)];
      // ioredis does not try again where this throws
      for (let times = 1; ; times += 1) {
        const found = await firstAnswer(inTurn, ask);
        if (!this.connecting) throw new Error("Connection is closed.");
        if ("problem" in found) {
          emit("error", new Error(found.problem));
          await systemClock.sleep(retryStrategy(times));
          if (!this.connecting) throw new Error("Connection is closed.");
          continue;
        }
        const stream = tls === null ? connectTcp(found) : connectTls({ ...found, ...tls });
        stream.once("error", (error) => {
          this.firstError = error;
        });
        stream.once("connect", () => {
          this.#unwatch();
          // each sentinel tells it in its own time, also whoever is there already
          const moved = (to: HostPort): void => {
            if (to.host !== found.host || to.port !== found.port) this.disconnect();
          };
          this.#unwatch = watch?.(moved) ?? this.#unwatch;
        });
        stream.once("close", () => this.#unwatch());
        this.stream = stream;
        return stream;
      }
    }

    override disconnect(): void {
      this.#unwatch();
      super.disconnect();
    }
  };

async function firstAnswer(
  nodes: readonly HostPort[],
  ask: Finding["ask"],
): Promise<HostPort | { problem: string }> {
  const problems: string[] = [];
  for (const node of nodes)
    try {
      return await ask(node);
    } catch (error) {
      problems.push(`${node.host}:${node.port}: ${error instanceof Error ? error.message : String(error)}`);
    }
  return { problem: `No master of Redis was found. ${problems.join("; ")}` };
}

/** Time limit of a question to a node, ms. */
const ASK_MS = 1000;

const optionsFor = (node: HostPort, { username, password, tls }: Login) => ({
  ...node,
  ...(username === null ? {} : { username }),
  ...(password === null ? {} : { password }),
  ...(tls === null ? {} : { tls }),
  connectTimeout: ASK_MS,
  disconnectTimeout: 500,
  lazyConnect: true,
  disableClientInfo: true,
  enableReadyCheck: false,
});

/** Asks over a connection of its own. Throws the reason where there is no answer within a second. */
async function asked<T>(node: HostPort, login: Login, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ ...optionsFor(node, login), commandTimeout: ASK_MS, retryStrategy: () => null });
  let met: Error | null = null;
  client.on("error", (error: Error) => (met = error));
  try {
    await client.connect();
    return await question(client);
  } catch (error) {
    // the call itself says only that the connection is closed
    throw met ?? error;
  } finally {
    client.disconnect();
  }
}

/** Sentinel: asks who has the name, and hears of fail-overs, because a master that hangs does not close its connections. */
export const bySentinels = (
  name: string,
  nodes: readonly HostPort[],
  login: Login,
): Omit<Finding, "retryStrategy"> => ({
  nodes,
  async ask(node) {
    const reply: unknown = await asked(node, login, async (client) =>
      client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name),
    );
    if (!Array.isArray(reply)) throw new Error(`this sentinel knows no master with the name ${name}`);
    return { host: String(reply[0]), port: Number(reply[1]) };
  },
  watch(moved) {
    const clients = nodes.map((node) => {
      const client = new Redis({
        ...optionsFor(node, login),
        maxRetriesPerRequest: null,
        retryStrategy: () => 5000,
      });
      client.on("error", () => undefined);
      client.on("message", (_channel: string, words: string) => {
        // https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#pubsub-messages
        const [master, _oldHost, _oldPort, host = "", port] = words.split(" ");
        if (master === name) moved({ host, port: Number(port) });
      });
      client.subscribe("+switch-master").catch(() => undefined);
      return client;
    });
    return () => {
      for (const client of clients) client.disconnect();
    };
  },
});

/**
 * Redis Cluster: finds the master of the slot of `key`. All our keys are in that one slot, so what follows is a connection to
 * one server, with its transactions and its WAIT. A node that is not that master answers a command on a key with MOVED.
 */
export const bySlot = (
  key: string,
  nodes: readonly HostPort[],
  login: Login,
): Omit<Finding, "retryStrategy"> => ({
  nodes,
  async ask(node) {
    try {
      await asked(node, login, async (client) => await client.exists(key));
      return node;
    } catch (error) {
      const moved = /^MOVED \d+ (.*):(\d+)$/u.exec(error instanceof Error ? error.message : "");
      if (moved === null) throw error;
      // without a host it is the one that was asked
      return { host: moved[1] || node.host, port: Number(moved[2]) };
    }
  },
});
