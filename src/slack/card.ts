import type { Button, KnownBlock } from "@slack/types";
import type { Offer, Report } from "../model/report.ts";
import { b, code, plain, type Text, t } from "../model/text.ts";
import { askAgain } from "../requests/record/ask-again.ts";
import { isUnreviewed } from "../requests/record/claims.ts";
import { type RequestRecord, shortId } from "../requests/record/record.ts";
import { actionIds, decisionButtonValue } from "./action.ts";
import { actions, button, context, type Message, section, sections } from "./blocks.ts";
import { approvedBy, glassWords, decisions, standing, stateWord } from "./card-status.ts";
import { limits } from "./limits.ts";
import { type Installation, offerBlocks } from "./offers.ts";
import { reportBlocks, tableBlocks } from "./report.ts";
import { bold, joined, mrkdwn, type Names, plainText, type Rendering, unstyled } from "./text.ts";

export interface CardView extends Installation {
  /** The cluster's label, by which people recognize the environment. */
  labelOf(cluster: string): string;
  /** What people type for an operation of this name; absent: the name. */
  shownAs?(operation: string): string;
  /** Set for the first post only: an edit notifies nobody, but a post notifies everyone it mentions. */
  names?: Names | undefined;
  /** Of a copy in the approvers' channel: the link to the card where the request was made; null: it is unknown. */
  origin?: { link: string | null };
}

/** Length of one line of a card, UTF-16 units: enough for the longest useful reason, path or exception line. */
export const LINE = 700;

/**
 * The card of a request: a pure function of its record, within Slack's limits whatever the record holds. While the
 * request waits, it shows all that an approver must know; once it has ended, the result. "Details" shows the rest.
 */
export function card(record: RequestRecord, view: CardView): Message {
  const how = { most: LINE, names: view.names };
  const label = view.labelOf(record.target.cluster);
  const shown = { record, label, view, how };
  return {
    text: fallback(shown),
    blocks: [
      ...(record.end === null ? open(shown) : over(shown, record.end)),
      context(mrkdwn(footer(record, view), how)),
    ],
  };
}

/** A record, and how its card is drawn. */
interface Shown {
  record: RequestRecord;
  label: string;
  view: CardView;
  how: Rendering;
}

function open(shown: Shown): KnownBlock[] {
  const { record, label, how } = shown;
  const { symbol, word } = stateWord(record);
  const table = record.run?.table ?? null;
  const line = (text: Text): string => mrkdwn(text, how);
  return [
    section(line(t`${symbol} ${bold(record.intent.headline)} · ${b(label)} · ${word}`)),
    ...(record.reason === null ? [] : [section(line(t`Reason: ${record.reason}`))]),
    // who runs it has seen the terms, and "Details" repeats them
    ...(record.state === "running" ? [] : terms(record, how)),
    // a waiting card names its approvers where it says what is missing
    ...sections(
      [
        ...(record.state === "awaiting" ? [] : decisions(record)),
        ...glassWords(record).map((words) => t`🚨 ${words}`),
        ...standing(record),
      ].map(line),
      2,
    ),
    ...(table === null ? [] : tableBlocks(table, { most: LINE })),
    ...buttons(shown),
    context(line(joined([requestedBy(record), ...elsewhere(shown)], " · "))),
  ];
}

/** The losses, warnings and facts that an approver agrees to. */
export const terms = ({ intent }: RequestRecord, how: Rendering): KnownBlock[] => [
  ...titled("⚠️ *Will be lost or repeated:*", intent.losses, how),
  ...titled("⚠️ *Warnings:*", intent.warnings, how),
  ...sections(
    intent.details.map((text) => mrkdwn(text, how)),
    2,
  ),
];

/** Lines below a title; nothing where there are none. `title` is mrkdwn. */
export function titled(title: string, lines: readonly Text[], how: Rendering): KnownBlock[] {
  if (lines.length === 0) return [];
  return sections([title, ...lines.map((text) => `• ${mrkdwn(text, how)}`)], 2);
}

/** The result first, then its facts, who is responsible, and what to do next. */
function over(shown: Shown, { report, ending }: NonNullable<RequestRecord["end"]>): KnownBlock[] {
  const { record, label, view, how } = shown;
  const { symbol, word } = stateWord(record);
  const offers = [...(report.offers ?? []), ...(ending === "void" ? again(record, report) : [])];
  const hasRun = ending === "ran";
  // a headline of success says it all; every other symbol needs its word, because some readers cannot see it
  const state: Text = hasRun && report.outcome === "done" ? "" : t` · ${word}`;
  const headline = hasRun ? report.headline : record.intent.headline;
  return [
    section(mrkdwn(t`${symbol} ${bold(headline)} · ${b(label)}${state}`, how)),
    ...reportBlocks(hasRun ? report : { ...report, lines: [report.headline, ...report.lines] }, how),
    ...followUp(record, how),
    context(mrkdwn(joined([responsible(record), ...elsewhere(shown)], " · "), how)),
    ...offerBlocks(offers, view, [...review(record, view), ...details(record, view)]),
  ];
}

const requestedBy = ({ actor, askedAt }: RequestRecord): Text =>
  t`Requested by ${{ person: actor.user }} ${{ at: askedAt }}`;

/** The other place where the request is shown: on a copy the thread it came from, there the other channel. */
function elsewhere({ record, view: { origin } }: Shown): Text[] {
  const { place, approval, breakGlass, state, run } = record;
  if (origin === undefined) {
    const asked = state === "awaiting" ? approval?.copyIn : undefined;
    const announced = run === null ? undefined : breakGlass?.copyIn;
    return [
      ...(asked === undefined ? [] : [t`Approvers: ${{ channel: asked }}`]),
      ...(announced === undefined ? [] : [t`Announced in ${{ channel: announced }}`]),
    ];
  }
  const { link } = origin;
  return [
    t`in ${{ channel: place.channel }}`,
    ...(link === null ? [] : [[{ link, label: "Go to the request" }]]),
  ];
}

/** Who asked for it, who approved it, and why. */
export const responsible = (record: RequestRecord): Text =>
  joined(
    [
      requestedBy(record),
      ...approvedBy(record),
      ...glassWords(record),
      ...(record.reason === null ? [] : [t`Reason: ${record.reason}`]),
    ],
    " · ",
  );

/** The follow-up, some minutes after the end. */
function followUp({ second, end }: RequestRecord, how: Rendering): KnownBlock[] {
  if (second === null || end === null) return [];
  const minutes = Math.max(1, Math.round((second.dueAt - end.at) / 60_000));
  if (second.line === null) return [context(mrkdwn(t`Follow-up ${{ at: second.dueAt }}`, how))];
  const word = second.worse ? t`⚠️ ${b("Worse")} ` : "";
  return [section(mrkdwn(t`${word}${minutes} min later: ${second.line}`, how))];
}

/** What is void can be asked again, also where its report does not offer that. */
const again = (record: RequestRecord, report: Report): Offer[] =>
  (report.offers ?? []).some((o) => o.operation === record.operation) ? [] : [askAgain(record)];

/** While someone else has still to say whether break-glass was justified. */
function review(record: RequestRecord, { deployment }: CardView): Button[] {
  if (!isUnreviewed(record)) return [];
  const value = decisionButtonValue(deployment, record.id, "");
  const accessibility = plainText(`Review ${record.operation}`, limits.accessibilityLabel);
  return [button({ action: actionIds.review, label: "Review", style: "primary", value, accessibility })];
}

/** None where Slack would refuse the value, and with it the card. */
function details({ id, operation }: RequestRecord, { deployment }: CardView): Button[] {
  const value = decisionButtonValue(deployment, id, "");
  if (value.length > limits.buttonValue) return [];
  const accessibility = plainText(`Details of ${operation}`, limits.accessibilityLabel);
  return [button({ action: actionIds.details, label: "Details", value, accessibility })];
}

function buttons({ record, label, view }: Shown): KnownBlock[] {
  const more = details(record, view);
  const isDecided = record.state !== "awaiting" && record.state !== "ready";
  if (isDecided || record.supersededBy !== null) return actions(more);
  const act = view.shownAs?.(record.operation) ?? record.operation;
  const { losses, warnings } = record.intent;
  const what = `${plain(record.intent.headline)} on ${label}`;
  const one = (is: {
    action: string;
    verb: string;
    label: string;
    style?: "primary" | "danger";
    confirm?: { title: string; text: string };
  }): Button =>
    button({
      action: is.action,
      label: is.label,
      style: is.style,
      value: decisionButtonValue(view.deployment, record.id, record.approval?.digest ?? ""),
      accessibility: plainText(`${is.verb} ${act}: ${what}`, limits.accessibilityLabel),
      confirm: is.confirm && {
        title: plainText(is.confirm.title, limits.confirmTitle),
        text: plainText(is.confirm.text, limits.confirmText),
        yes: plainText(is.label, limits.confirmButton),
        danger: is.style === "danger",
      },
    });
  const withdraw = one({
    action: actionIds.withdraw,
    verb: "Withdraw",
    label: "Withdraw",
    confirm: {
      title: "Withdraw this request?",
      text: `${what}. It will not be started. Only the requester can withdraw it.`,
    },
  });
  if (record.state === "ready" || record.approval === null) return actions([...more, withdraw]);
  return [
    ...actions([
      one({
        action: actionIds.approve,
        verb: "Approve",
        label: `Approve ${act}`,
        style: record.class === "destructive" ? "danger" : "primary",
        confirm: {
          title: `Approve ${act}?`,
          text: [`${what}.`, ...[...losses, ...warnings].map(plain)].join(" "),
        },
      }),
      // its form asks for the reason, so it needs no dialog
      one({
        action: actionIds.deny,
        verb: "Deny",
        label: "Deny",
      }),
      one({
        action: actionIds.suggest,
        verb: "Suggest a change of",
        label: "Suggest a change",
      }),
      ...more,
      withdraw,
    ]),
    ...offerBlocks(record.intent.offers ?? [], view),
  ];
}

/** The ids, for the log and for `requests`. The deployment's name tells two bots of one workspace apart. */
export function footer({ id, target, launched, end }: RequestRecord, view: CardView): Text {
  const { cluster } = target;
  const where = view.labelOf(cluster) === cluster ? [] : [t`cluster ${cluster}`];
  const before = target.kind === "job" ? [t`job id ${code(target.jobId)}`] : [];
  const after = launched.map((l, i) => t`${i === 0 ? "started as" : "then as"} ${code(l.jobId)}`);
  const ended = end === null ? [] : [t`ended ${{ at: end.at }}`];
  return joined(
    [t`Request ${code(shortId(id))}`, ...where, ...before, ...after, ...ended, view.deployment],
    " · ",
  );
}

/** The full text for notifications and screen readers. */
function fallback({ record, label, view }: Shown): string {
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
