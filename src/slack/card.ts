import type { KnownBlock } from "@slack/types";
import type { Offer, Report } from "../model/report.ts";
import { b, code, type Text, t } from "../model/text.ts";
import { type RequestRecord, shortId } from "../requests/record/record.ts";
import { actionIds, decisionButtonValue } from "./action.ts";
import { actions, button, context, type Message, section, sections } from "./blocks.ts";
import { decisions, standing, stateWord } from "./card-status.ts";
import { limits, truncate } from "./limits.ts";
import { type Installation, offerBlocks } from "./offers.ts";
import { reportBlocks, tableBlocks } from "./report.ts";
import { bold, joined, mrkdwn, type Names, plainText, plainWords, type Rendering, unstyled } from "./text.ts";

export interface CardView extends Installation {
  /** The cluster's label, by which people recognize the environment. */
  labelOf(cluster: string): string;
  /** Set for the first post only: an edit notifies nobody, but a post notifies everyone it mentions. */
  names?: Names | undefined;
}

/** Length of one line of a card, UTF-16 units: enough for the longest useful reason, path or exception line. */
const LINE = 700;

/**
 * The card of a request: a pure function of its record, within Slack's limits whatever the record holds, and readable a
 * year later without the bot.
 */
export function card(record: RequestRecord, view: CardView): Message {
  const line = (text: Text): string => mrkdwn(text, { most: LINE, names: view.names });
  const label = view.labelOf(record.target.cluster);
  return {
    text: fallback(record, label, view),
    blocks: [
      ...head(record, label, line),
      ...terms(record, line),
      ...now(record, line),
      ...end(record, view),
      ...buttons(record, label, view),
      context(line(footer(record, view.deployment))),
    ],
  };
}

type Line = (text: Text) => string;

function head(record: RequestRecord, label: string, line: Line): KnownBlock[] {
  const { symbol, word } = stateWord(record);
  const { target } = record;
  const cluster =
    label === target.cluster ? t`Cluster ${b(label)}` : t`Cluster ${b(label)} (${target.cluster})`;
  return [
    section(line(t`${symbol} ${b(word)} · ${record.intent.headline} · ${b(label)}`)),
    ...(record.reason === null ? [] : [section(line(t`Reason: ${record.reason}`))]),
    context(
      [
        line(cluster),
        ...actsOn(target).map(line),
        line(t`requested by ${{ person: record.actor.user }} ${{ at: record.askedAt }}`),
      ].join(" · "),
    ),
  ];
}

function actsOn(target: RequestRecord["target"]): Text[] {
  switch (target.kind) {
    case "job":
      return [t`job ${b(truncate(target.name, 200))} ${code(target.jobId.slice(0, 8))}`];
    case "name":
      return [t`job ${b(truncate(target.name, 200))}`];
    // the headline names the target, and a path would fill the whole line
    case "path":
    case "cluster":
      return [];
  }
}

function titled(title: string, lines: readonly Text[], line: Line): KnownBlock[] {
  if (lines.length === 0) return [];
  return sections([title, ...lines.map((text) => `• ${line(text)}`)], 2);
}

/** The losses, warnings and details that an approver agrees to. */
const terms = (record: RequestRecord, line: Line): KnownBlock[] => [
  ...titled("⚠️ *Will be lost or repeated:*", record.intent.losses, line),
  ...titled("⚠️ *Warnings:*", record.intent.warnings, line),
  ...sections(record.intent.details.map(line), 2),
];

function now(record: RequestRecord, line: Line): KnownBlock[] {
  const table = record.end === null ? record.run?.table : null;
  const milestones = record.milestones.slice(-12).map((m) => t`• ${{ at: m.at }} ${m.text}`);
  return [
    ...sections([...decisions(record), ...standing(record)].map(line), 2),
    ...(table == null ? [] : tableBlocks(table, { most: LINE })),
    ...sections(milestones.map(line), 2),
  ];
}

function end(record: RequestRecord, view: CardView): KnownBlock[] {
  if (record.end === null) return [];
  const { report, at, ending } = record.end;
  const offers = [...(report.offers ?? []), ...(ending === "void" ? askAgain(record, report) : [])];
  const how = { most: LINE, names: view.names };
  return [
    section(mrkdwn(bold(report.headline), how)),
    ...reportBlocks(report, how),
    context(mrkdwn(t`Ended ${{ at }}`, how)),
    ...secondLook(record, how),
    ...offerBlocks(offers, view),
  ];
}

/** The follow-up, some minutes after the end. */
function secondLook({ second, end: over }: RequestRecord, how: Rendering): KnownBlock[] {
  if (second === null || over === null) return [];
  const minutes = Math.max(1, Math.round((second.dueAt - over.at) / 60_000));
  if (second.line === null)
    return [context(mrkdwn(t`flinkops looks once more ${{ at: second.dueAt }}`, how))];
  const word = second.worse ? t`⚠️ ${b("Worse")} ` : "";
  return [section(mrkdwn(t`${word}${minutes} min later: ${second.line}`, how))];
}

/** The user who presses it becomes the new requester. */
const askAgain = (record: RequestRecord, report: Report): Offer[] =>
  (report.offers ?? []).some((o) => o.operation === record.operation)
    ? []
    : [{ label: "Ask again", operation: record.operation, args: record.args }];

function buttons(record: RequestRecord, label: string, view: CardView): KnownBlock[] {
  if (record.end !== null || record.supersededBy !== null) return [];
  if (record.state !== "awaiting" && record.state !== "ready") return [];
  const act = record.operation;
  const what = `${plainWords(record.intent.headline)} on ${label}`;
  const danger = record.class === "destructive";
  const losses = record.intent.losses.map(plainWords);
  const one = (
    action: string,
    verb: string,
    does: { label: string; style?: "primary" | "danger"; text: string },
  ) =>
    button({
      action,
      label: does.label,
      style: does.style,
      value: decisionButtonValue(view.deployment, record.id, record.approval?.digest ?? ""),
      accessibility: plainText(`${verb} ${act}: ${what}`, limits.accessibilityLabel),
      confirm: {
        title: plainText(`${verb} ${act}?`, limits.confirmTitle),
        text: plainText(does.text, limits.confirmText),
        yes: plainText(`${verb} ${act}`, limits.confirmButton),
        danger: does.style === "danger",
      },
    });
  const withdraw = one(actionIds.withdraw, "Withdraw", {
    label: "Withdraw",
    text: `${what}. It will not be started; only the requester may withdraw it.`,
  });
  if (record.state === "ready" || record.approval === null) return actions([withdraw]);
  const decide = actions([
    one(actionIds.approve, "Approve", {
      label: `Approve ${act}`,
      style: danger ? "danger" : "primary",
      text: [`${what}.`, ...losses].join(" "),
    }),
    one(actionIds.deny, "Deny", { label: "Deny", text: `${what}. It will not be started.` }),
    withdraw,
  ]);
  return [...decide, ...offerBlocks(record.intent.offers ?? [], view)];
}

function footer(record: RequestRecord, deployment: string): Text {
  const before = record.target.kind === "job" ? [t`job id ${code(record.target.jobId)}`] : [];
  const after = record.launched.map((l) => t`started as ${code(l.jobId)}`);
  return joined([t`Request ${code(shortId(record.id))}`, ...before, ...after, deployment], " · ");
}

/** The full text for notifications and screen readers. */
function fallback(record: RequestRecord, label: string, view: CardView): string {
  const sentences: Text[] = [
    t`${stateWord(record).word}: ${record.intent.headline} on ${label}`,
    ...(record.reason === null ? [] : [t`Reason: ${record.reason}`]),
    t`Requested by ${{ person: record.actor.user }}`,
    ...(record.end === null ? [] : [record.end.report.headline]),
    ...(record.end === null && record.intent.losses.length > 0
      ? [t`Will be lost or repeated: ${joined(record.intent.losses, "; ")}`]
      : []),
  ];
  const lines = sentences.map((s) =>
    mrkdwn(unstyled(s), { most: 600, names: view.names }).replace(/[.\s]+$/u, ""),
  );
  return `${lines.join(". ")}.`;
}
