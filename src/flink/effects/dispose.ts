import type { Asked, Effect, FlinkCall, Lease } from "../../model/effect.ts";
import type { Access } from "../facts/settings.ts";
import { read } from "../wire/jobs.ts";
import { disposalStarted } from "../wire/run.ts";
import { type Performed, send } from "./change.ts";

type Dispose = Extract<Effect, { do: "dispose" }>;

export const call = (effect: Dispose): FlinkCall => ({
  method: "POST",
  path: "/savepoint-disposal",
  body: { "savepoint-path": effect.path },
});

/** Flink answers before the disposal is done; the result is kept under the id in the answer. */
export function perform(access: Access, effect: Dispose, lease: Lease): Promise<Performed> {
  const what = call(effect);
  const accepted = (answer: unknown) => ({ disposal: read(disposalStarted, answer, `sending ${what.path}`) });
  return send(access, { ...what, accepted }, lease);
}

/** Flink chooses the id, so without its answer nobody can ask for the result. */
export const ask = (sent: "no" | "perhaps"): Promise<Asked> =>
  Promise.resolve(
    sent === "no"
      ? { is: "not" }
      : { is: "unknown", looked: "Flink names a disposal only in its answer, and the answer was lost" },
  );
