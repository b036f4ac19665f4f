import { isDeepStrictEqual } from "node:util";
import { FlinkProblem, OpsError } from "../../../src/model/errors.ts";
import type { Intent } from "../../../src/model/intent.ts";
import { isTyped } from "../../../src/model/operation.ts";
import { isRefusal } from "../../../src/model/report.ts";
import { plain } from "../../../src/model/text.ts";
import { operations } from "../../../src/operations/index.ts";
import { digestOf } from "../../../src/requests/record/binding.ts";
import { parseRecord } from "../../../src/requests/record/kept.ts";
import type { RequestRecord } from "../../../src/requests/record/record.ts";
import { card } from "../../../src/slack/card.ts";
import { detailsModal } from "../../../src/slack/details.ts";
import { JOB_ID } from "../../fakes/flink-reads.ts";
import { anEntry, aState, FakeKnowledge } from "../../fakes/knowledge.ts";
import { asked } from "../../operations/ask.ts";
import { Drive, EFFECT_ID } from "../../operations/drive.ts";
import { aRecord, view } from "../../slack/a-record.ts";
import { type Bodies, bodiesFor, readsOver } from "../flink-bodies.ts";
import { must, type Outcome, refused, type Subject, subject, understood } from "../subject.ts";
import { answered, clean, fit, taken, takenModal } from "../words.ts";

/** What is typed and reads or changes a job or a cluster: the examples of each operation, with names that exist. */
const COMMANDS = operations
  .filter((o) => isTyped(o) && (o.kind === "read" || o.kind === "change"))
  .flatMap((o) =>
    o.examples.flatMap((text) =>
      [text, existing(text)].map((is) => ({ text: is, kind: o.kind, name: o.name })),
    ),
  );

function existing(text: string): string {
  return text
    .replaceAll("Window", "count")
    .replaceAll("orders-*", "orders*")
    .replace(/(dispose|--from) s3:\S+/u, `$1 ${aState().path}`)
    .replace("scale orders 4", "scale orders 2");
}

/** No job runs under the name of the one that is to be started. */
const NO_JOBS = { jobs: { status: 200, text: '{"jobs":[]}' } };

interface Asked {
  text: string;
  kind: string;
  name: string;
  bodies: Bodies;
}

/** The product's side, so that a test can break it. */
const product = { asked, card };

/** What people read of Flink's answers: reports, the cards of changes, and what is stored of them. */
export const answers = (door: typeof product = product): Subject =>
  subject({
    name: "answers",
    make(random): Asked {
      const command = random.pick(COMMANDS);
      const isStart = command.name === "run" && random.happens(0.8);
      return { ...command, bodies: { ...(isStart && NO_JOBS), ...bodiesFor(random) } };
    },
    async judge({ text, kind, name, bodies }) {
      try {
        return kind === "read"
          ? await read({ text, name, bodies }, door)
          : await change({ text, name, bodies }, door);
      } catch (error) {
        if (!(error instanceof OpsError)) throw error;
        clean(error.message, { most: 700 });
        if (error instanceof FlinkProblem) clean(error.sentence, { most: 700 });
        return refused(`${name} ${error.name}`);
      }
    },
  });

type Of = Pick<Asked, "text" | "name" | "bodies">;

async function read({ text, name, bodies }: Of, door: typeof product): Promise<Outcome> {
  const what = await door.asked(text, readsOver(bodies), knowledge());
  answered(what);
  return isRefusal(what) ? refused(`${name}: ${plain(what.refuse)}`) : understood(name);
}

async function change({ text, name, bodies }: Of, door: typeof product): Promise<Outcome> {
  const drive = new Drive(text, readsOver(bodies));
  Object.assign(drive.known, knowledge());
  const opened = await drive.open();
  if (isRefusal(opened)) {
    answered(opened);
    return refused(`${name}: ${plain(opened.refuse)}`);
  }
  recorded(opened, door);
  const effect = await drive.effect();
  const seen = await drive.observe({ effect, sent: { is: "accepted", answer: { disposal: EFFECT_ID } } });
  if (seen.kind === "end") answered(seen.report);
  if (seen.kind === "pending") fit(plain(seen.note), { most: 2_000 });
  return understood(`${name} ${seen.kind}`);
}

/** The plan on a card, and the record as it comes back from Redis. */
function recorded(intent: Intent, door: typeof product): void {
  const draft = aRecord({ intent, class: intent.class ?? "operate" });
  const record: RequestRecord = {
    ...draft,
    approval: { ...aRecord().approval, digest: digestOf(draft) } as never,
  };
  fit(plain(intent.headline), { most: 2_000 });
  for (const line of [...intent.losses, ...intent.warnings, ...intent.details])
    fit(plain(line), { most: 4_000 });
  taken(door.card(record, view));
  takenModal(detailsModal(record, view));
  const kept = parseRecord(JSON.stringify(record));
  must(digestOf(kept) === digestOf(record), () => "the digest of a stored plan is another one");
  must(
    isDeepStrictEqual(kept, JSON.parse(JSON.stringify(kept))),
    () => "a stored plan is not read as it was written",
  );
}

/** A catalog entry and a state to start from, so that jobs can be started. */
function knowledge(): FakeKnowledge {
  const known = new FakeKnowledge();
  known.catalogue = { entries: [anEntry()], anyJarOn: ["prod"] };
  known.states = [aState()];
  known.launches = [
    {
      jobId: JOB_ID,
      from: aState().path,
      jar: "44098cf3-be41-4f66-8079-80d388a4e81f_orders-2.jar",
      entryClass: null,
      args: ["--topic", "orders"],
      parallelism: 1,
      allowNonRestoredState: false,
    },
  ];
  return known;
}
