/**
 * Whether something may be done. A yes is a value like a no, so that a forgotten answer cannot be mistaken for a yes.
 */
export type Verdict<Why> = { is: "may" } | { is: "may not"; why: Why };

export const MAY = { is: "may" } as const;
export const mayNot = <Why>(why: Why): { is: "may not"; why: Why } => ({ is: "may not", why });
