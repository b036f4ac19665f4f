import type { ExceptionGroup } from "../wording/exception.ts";
import { shown } from "../wording/job.ts";
import type { JobTarget } from "../../model/target.ts";
import type { TextFile } from "../../model/report.ts";
import { count } from "../../model/units.ts";

/** Characters. A stack has about ten thousand at most, and nobody reads twenty of them. */
const MOST = 200_000;

/** The stack of each distinct failure, newest first. If it is too long, the end is cut, and the file says so. */
export function stackFile(target: JobTarget, groups: readonly ExceptionGroup[], now: number): TextFile {
  const { jobId, cluster } = target;
  const name = shown(target.name);
  // Slack previews the first five lines or so, so the first stack has to begin there
  const head = `Failures of ${name} (${jobId} on ${cluster}), newest first, at ${moment(now)}. Anything that looks like a secret is removed.`;
  return {
    name: `stacks-${jobId.slice(0, 8)}.txt`,
    title: `Stack traces of ${name}`,
    text: fitted(head, groups.map(chapter)),
  };
}

function chapter({ last, times, firstAt }: ExceptionGroup, n: number): readonly string[] {
  const often = times === 1 ? "" : `, ${times} times since ${moment(firstAt)}`;
  const where = [last.task, last.host].flatMap((x) => (x === null ? [] : [shown(x, 300)]));
  return ["", [`#${n + 1}  ${moment(last.at)}${often}`, ...where].join(" | "), ...last.stack.split("\n")];
}

/** As many whole lines as fit. */
function fitted(head: string, chapters: readonly (readonly string[])[]): string {
  const lines = [head];
  let { length } = head;
  for (const [i, chapter] of chapters.entries())
    for (const line of chapter) {
      length += line.length + 1;
      if (length > MOST) {
        const older = chapters.length - i - 1;
        const rest = older === 0 ? "" : ` and ${count(older, "older failure")}`;
        return `${lines.join("\n")}\n\n[Cut after ${MOST} characters: the rest of #${i + 1}${rest} left out]\n`;
      }
      lines.push(line);
    }
  return `${lines.join("\n")}\n`;
}

/** To the second, in UTC, because a file cannot adapt to its reader's time zone. */
const moment = (at: number): string => {
  const date = new Date(at);
  return Number.isNaN(date.getTime())
    ? "an unknown time"
    : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
};
