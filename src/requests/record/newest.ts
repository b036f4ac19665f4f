/** How many requests are remembered; the least recently seen is dropped first. */
const MOST = 2000;

/** The newest revision that this process has seen of each request. */
export class Newest<T extends { rev: number }> {
  readonly #seen = new Map<string, T>();

  saw(id: string, value: T): void {
    const known = this.#seen.get(id);
    if (known !== undefined && known.rev > value.rev) return;
    this.#seen.delete(id);
    this.#seen.set(id, value);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MOST && oldest !== undefined) this.#seen.delete(oldest);
  }

  /** The remembered value, whatever its revision; undefined: none. */
  of(id: string): T | undefined {
    return this.#seen.get(id);
  }

  /** The remembered value where its revision is above `rev`; null otherwise. */
  above(id: string, rev: number): T | null {
    const known = this.#seen.get(id);
    return known !== undefined && known.rev > rev ? known : null;
  }
}
