/**
 * Merges concurrent calls. A caller that arrives during a call shares the next call with everyone who arrives before
 * it begins. So each caller gets an answer from after its own request, and many concurrent callers cause two calls. An
 * error goes to all callers that share it. `patience`: the longest wait for the call in progress; a call that hangs
 * longer delays only its own callers.
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
