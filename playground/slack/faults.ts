/** What goes wrong with calls of one Web API method. Without `applied` it goes wrong before Slack did anything. */
export interface MethodFault {
  /** `chat.postMessage`, or `*` for all. */
  method: string;
  /** How many calls it hits; 1 unless told. */
  times?: number | undefined;
  /** Only calls whose `channel` is this. */
  channel?: string | undefined;
  /** Only calls in (or posting to) this thread. */
  threadTs?: string | undefined;
  /** `ok: false` with this code. */
  error?: string | undefined;
  /** An HTTP status other than 200, with an HTML body, as a proxy or an outage gives. */
  status?: number | undefined;
  /** 429 with this many seconds in `Retry-After`. */
  retryAfter?: number | undefined;
  /** Answers this much later. */
  delayMs?: number | undefined;
  /** Cuts the connection instead of answering. */
  drop?: boolean | undefined;
  /** The call takes effect and only its answer is the fault: with `drop`, done but the reply lost. */
  applied?: boolean | undefined;
}

/** What goes wrong on the way to the app. */
export interface DeliveryFault {
  /** This many acks, from now on, do not count although the app sent them. */
  swallowAcks?: number | undefined;
  /** The next `times` envelopes arrive this much later (the three seconds run all the same). */
  delayMs?: number | undefined;
  times?: number | undefined;
}

/** The faults that are armed. */
export class Faults {
  #methods: (MethodFault & { left: number })[] = [];
  #delays: { ms: number; left: number }[] = [];
  #swallow = 0;

  armMethod(fault: MethodFault): void {
    this.#methods.push({ ...fault, left: fault.times ?? 1 });
  }

  armDelivery(fault: DeliveryFault): void {
    this.#swallow += fault.swallowAcks ?? 0;
    if (fault.delayMs !== undefined) this.#delays.push({ ms: fault.delayMs, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#methods = [];
    this.#delays = [];
    this.#swallow = 0;
  }

  /** The fault that hits this call, used up by one. */
  takeMethod(method: string, channel: unknown, threadTs: unknown): MethodFault | null {
    const hit = this.#methods.find(
      (fault) =>
        fault.left > 0 &&
        (fault.method === "*" || fault.method === method) &&
        (fault.channel === undefined || fault.channel === channel) &&
        (fault.threadTs === undefined || fault.threadTs === threadTs),
    );
    if (hit === undefined) return null;
    hit.left -= 1;
    return hit;
  }

  /** How much later the next envelope leaves. */
  takeDelay(): number {
    const hit = this.#delays.find((delay) => delay.left > 0);
    if (hit === undefined) return 0;
    hit.left -= 1;
    return hit.ms;
  }

  /** Whether the ack that has just arrived is to be lost. */
  takeSwallow(): boolean {
    if (this.#swallow === 0) return false;
    this.#swallow -= 1;
    return true;
  }

  /** What is still armed, for a person who wonders. */
  armed(): { methods: MethodFault[]; swallowAcks: number } {
    return { methods: this.#methods.filter((fault) => fault.left > 0), swallowAcks: this.#swallow };
  }
}
