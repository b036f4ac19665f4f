import { isDeepStrictEqual } from "node:util";
import { argumentsOf, type Argument } from "../../../src/command/argument-spec.ts";
import { parse } from "../../../src/command/parse.ts";
import { written } from "../../../src/command/written.ts";
import { isTyped } from "../../../src/model/operation.ts";
import { plain } from "../../../src/model/text.ts";
import { operations } from "../../../src/operations/index.ts";
import type { Random } from "../../simulate/random.ts";
import { alteredText, CANARY, nastyText, SECRETS } from "../nasty.ts";
import { must, refused, type Subject, subject, understood } from "../subject.ts";
import { answered } from "../words.ts";

const typed = operations.filter(isTyped);
const EXAMPLES = typed.flatMap((operation) => operation.examples);
const VALUES = [
  "orders",
  "prod/orders",
  "3f9c0000",
  "Window sum",
  "s3://bucket/sp",
  "s3://bucket/sp/savepoint-3f9c00-1a2b",
  "last",
  "none",
  "8",
  "-1",
  "1e9",
  "99999999999999999999",
  "30m",
  "<@U0ANA00001|ana>",
  "<#C0FLINKOPS|ops>",
  "<https://a.example/x|a.example/x>",
  "&lt;b&gt;",
  "it's",
  '"',
];

function composed(random: Random): string {
  const operation = random.pick(typed);
  const all = argumentsOf(operation);
  const given = all.filter((a) => (a.required ? random.happens(0.95) : random.happens(0.35)));
  const words = given.flatMap((a) => {
    const value = spelled(valueOf(a, random), random);
    if (a.positional) return [value];
    if (a.kind === "switch") return [random.pick([a.flag, a.flag, `${a.flag}=false`])];
    return random.happens(0.3) ? [`${a.flag}=${value}`] : [a.flag, value];
  });
  return [operation.name, ...words].join(random.pick([" ", " ", " ", "  ", "\u00a0"]));
}

function valueOf(a: Argument, random: Random): string {
  if (random.happens(0.1)) return random.happens(0.7) ? nastyText(random) : random.pick(SECRETS);
  if (a.kind === "number")
    return String(random.whole(a.range?.[0] ?? 1, Math.min(a.range?.[1] ?? 9, 40_000)));
  if (a.kind === "choice") return random.pick(a.choices);
  return random.pick(VALUES);
}

const spelled = (value: string, random: Random): string =>
  /^[\w./:-]+$/u.test(value) || random.happens(0.05)
    ? value
    : random.pick([`"${value.replaceAll(/["\\]/gu, "\\$&")}"`, `“${value}”`, `'${value}'`]);

/** As Slack sends what somebody typed. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const LONGEST = 3_000;
/** The product's side, so that a test can break it. */
const product = { parse };

/** What people type behind the slash command. */
export const command = (door: typeof product = product): Subject =>
  subject({
    name: "command",
    make(random): string {
      const chance = random.next();
      if (chance < 0.25) return alteredText(random.pick(EXAMPLES), random);
      if (chance < 0.7) return composed(random);
      if (chance < 0.85) return alteredText(composed(random), random);
      if (chance < 0.95)
        return Array.from({ length: random.whole(0, 12) }, () =>
          random.pick([random.pick(VALUES), random.pick(typed).name, nastyText(random), "--arg", "—", "="]),
        ).join(random.pick([" ", ""]));
      return nastyText(random);
    },
    judge(text) {
      const read = door.parse(text, operations);
      if (read.is === "problem") {
        const { refuse, instead = [] } = read.refusal;
        must(instead.length > 0, () => `it says no and not what to do: ${plain(refuse)}`);
        // what was typed is repeated in part only
        const words = [refuse, ...instead].map(plain);
        must(words.join("").length <= 2_500, () => `${words.join("").length} characters are an answer`);
        answered(read.refusal, { echo: true });
        const own =
          typeof refuse === "string" ? refuse : refuse.map((s) => (typeof s === "string" ? s : "…")).join("");
        return refused(own);
      }
      const { operation, args, common } = read;
      // one that is whole; an edit may have torn it apart
      must(!JSON.stringify([args, common]).includes(`password=${CANARY}`), () => "a secret is accepted");
      const line = written(operation, {
        ...args,
        ...common,
        ...(operation.args.shape["cluster"] && { cluster: args["cluster"] ?? null }),
      });
      if (escaped(line).length <= LONGEST) {
        const again = door.parse(escaped(line), operations);
        must(
          isDeepStrictEqual(again, read),
          () =>
            `written as ${line}, it is read as ${JSON.stringify(again.is === "parsed" ? [again.operation.name, again.args, again.common] : plain(again.refusal.refuse))}`,
        );
      }
      return understood(operation.name);
    },
  });
