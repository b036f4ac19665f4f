import { FlinkRefused, FlinkUnexpected, FlinkUnreachable } from "../errors.ts";
import { firstSentence, forPeople } from "./words.ts";
import { errorsSchema } from "./wire.ts";

/** What came back over HTTP, whoever sent it. */
export interface RawAnswer {
  status: number;
  location: string | null;
  text: string;
}

/** An answer of Flink's own. `errors` are its words where the status is not 2xx, stacks included: never show them. */
export type Answer =
  | { ok: true; status: number; body: unknown }
  | { ok: false; status: number; errors: readonly string[] };

/** A redirect or a 4xx without Flink's error body: something before Flink stopped the request, it never got there. */
export class StoppedBefore extends FlinkUnexpected {}

/**
 * Nothing is wrong with what was asked. Cancelled: of two who read a job at once, the one whose cached graph is just
 * being replaced (flink-runtime, DefaultExecutionGraphCache.getExecutionGraphInternal). Unavailable: the job is being
 * brought back, as after a fail-over (flink-runtime, Dispatcher.getJobMasterGateway).
 */
const PASSING = /TimeoutException|CancellationException|UnavailableDispatcherOperationException/u;

/**
 * Sorts an answer: Flink's own yes or no is a value. `doing` is the start of the error message, like
 * "reading jobs/overview of prod".
 *
 * Throws FlinkUnreachable for 502, 503, 504, 408, 429 and for a 500 that passes: a time-out or a cancelled future inside
 * Flink, a job that is being brought back (it may have happened all the same), FlinkUnexpected for everything that is not Flink's API.
 */
export function sortAnswer(raw: RawAnswer, doing: string): Answer {
  const body = parseJson(raw.text);
  const { status } = raw;
  if (status >= 200 && status < 300) {
    if (body === undefined) throw new FlinkUnexpected(`${doing}: the answer is not JSON${hint(raw)}`);
    return { ok: true, status, body };
  }
  const parsed = errorsSchema.safeParse(body);
  const errors = parsed.success ? parsed.data.errors : null;
  if ([408, 429, 502, 503, 504].includes(status)) {
    const words = errors === null ? `HTTP ${status}` : firstSentence(errors);
    throw new FlinkUnreachable(`${doing}: ${words}`, "maybe");
  }
  if (errors === null) {
    const words = `${doing}: ${foreign(raw)}`;
    throw status < 500 ? new StoppedBefore(words) : new FlinkUnexpected(words);
  }
  if (status === 500 && errors.some((e) => PASSING.test(e))) {
    throw new FlinkUnreachable(`${doing}: ${firstSentence(errors)}`, "maybe");
  }
  return { ok: false, status, errors };
}

/** Flink's no as the error to throw, for callers that have no better use for it. */
export const refused = (answer: Extract<Answer, { ok: false }>): FlinkRefused =>
  new FlinkRefused(firstSentence(answer.errors), answer.status);

/** Flink answers an unknown job with 404 here and 500 there. */
export const isUnknownJob = (answer: Extract<Answer, { ok: false }>): boolean =>
  answer.errors.some((e) =>
    /FlinkJobNotFoundException|\bJob (?:[0-9a-f]{32} not|could not be) found/u.test(e),
  );

function foreign(raw: RawAnswer): string {
  const { status } = raw;
  if (status >= 300 && status < 400) {
    return `HTTP ${status}, a redirect${toHost(raw.location)}; redirects are not followed`;
  }
  if (status === 401 || status === 403 || status === 407) {
    return `HTTP ${status} from something before Flink; its credentials are in the cluster's configuration`;
  }
  if (status === 405) return "HTTP 405; a proxy before Flink does not let this method through";
  return `HTTP ${status} without Flink's error body${hint(raw)}`;
}

const toHost = (location: string | null): string => {
  const host = location === null || !URL.canParse(location) ? null : new URL(location).host;
  return host === null ? "" : ` to ${forPeople(host)}`;
};

const hint = (raw: RawAnswer): string => (/^\s*<(?:!doctype|html)/iu.test(raw.text) ? " but a web page" : "");

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
