import type { Click } from "../../../../src/requests/ports/inbox.ts";
import { createRandom, type Random } from "../../../simulate/random.ts";
import { CLICKERS, OTHER_ACCOUNT, REQUESTER, setsOf, TERMS, type Terms } from "./cast.ts";

/** What somebody does, and when after the start of the round, ms. */
export interface Press {
  what: Click["kind"] | "suggest";
  user: string;
  at: number;
  /** Which of the processes gets it. */
  bot: number;
  /** `policy`: by a process with another policy. `card`: on another version of the card. */
  old: "policy" | "card" | null;
}

export interface Plan {
  seed: number;
  against: (typeof AGAINST)[number];
  terms: Terms;
  /** From the start of the round to the deadline, ms; null: a quarter of an hour, which no round lasts. */
  expiresIn: number | null;
  presses: readonly Press[];
}

export const BOTS = 4;
const AGAINST = ["each other", "denials", "expiry", "withdrawal", "all of it"] as const;
const DENIALS: Readonly<Record<Plan["against"], number>> = {
  "each other": 0,
  denials: 0.04,
  expiry: 0,
  withdrawal: 0,
  "all of it": 0.02,
};
/** How long a round's clicks are spread over, ms. A double click is two clicks of one person. */
const SPREADS = [0, 5, 25];
/** Of whom the clickers are: rounds with few are decided late or not at all. */
const CROWDS = [200, 200, 200, 60, 12, 3];

/**
 * What is tried in a round, with so many clicks: the same seed gives the same plan. In which order Redis sees them is up
 * to chance.
 */
export function planOf(seed: number, clicks: number): Plan {
  const random = createRandom(seed);
  const against = AGAINST[seed % AGAINST.length] ?? "each other";
  const terms = random.pick(TERMS);
  const spread = random.pick(SPREADS);
  const first = random.whole(0, CLICKERS.length - 1);
  const size = random.pick(CROWDS);
  const crowd = Array.from({ length: size }, (_, i) => CLICKERS[(first + i) % CLICKERS.length] ?? "");
  // everyone once, or few people again and again
  const presses = Array.from({ length: clicks }, (_, i) => pressOf(random, { crowd, i, against, spread }));
  // about as long as it takes to judge them all
  const busy = clicks * 2;
  const isTimed = against === "expiry" || against === "all of it";
  return {
    seed,
    against,
    terms,
    expiresIn: isTimed ? random.whole(1, busy) : null,
    presses: [...presses, ...ownPresses(random, { against, busy })],
  };
}

function pressOf(
  random: Random,
  { crowd, i, against, spread }: Pick<Plan, "against"> & { crowd: string[]; i: number; spread: number },
): Press {
  const user = crowd[i % crowd.length] ?? "";
  const isLarge = crowd.length === CLICKERS.length;
  const isReplaced = isLarge && setsOf(user).length === 0 && random.happens(0.5);
  const other = random.happens(0.05) ? random.pick(["withdraw", "suggest", "suggest"] as const) : "approve";
  return {
    what: random.happens(DENIALS[against]) ? "deny" : other,
    // instead of half of those who may not vote, those who may come a second time
    user: isReplaced ? random.pick(CLICKERS.filter((one) => setsOf(one).length > 0)) : user,
    at: random.whole(0, spread),
    bot: random.whole(0, BOTS - 1),
    old: random.happens(0.03) ? random.pick(["policy", "card"] as const) : null,
  };
}

/** The requester tries to approve, with both accounts, and withdraws where the round is about that. */
function ownPresses(
  random: Random,
  { against, busy }: Pick<Plan, "against"> & { busy: number },
): readonly Press[] {
  const press = (user: string, what: Press["what"]): Press => ({
    what,
    user,
    at: random.whole(0, busy),
    bot: random.whole(0, BOTS - 1),
    old: null,
  });
  const withdraws = against === "withdrawal" || against === "all of it";
  return [
    press(REQUESTER, "approve"),
    press(OTHER_ACCOUNT, "approve"),
    press(OTHER_ACCOUNT, "withdraw"),
    // two devices
    ...(withdraws ? [press(REQUESTER, "withdraw"), press(REQUESTER, "withdraw")] : []),
  ];
}
