import { isRefusal, type Refusal, type Report } from "../model/report.ts";
import { type Text, t } from "../model/text.ts";
import { type Message, type MessageBlock, section, sections } from "./blocks.ts";
import { chartBlock, CHARTS } from "./chart.ts";
import { outcomeWord } from "./card-status.ts";
import { type Installation, offerBlocks } from "./offers.ts";
import { lineBlocks, reportBlocks, tableBlocks } from "./report.ts";
import { tableBlock } from "./table.ts";
import { bold, mrkdwn, unstyled } from "./text.ts";

const LINE = { most: 1200 } as const;
const NO_TABLE = { head: [], rows: [] };

/** An answer for one person or a thread; within Slack's limits whatever its content. */
export const answer = (what: Report | Refusal, at: Installation): Message =>
  isRefusal(what) ? refusal(what, at) : report(what, at);

/** A text as a message. */
export function words(text: Text): Message {
  const shown = mrkdwn(text, { most: 2900 });
  return { text: fallback([text], 2900), blocks: [section(shown)] };
}

function report(what: Report, at: Installation): Message {
  const { symbol, word } = outcomeWord(what.outcome);
  const headline =
    what.outcome === "done" ? bold(what.headline) : t`${symbol} ${word}: ${bold(what.headline)}`;
  const text = fallback([
    what.outcome === "done" ? what.headline : t`${word}: ${what.headline}`,
    ...what.lines,
  ]);
  const within = (body: readonly MessageBlock[]): MessageBlock[] => [
    section(mrkdwn(headline, LINE)),
    ...body,
    ...offerBlocks(what.offers ?? [], at),
  ];
  const inWords = (): MessageBlock[] => within(reportBlocks(what, LINE));
  const table = what.table === undefined ? null : tableBlock(what.table);
  const charts = (what.charts ?? []).flatMap((chart) => chartBlock(chart) ?? []).slice(0, CHARTS);
  if (table === null && charts.length === 0) return { text, blocks: inWords() };
  const rows = table === null ? tableBlocks(what.table ?? NO_TABLE, LINE) : [table];
  return { text, blocks: within([...lineBlocks(what, LINE), ...charts, ...rows]), older: inWords };
}

function refusal(what: Refusal, at: Installation): Message {
  const instead = what.instead ?? [];
  return {
    text: fallback([what.refuse, ...instead]),
    blocks: [
      section(mrkdwn(what.refuse, LINE)),
      ...sections(
        instead.map((line) => mrkdwn(line, LINE)),
        4,
      ),
      ...offerBlocks(what.offers ?? [], at),
    ],
  };
}

/** The text for notifications and screen readers: the first lines, uncut. Slack takes none that is blank. */
function fallback(lines: readonly Text[], most = 700): string {
  const shown = lines.slice(0, 5).map((line) => mrkdwn(unstyled(line), { most }));
  return shown.filter((line) => line.trim() !== "").join("\n") || "–";
}
