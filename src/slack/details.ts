import type { KnownBlock, PlainTextElement } from "@slack/types";
import { b, type Text, t } from "../model/text.ts";
import { type RequestRecord, shortId } from "../requests/record/record.ts";
import type { formIds } from "./action.ts";
import { context, divider, section } from "./blocks.ts";
import { type CardView, footer, LINE, responsible, terms, titled } from "./card.ts";
import { decidedBy, standing, stateWord, votesInFull } from "./card-status.ts";
import { reportBlocks, tableBlocks } from "./report.ts";
import { bold, mrkdwn, type Rendering } from "./text.ts";

/** https://docs.slack.dev/reference/views/modal-views */
const BLOCKS = 100;

/** A modal: one to read, or with `submit` a form. */
export interface Modal {
  type: "modal";
  title: PlainTextElement;
  close: PlainTextElement;
  blocks: KnownBlock[];
  submit?: PlainTextElement;
  callback_id?: (typeof formIds)[number];
  private_metadata?: string;
}

/** Everything that is recorded of a request, for the modal behind "Details". Mentions in a modal notify nobody. */
export function detailsModal(record: RequestRecord, view: Omit<CardView, "names">): Modal {
  const how: Rendering = { most: LINE };
  const { symbol, word } = stateWord(record);
  const label = view.labelOf(record.target.cluster);
  const blocks = [
    section(mrkdwn(t`${symbol} ${b(word)} · ${record.intent.headline} · ${b(label)}`, how)),
    context(mrkdwn(responsible(record), how)),
    ...terms(record, how),
    ...titled("*Decisions:*", [...votesInFull(record), ...standing(record), ...decidedBy(record)], how),
    ...titled("*Progress:*", record.milestones.map(milestone), how),
    ...result(record, how),
    context(mrkdwn(footer(record, view), how)),
  ];
  return {
    type: "modal",
    title: { type: "plain_text", text: `Request ${shortId(record.id)}` },
    close: { type: "plain_text", text: "Close" },
    blocks: blocks.slice(0, BLOCKS),
  };
}

const milestone = ({ at, text }: RequestRecord["milestones"][number]): Text => t`${{ at }} ${text}`;

function result({ end, run }: RequestRecord, how: Rendering): KnownBlock[] {
  const table = run?.table ?? null;
  const during = table === null ? [] : tableBlocks(table, how);
  if (end === null) return during;
  return [
    divider(),
    section(mrkdwn(bold(end.report.headline), how)),
    ...reportBlocks(end.report, how),
    ...(end.report.table === undefined ? during : []),
  ];
}
