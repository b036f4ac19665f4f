import type { AuditHistory, PastRequest } from "../model/knowledge.ts";
import { readLink, type ReadLink } from "./chain.ts";
import type { AuditStream } from "./stream.ts";

/** How many entries one answer reads, and how many at once. */
const MOST_READ = 3000;
const AT_ONCE = 500;

export interface HistoryOptions {
  stream: Pick<AuditStream, "head" | "below">;
  /** The link to a request's card; null: unknown. */
  linkOf: (requestId: string) => Promise<string | null>;
}

/** Requests as the chained audit log tells them, read from its head back. */
export function createHistory({ stream, linkOf }: HistoryOptions): AuditHistory {
  return {
    async past({ about, since, most }) {
      const { entries, isWhole, isAll } = await readBack(stream, since);
      const stories = storiesOf(entries);
      const found = stories.filter((story) => (about === null ? !story.isChild : isAbout(story, about)));
      const shown = found.slice(0, most);
      return {
        requests: await Promise.all(
          shown.map(async ({ request }) => ({ ...request, link: await linkOf(request.id) })),
        ),
        isAll: isAll && found.length <= most,
        isWhole,
      };
    },
  };
}

/**
 * The entries since a time, newest first. The head is sealed, and each entry must be the one that the newer one names:
 * what someone else put into the chain is not read.
 */
async function readBack(stream: HistoryOptions["stream"], since: number) {
  const { head } = await stream.head();
  const entries: ReadLink[] = [];
  let next = head === null ? null : { n: head.n, hash: head.hash };
  while (next !== null && next.n > 0 && entries.length < MOST_READ) {
    const batch = await stream.below(next.n + 1, AT_ONCE);
    // the beginning was trimmed
    if (batch.length === 0) break;
    for (const { line } of batch) {
      const read = readLink(line);
      if (read === null || !read.whole || read.n !== next.n || read.hash !== next.hash)
        return { entries, isWhole: false, isAll: false };
      if (read.at < since) return { entries, isWhole: true, isAll: true };
      entries.push(read);
      next = { n: read.n - 1, hash: read.prev };
    }
  }
  return { entries, isWhole: true, isAll: entries.length < MOST_READ };
}

interface Story {
  request: Omit<PastRequest, "link">;
  isChild: boolean;
  jobIds: ReadonlySet<string>;
  /** Ids and names of everyone in it, in lower case. */
  people: ReadonlySet<string>;
}

/** The ends of a request; `ended` has its outcome in the detail. */
const ENDS = new Set(["refused", "denied", "expired", "withdrawn", "void", "ended", "superseded"]);

/** `entries`: newest first. So are the requests, by their newest entry. */
function storiesOf(entries: readonly ReadLink[]): readonly Story[] {
  const byId = new Map<string, ReadLink[]>();
  for (const read of entries) {
    const id = text(read.entry["requestId"]);
    if (id !== "") byId.set(id, [...(byId.get(id) ?? []), read]);
  }
  return [...byId].flatMap(([id, own]) => {
    const [newest] = own;
    return newest === undefined ? [] : [storyOf(id, newest, own)];
  });
}

function storyOf(id: string, newest: ReadLink, own: readonly ReadLink[]): Story {
  const { entry } = newest;
  const of = (event: string): readonly ReadLink[] => own.filter((read) => read.entry["event"] === event);
  const end = own.find((read) => ENDS.has(text(read.entry["event"])) && "outcome" in detailOf(read));
  const asked = of("asked")[0];
  const approved = of("approved").map((read) => text(read.entry["actor"]));
  const people = own.flatMap((read) => [
    text(read.entry["requester"]),
    text(read.entry["actor"]),
    text(detailOf(read)["name"]),
  ]);
  return {
    request: {
      id,
      headline: text(entry["headline"]),
      cluster: text(entry["cluster"]),
      jobName: text(entry["jobName"]) || null,
      requester: text(entry["requester"]),
      approvedBy: [...new Set(approved)].toReversed(),
      breakGlass: glassOf(asked, of("reviewed")[0]),
      at: asked?.at ?? newest.at,
      outcome: end === undefined ? "open" : outcomeOf(end),
    },
    isChild: entry["parent"] !== null,
    jobIds: new Set(own.map((read) => text(read.entry["jobId"])).filter((jobId) => jobId !== "")),
    people: new Set(people.filter((one) => one !== "").map((one) => one.toLowerCase())),
  };
}

function glassOf(asked: ReadLink | undefined, reviewed: ReadLink | undefined): PastRequest["breakGlass"] {
  if (reviewed !== undefined) {
    const by = text(reviewed.entry["actor"]);
    return { reviewed: { by, justified: detailOf(reviewed)["justified"] === true } };
  }
  return asked !== undefined && "breakGlass" in detailOf(asked) ? { reviewed: null } : null;
}

function outcomeOf(end: ReadLink): string {
  const event = text(end.entry["event"]);
  return event === "ended" || event === "superseded" ? text(detailOf(end)["outcome"]) : event;
}

function isAbout({ request, people, jobIds }: Story, about: string): boolean {
  const typed = about.replace(/^@/u, "").toLowerCase();
  if ([request.cluster, request.jobName, `${request.cluster}/${request.jobName}`].includes(about))
    return true;
  return people.has(typed) || (typed.length >= 6 && [...jobIds].some((id) => id.startsWith(typed)));
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const detailOf = ({ entry }: ReadLink): { readonly [key: string]: unknown } =>
  typeof entry["detail"] === "object" && entry["detail"] !== null
    ? Object.fromEntries(Object.entries(entry["detail"]))
    : {};
