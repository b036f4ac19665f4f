import { existsSync } from "node:fs";
import { join } from "node:path";
import { createSeal, keyFrom, type Seal } from "../../src/platform/seal.ts";

/** As the program seals that has no key of its own; null: that build is of before there was a seal. */
export const sealOf = (botToken: string, dist: string | undefined): Seal | null =>
  dist === undefined || existsSync(join(dist, "seal.js"))
    ? createSeal([keyFrom(botToken)], () => undefined)
    : null;
