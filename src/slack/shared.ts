/** Concurrent calls for the same key share one call. */
export function shared<T>(call: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key) => {
    const other = underWay.get(key);
    if (other !== undefined) return other;
    const mine = call(key).finally(() => underWay.delete(key));
    underWay.set(key, mine);
    return mine;
  };
}
