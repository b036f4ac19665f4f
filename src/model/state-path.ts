/** One way of writing it: Flink writes `file:/a` where people write `file:///a`, and a slash at the end or none. */
export const plainPath = (path: string): string =>
  path
    .trim()
    .replace(/^file:\/+/u, "file:/")
    .replace(/\/+$/u, "");

/** Whether two paths name the same state. */
export const samePath = (a: string, z: string): boolean => plainPath(a) === plainPath(z);
