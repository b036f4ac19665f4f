import type { Policy } from "./policy.ts";

/** The policy that this process decides by. It may be replaced while the process runs, so nothing keeps it. */
export interface PolicySource {
  current(): Policy;
  take(policy: Policy): void;
}

export function createPolicySource(first: Policy): PolicySource {
  let policy = first;
  return {
    current: () => policy,
    take(next) {
      policy = next;
    },
  };
}
