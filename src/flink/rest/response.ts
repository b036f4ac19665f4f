import { FlinkNotYet, FlinkRefused, FlinkUnexpected, FlinkUnreachable } from "../../model/errors.ts";
import { classesOf } from "./causes.ts";
import { errorsSchema } from "../wire/jobs.ts";
import { firstSentence, forPeople } from "./error-text.ts";
import type { TailPlace } from "./tail.ts";

/** A raw HTTP answer, from Flink or from a proxy. */
export interface RawResponse {
  status: number;
  location: string | null;
  text: string;
  /** Set if the text is the end of a longer one, and no JSON. */
  place?: TailPlace;
}

/** Flink's own answer. `errors`: its messages if the status is not 2xx. They contain stack traces: never show them. */
export type FlinkResponse =
  | { ok: true; status: number; body: unknown }
  | { ok: false; status: number; errors: readonly string[] };

/** An answer that says no, in Flink's words. */
export type FlinkNo = Extract<FlinkResponse, { ok: false }>;

/** A redirect or a 4xx without Flink's error body: a proxy blocked the request, so Flink never received it. */
export class StoppedBefore extends FlinkUnexpected {}

/**
 * Transient errors: the request is valid, and it may have been carried out. The timeouts are those of Flink's internal
 * messages, including pekko's. CancellationException: of two concurrent reads of a job, one gets it while Flink
 * replaces the cached graph (flink-runtime, DefaultExecutionGraphCache.getExecutionGraphInternal).
 */
const PASSING: ReadonlySet<string> = new Set([
  "TimeoutException",
  "AskTimeoutException",
  "CancellationException",
]);

/**
 * The JobManager is initializing the job or recovering it after a failover. Flink refuses before it does anything, so
 * nothing has happened (flink-runtime, Dispatcher.getJobMasterGateway).
 */
const NOT_YET = "UnavailableDispatcherOperationException";

const LOGIN = "not Flink's API (does a proxy before Flink ask for a login?)";

/**
 * Classifies an answer: Flink's own success or refusal is a value. `doing` begins the error message, like
 * "reading jobs/overview of prod".
 *
 * Throws FlinkUnreachable for 502, 503, 504, 408, 429 and for a transient 500, a timeout or a cancelled future inside
 * Flink (the request may have been carried out). Throws FlinkUnexpected for everything that is not Flink's API.
 */
export function sortResponse(raw: RawResponse, doing: string): FlinkResponse {
  const { status, place } = raw;
  const body = place === undefined || isWebPage(raw) ? parseJson(raw.text) : { text: raw.text, ...place };
  if (status >= 200 && status < 300) {
    if (body !== undefined) return { ok: true, status, body };
    if (isWebPage(raw))
      throw new FlinkUnexpected(`${doing}: HTTP ${status} and a web page`, {
        did: `answered with a web page, ${LOGIN}`,
      });
    throw new FlinkUnexpected(`${doing}: HTTP ${status}, and the answer is not JSON`);
  }
  const parsed = errorsSchema.safeParse(body);
  const errors = parsed.success ? parsed.data.errors : null;
  if ([408, 429, 502, 503, 504].includes(status)) {
    const words = errors === null ? `HTTP ${status}` : firstSentence({ errors, status });
    throw new FlinkUnreachable(`${doing}: ${words}`, "maybe");
  }
  if (errors === null) throw foreign(raw, doing);
  const no: FlinkNo = { ok: false, status, errors };
  if (status === 500 && classesIn(no).some((name) => PASSING.has(name)))
    throw new FlinkUnreachable(`${doing}: ${firstSentence(no)}`, "maybe");
  return no;
}

/** Flink's refusal as an error to throw: FlinkNotYet or FlinkRefused. */
export const refused = (answer: FlinkNo): FlinkRefused =>
  isNotYet(answer) ? new FlinkNotYet() : new FlinkRefused(firstSentence(answer), answer.status);

/** Flink's refusal as one sentence. */
export const why = (answer: FlinkNo): string => refused(answer).message;

/** Flink has the job but cannot tell its state yet. */
export const isNotYet = (answer: FlinkNo): boolean =>
  answer.status === 500 && classesIn(answer).includes(NOT_YET);

/** Flink answers an unknown job with 404 on some paths and 500 on others. */
export const isUnknownJob = (answer: FlinkNo): boolean =>
  answer.errors.some((e) =>
    /FlinkJobNotFoundException|\bJob (?:[0-9a-f]{32} not|could not be) found/u.test(e),
  );

const classesIn = ({ errors }: FlinkNo): readonly string[] => errors.flatMap(classesOf);

function foreign(raw: RawResponse, doing: string): FlinkUnexpected {
  const { status } = raw;
  const { words, did } = foreignWords(raw);
  const options = did === undefined ? {} : { did };
  return status < 500
    ? new StoppedBefore(`${doing}: ${words}`, options)
    : new FlinkUnexpected(`${doing}: ${words}`, options);
}

function foreignWords(raw: RawResponse): { words: string; did?: string } {
  const { status } = raw;
  if (status >= 300 && status < 400) {
    const to = toHost(raw.location);
    return {
      words: `HTTP ${status}, a redirect${to}; redirects are not followed`,
      did: `answered with a redirect${to}, ${LOGIN}`,
    };
  }
  if (status === 401 || status === 403 || status === 407)
    return {
      words: `HTTP ${status} from a proxy before Flink; check the credentials in the cluster's configuration`,
    };
  if (status === 405) return { words: "HTTP 405; a proxy before Flink does not allow this method" };
  const words = `HTTP ${status} without Flink's error body`;
  return isWebPage(raw)
    ? { words: `${words} but a web page`, did: "answered with a web page, not Flink's API" }
    : { words };
}

const toHost = (location: string | null): string => {
  const host = location === null || !URL.canParse(location) ? null : new URL(location).host;
  return host === null ? "" : ` to ${forPeople(host)}`;
};

const isWebPage = (raw: RawResponse): boolean =>
  /^\s*(?:<!--[^]{0,2000}?-->\s*)?<(?:!doctype|html|head|body)/iu.test(raw.text);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
