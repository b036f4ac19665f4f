import type { Clock } from "../../platform/clock.ts";
import { OpsError } from "../../model/errors.ts";
import type { Measures } from "../../model/measures.ts";
import type { Connections, Http } from "./http.ts";

/** Connections to one cluster that measure each call. A read that was tried several times is one call. */
export function measuredConnections(
  connections: Connections,
  { cluster, measures, clock }: { cluster: string; measures: Measures; clock: Clock },
): Connections {
  const over = (http: Http): Http => ({
    async call(call) {
      const began = clock.monotonic();
      const took = (result: string): void => {
        const of = { cluster, method: call.method, result };
        measures.took("flinkops.flink.call.duration", clock.monotonic() - began, of);
      };
      try {
        const answer = await http.call(call);
        took(String(answer.status));
        return answer;
      } catch (error) {
        took(error instanceof OpsError ? error.code : "error");
        throw error;
      }
    },
  });
  return {
    ...connections,
    lane: (lane) => over(connections.lane(lane)),
    hurried: (lane, ms) => over(connections.hurried(lane, ms)),
  };
}
