import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Product } from "../../playground/product.ts";
import type { StartOptions, World } from "../harness/world.ts";

/** What a process holds: memory in MB, and open files. */
export interface Footprint {
  role: Role;
  rssMb: number;
  files: number;
}
export type Role = "bot" | "worker";

/** A process of the fleet. */
export interface Member {
  role: Role;
  product: Product;
}

/** Two bots and two workers, of which each that dies is replaced, as Kubernetes would. */
export class Fleet {
  readonly #world: World;
  readonly #members: Member[] = [];
  readonly #starting = new Set<Promise<void>>();
  #stopping = false;
  started = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async start(): Promise<void> {
    await Promise.all(
      (["bot", "bot", "worker", "worker"] as const).map(async (role) => await this.add(role)),
    );
  }

  async add(role: Role, how: Omit<StartOptions, "roles"> = {}): Promise<Member> {
    const product = await this.#world.start({ ...how, roles: [role], wait: false });
    const member = { role, product };
    this.#members.push(member);
    this.started += 1;
    void this.#replaceLater(member);
    return member;
  }

  /** One process is asked to end and is not replaced. Resolves once it has ended. */
  async retire(member: Member): Promise<void> {
    if (!this.#members.includes(member)) return;
    this.#members.splice(this.#members.indexOf(member), 1);
    await member.product.stop();
  }

  /** The oldest process of a role dies, or is asked to end. */
  async signal(role: Role, signal: NodeJS.Signals): Promise<void> {
    const member = this.#members.find((one) => one.role === role);
    if (member === undefined) return;
    process.kill(member.product.pid, signal);
    if (signal === "SIGKILL") await member.product.exited;
  }

  /** Waits until everyone is there and ready. Who was asked to end may end meanwhile, and is replaced. */
  async whole(): Promise<void> {
    for (;;) {
      await Promise.all(this.#starting);
      const answers = await Promise.all(
        this.#members.map(
          async ({ product }) => await fetch(`${product.healthUrl}/readyz`).catch(() => null),
        ),
      );
      if (answers.every((answer) => answer?.ok === true)) return;
      await sleep(100);
    }
  }

  footprints(): readonly Footprint[] {
    return this.#members.map(({ role, product: { pid } }) => ({
      role,
      rssMb: Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024,
      files: readdirSync(`/proc/${pid}/fd`).length,
    }));
  }

  stop(): void {
    this.#stopping = true;
  }

  async #replaceLater(member: Member): Promise<void> {
    await member.product.exited;
    if (this.#stopping || !this.#members.includes(member)) return;
    this.#members.splice(this.#members.indexOf(member), 1);
    const starting = this.add(member.role).then(() => undefined);
    this.#starting.add(starting);
    await starting;
    this.#starting.delete(starting);
  }
}
