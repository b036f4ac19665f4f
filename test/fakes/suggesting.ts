import type { Suggesting } from "../../src/requests/ports/inbox.ts";

/** Where nobody suggests anything. */
export const noSuggestions: Suggesting = {
  open: () => Promise.resolve({ refuse: "nothing to suggest" }),
  problem: () => Promise.resolve(null),
  make: () => Promise.resolve({ is: "not counted", tell: "nothing to suggest" }),
};
