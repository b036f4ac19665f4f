/** The result of `exec` of a pipeline or transaction. */
export type Replies = readonly [Error | null, unknown][] | null;

/** One of several replies; throws the error if that command failed. */
export function replyAt(replies: Replies, index: number): unknown {
  const [error, value] = replies?.[index] ?? [new Error("no reply"), null];
  if (error !== null) throw error;
  return value;
}

/** The reply to TIME, in ms. Throws TypeError on another reply. */
export function redisTime(answer: unknown): number {
  const [seconds, micros] = Array.isArray(answer) ? answer.map(Number) : [];
  if (seconds === undefined || micros === undefined) throw new TypeError("not an answer to TIME");
  return seconds * 1000 + Math.floor(micros / 1000);
}
