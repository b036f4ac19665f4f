/**
 * Whoever asks while an answer is under way shares the next one with all who ask until that begins: each gets what was asked
 * for after it asked, and many who ask at once make two questions. An error goes to all who share it. `patience`: how long
 * an answer that is under way is waited for; what hangs then holds up only whoever asked.
 */
export function joined<T>(
  ask: () => Promise<T>,
  patience: () => Promise<unknown> = forever,
): () => Promise<T> {
  let underWay: Promise<unknown> | null = null;
  let next: Promise<T> | null = null;
  const begin = async (): Promise<T> => {
    const asking = ask();
    const settled = asking.then(nothing, nothing);
    const mine = Promise.race([settled, patience()]);
    underWay = mine;
    void over(mine);
    return await asking;
  };
  const over = async (mine: Promise<unknown>): Promise<void> => {
    await mine;
    if (underWay === mine) underWay = null;
  };
  const after = async (before: Promise<unknown>): Promise<T> => {
    await before;
    next = null;
    return await begin();
  };
  return async () => {
    if (next !== null) return await next;
    if (underWay === null) return await begin();
    next = after(underWay);
    return await next;
  };
}

const nothing = (): void => undefined;
const forever = async (): Promise<unknown> => await new Promise(nothing);
