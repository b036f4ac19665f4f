/** Normalises a path: Flink writes `file:/a` where people write `file:///a`, and a trailing slash is optional. */
export const plainPath = (path: string): string =>
  path
    .trim()
    .replace(/^file:\/+/u, "file:/")
    .replace(/\/+$/u, "");

/** Whether two paths name the same state. */
export const samePath = (a: string, z: string): boolean => plainPath(a) === plainPath(z);
