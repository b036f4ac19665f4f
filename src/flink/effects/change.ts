import { FlinkUnexpected, FlinkUnreachable } from "../../model/errors.ts";
import type { Lease, Sent } from "../../model/effect.ts";
import type { Json } from "../../model/json.ts";
import type { Access } from "../facts/settings.ts";
import { StoppedBefore, why } from "../rest/response.ts";
import type { Call } from "../rest/http.ts";

/** The id under which an effect is sent, and until when it may be. */
export interface Sending {
  effectId: string;
  lease: Lease;
}

export type Performed = Extract<Sent, { is: "accepted" | "refused" }>;

/** The call that `perform` sends; `accepted` reads Flink's answer. */
export interface Change {
  method: Exclude<Call["method"], "GET">;
  path: string;
  body: unknown;
  accepted: (body: unknown) => Json;
  mayTakeMs?: number;
}

/**
 * Sends a change once. A refusal is a value, whether from Flink or from a proxy that blocked the call. An answer that
 * cannot be understood throws FlinkUnreachable with `reached: "maybe"`: the change may have happened, so `ask` decides.
 */
export async function send(
  access: Pick<Access, "config" | "http">,
  change: Change,
  lease: Lease,
): Promise<Performed> {
  if (!access.config.changes) {
    return { is: "refused", reason: `${access.config.name} is read-only here, nothing was sent` };
  }
  const { accepted, ...what } = change;
  try {
    const answer = await access.http.call({ ...what, lease });
    return answer.ok
      ? { is: "accepted", answer: accepted(answer.body) }
      : { is: "refused", reason: why(answer) };
  } catch (error) {
    if (!(error instanceof FlinkUnexpected)) throw error;
    if (error instanceof StoppedBefore)
      return { is: "refused", reason: `the cluster ${error.did}: ${error.message}` };
    throw new FlinkUnreachable(error.message, "maybe", { cause: error, did: error.did });
  }
}
