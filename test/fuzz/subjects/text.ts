import { stackForPeople } from "../../../src/flink/rest/stack-text.ts";
import { firstSentence, innermostCause } from "../../../src/flink/rest/error-text.ts";
import { entriesOf } from "../../../src/flink/wire/log.ts";
import { isUnknownJob, isNotYet } from "../../../src/flink/rest/response.ts";
import { redact } from "../../../src/platform/redact.ts";
import { scrub } from "../../../src/platform/scrub.ts";
import { mrkdwn, plainText } from "../../../src/slack/text.ts";
import { plainSamples, secretSamples } from "../../samples/samples.ts";
import type { Random } from "../../simulate/random.ts";
import { REFUSALS } from "../flink-samples.ts";
import { alteredText, nastyText } from "../nasty.ts";
import { must, refused, type Subject, subject, understood } from "../subject.ts";
import { clean, fit } from "../words.ts";

const STACKS = REFUSALS.flatMap(({ body }) => (body as { errors: readonly string[] }).errors);

interface Said {
  /** Whatever it is. */
  text: string;
  /** Places of its secrets: texts that must not be shown. None where the text was altered. */
  secrets: readonly string[];
}

function said(random: Random): Said {
  const chance = random.next();
  if (chance < 0.4) {
    const { text, secrets } = random.pick(secretSamples);
    // apart from it by what no rule reads over
    const around = (): string => random.pick(["", "\n", "\n\n", "\nat a.B(C.java:1)\n"]);
    return { text: `${around()}${text}${around()}`, secrets };
  }
  const from =
    chance < 0.6
      ? random.pick(secretSamples).text
      : chance < 0.7
        ? random.pick(plainSamples)
        : random.pick(STACKS);
  return { text: random.happens(0.9) ? alteredText(from, random) : nastyText(random), secrets: [] };
}

/** The product's side, so that a test can break it. */
const product = { redact, innermostCause };

/** Texts of others, such as stacks and logs, on their way to people, to Redis and to the log. */
export const text = (door: typeof product = product): Subject =>
  subject({
    name: "text",
    make: said,
    judge({ text: given, secrets }) {
      const redacted = door.redact(given);
      must(
        door.redact(redacted) === redacted,
        () => `redacted twice it is another text: ${redacted.slice(0, 300)}`,
      );
      for (const secret of secrets)
        must(!redacted.includes(secret), () => `${secret} is shown in ${redacted.slice(0, 300)}`);
      const words = door.innermostCause(given);
      if (words !== "") clean(words, { most: 300, echo: true });
      const answer = { status: 500, errors: [given], ok: false as const };
      fit(firstSentence(answer), { most: 300, echo: true });
      isNotYet(answer);
      isUnknownJob(answer);
      const entries = entriesOf(given, { whole: true });
      must(entries.flatMap((e) => e.lines).join("\n") === stackForPeople(given), () => "a log loses lines");
      scrub({ err: new Error(given), given });
      const shown = mrkdwn(given, { most: 3_000 });
      must(shown.length <= 3_000 && !/[<>]/u.test(shown), () => `obeyed: ${shown.slice(0, 200)}`);
      must(plainText(given, 100).length <= 100, () => "longer than it may be");
      return redacted === given ? understood("as it is") : refused("secrets hidden");
    },
  });
