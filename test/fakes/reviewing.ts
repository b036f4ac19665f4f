import type { Reviewing } from "../../src/requests/ports/inbox.ts";

/** Where nobody reviews anything. */
export const noReviews: Reviewing = {
  open: () => Promise.resolve({ refuse: "nothing to review" }),
  make: () => Promise.resolve({ is: "not counted", tell: "nothing to review" }),
};
