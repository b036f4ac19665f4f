import type { Clock } from "../../platform/clock.ts";
import { OpsError } from "../../model/errors.ts";
import type { Measures } from "../../model/measures.ts";
import type { Traces } from "../../model/traces.ts";
import type { Call, Connections, Http } from "./http.ts";

/** As OpenTelemetry names them. A query may hold what people typed, and is left out. */
const semantic = ({ method, path }: Call) => ({
  "http.request.method": method,
  "url.path": path.split("?", 1)[0] ?? "",
});

/** Connections to one cluster that measure and trace each call. A read that was tried several times is one call. */
export function measuredConnections(
  connections: Connections,
  { cluster, measures, traces, clock }: { cluster: string; measures: Measures; traces: Traces; clock: Clock },
): Connections {
  const over = (http: Http): Http => ({
    async call(call) {
      const began = clock.monotonic();
      const took = (result: string): void => {
        const of = { cluster, method: call.method, result };
        measures.took("flinkops.flink.call.duration", clock.monotonic() - began, of);
      };
      const facts = { "flinkops.cluster": cluster, ...semantic(call) };
      return await traces.call({ name: call.method, facts }, async (note) => {
        try {
          const answer = await http.call(call);
          took(String(answer.status));
          note({ "http.response.status_code": answer.status });
          return answer;
        } catch (error) {
          const code = error instanceof OpsError ? error.code : "error";
          took(code);
          note({ "error.type": code });
          throw error;
        }
      });
    },
  });
  return {
    ...connections,
    lane: (lane) => over(connections.lane(lane)),
    hurried: (lane, ms) => over(connections.hurried(lane, ms)),
  };
}
