/** What `exec` of a pipeline or transaction gives. */
export type Replies = readonly [Error | null, unknown][] | null;

/** One answer out of several; throws what it met. */
export function replyAt(replies: Replies, index: number): unknown {
  const [error, value] = replies?.[index] ?? [new Error("no reply"), null];
  if (error !== null) throw error;
  return value;
}

/** What TIME answers, in ms. */
export function redisTime(answer: unknown): number {
  const [seconds, micros] = Array.isArray(answer) ? answer.map(Number) : [];
  if (seconds === undefined || micros === undefined) throw new TypeError("not an answer to TIME");
  return seconds * 1000 + Math.floor(micros / 1000);
}
