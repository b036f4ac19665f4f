import { lineOf, type RequestRecord } from "../../src/requests/record/record.ts";

/** The lines of requests that wait for claims, as the commit script keeps them. */
export class Lines {
  /** By claim: the requests in line, and when they were asked. */
  readonly standing = new Map<string, Map<string, number>>();
  /** By request: in which lines. */
  readonly #of = new Map<string, readonly string[]>();

  /** After a commit has moved its claims: returns who is recalled. */
  moved(
    moves: readonly RequestRecord[],
    released: readonly string[],
    claims: ReadonlyMap<string, string>,
  ): readonly string[] {
    const touched: string[] = [];
    const recalled = new Set<string>();
    for (const { id } of moves) {
      for (const name of this.#of.get(id) ?? []) this.#leave(name, id);
      touched.push(...(this.#of.get(id) ?? []));
      this.#of.delete(id);
    }
    touched.push(...released);
    for (const record of moves) {
      const line = lineOf(record);
      if (line.length === 0) continue;
      const held = line.filter((name) => claims.has(name));
      for (const name of held) this.#in(name).set(record.id, record.askedAt);
      this.#of.set(record.id, line);
      if (held.length === 0) recalled.add(record.id);
      touched.push(...line);
    }
    for (const name of touched) {
      const first = claims.has(name) ? undefined : this.#first(name);
      if (first !== undefined) recalled.add(first);
    }
    return [...recalled];
  }

  #in(name: string): Map<string, number> {
    const line = this.standing.get(name) ?? new Map<string, number>();
    this.standing.set(name, line);
    return line;
  }

  #leave(name: string, id: string): void {
    const line = this.standing.get(name);
    line?.delete(id);
    if (line?.size === 0) this.standing.delete(name);
  }

  #first(name: string): string | undefined {
    return [...(this.standing.get(name) ?? [])].toSorted(
      ([a, x], [z, y]) => x - y || (a < z ? -1 : 1),
    )[0]?.[0];
  }
}
