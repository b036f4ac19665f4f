/** What a network, a proxy or a JobManager in trouble does to a request. */
export interface Fault {
  /** Regular expression over the path with query. */
  path: string;
  method?: string;
  /** Before: Flink never sees the request. After: it does its work and the answer is lost or replaced. */
  when?: "before" | "after";
  delayMs?: number;
  /** Not answered until the faults are cleared. */
  hold?: true;
  status?: number;
  /** With `status`: a page as proxies write them, Flink's own error shape with these words, or any text. */
  html?: boolean;
  words?: string;
  text?: string;
  /** With `status`: where a redirect points. */
  location?: string;
  /** The connection is cut without an answer. */
  cut?: boolean;
  /** Headers and half of the body, then cut. */
  half?: boolean;
  /** How often; without it, until the faults are cleared. */
  times?: number;
}

/** The faults that wait for a request. */
export class Faults {
  #waiting: (Fault & { left: number })[] = [];
  #held = new Set<() => void>();

  add(fault: Fault): void {
    this.#waiting.push({ ...fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#waiting = [];
    for (const go of this.#held) go();
    this.#held.clear();
  }

  /** Until they are cleared. */
  async hold(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#held.add(resolve);
    });
  }

  /** Takes the first that fits, once. */
  take(method: string, url: string): Fault | null {
    const found = this.#waiting.find(
      (f) => f.left > 0 && (f.method ?? method) === method && new RegExp(f.path, "u").test(url),
    );
    if (found === undefined) return null;
    found.left -= 1;
    return found;
  }
}
