import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Config } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { ConfigError } from "../../../src/model/errors.ts";
import { plain } from "../../../src/model/text.ts";
import { operations } from "../../../src/operations/index.ts";
import { askable } from "../../../src/policy/askable.ts";
import { decide } from "../../../src/policy/decide.ts";
import { fullMember } from "../../../src/policy/person.ts";
import { type Question, questionOf } from "../../../src/policy/question.ts";
import type { Random } from "../../simulate/random.ts";
import { mutated } from "../mutate.ts";
import { alteredText } from "../nasty.ts";
import { must, refused, type Subject, subject, understood } from "../subject.ts";
import { fit } from "../words.ts";
import { withYamlPieces, yamlText } from "../yaml-text.ts";
import { problemKind } from "../problem-lines.ts";

const EXAMPLE = parse(readFileSync("policy.example.yml", "utf8")) as Record<string, unknown>;
const CONFIG = JSON.stringify({
  clusters: {
    "prod-payments": { url: "http://a", changes: true },
    "prod-risk": { url: "http://b", changes: true },
    sandbox: { url: "http://c", changes: true, dev: true },
  },
  seal: { keys: [{ env: "KEY" }] },
  policy: "policy.yml",
});
const ENV = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  REDIS_URL: "redis://r",
  KEY: "flinkops_seal_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};

/** Who asks for what, where and when. */
const QUESTIONS: readonly Question[] = ["status", "scale", "stop", "cancel", "savepoint", "run"].flatMap(
  (name) => {
    const operation = operations.find((o) => o.name === name);
    if (operation === undefined) return [];
    return ["prod-payments", "prod-risk", "sandbox"].flatMap((cluster) =>
      [false, true].map((breakGlass) =>
        questionOf(operation, {
          person: { ...fullMember({ user: "U0777777777", team: "T1" }), groups: new Set(["S0123456789"]) },
          channel: { id: "C0123456789", externallyShared: false, unreadable: null },
          cluster: { name: cluster, changes: true, operatorManaged: null, managedBy: null },
          jobs: [{ name: "orders", labels: { tier: "gold" } }],
          change: { parallelism: { from: 4, to: 128 }, drain: true },
          breakGlass,
          now: Date.UTC(2026, 11, breakGlass ? 24 : 1, 20),
        }),
      ),
    );
  },
);

function file(random: Random): string {
  const kept = Object.entries(EXAMPLE).filter(
    ([key]) => ["people", "rules"].includes(key) || random.happens(0.4),
  );
  const value = mutated(Object.fromEntries(kept), random, { shapes: 0.25, most: 2 });
  const text = yamlText(value, random);
  if (random.happens(0.04)) return withYamlPieces(text, random);
  return random.happens(0.04) ? alteredText(text, random) : text;
}

/** The product's side, so that a test can break it. */
const product = { loadConfig, decide };

/** Policy files, with their conditions and freezes, and what they decide. */
export const policy = (door: typeof product = product): Subject =>
  subject({
    name: "policy",
    make: file,
    judge(text) {
      let read: Config;
      try {
        read = door.loadConfig({
          file: "/etc/config.yml",
          env: ENV,
          roles: { bot: true, worker: { zone: null } },
          operations: askable(operations),
          readFile: (path) => (path.endsWith("policy.yml") ? text : CONFIG),
        });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return refused(problemKind(error.message));
      }
      const kinds = QUESTIONS.map((question) => decided(read, question, door));
      return understood([...new Set(kinds)].toSorted().join(", "));
    },
  });

/** A decision has its words, and what is destructive is never simply allowed where it matters. */
function decided({ policy: is }: Config, question: Question, door: typeof product): string {
  const decision = door.decide(is, question);
  fit(plain(decision.why), { most: 1_500, echo: true });
  const isFree =
    decision.is === "allow" && question.class === "destructive" && question.cluster?.name !== "sandbox";
  must(!isFree, () => `${question.operation} is allowed without approval: ${plain(decision.why)}`);
  if (decision.is === "needs approval")
    for (const list of decision.approval.requirements)
      for (const { from, count } of list)
        must(
          from.length > 0 && Number.isInteger(count) && count > 0,
          () => `an approval of ${count} of ${from.join(", ")}`,
        );
  return decision.is;
}
