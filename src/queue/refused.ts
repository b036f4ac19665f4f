import type { Args } from "../command/validate.ts";
import type { Operation } from "../model/operation.ts";
import type { Said } from "../requests/ports/inbox.ts";
import { requestIdOf } from "../requests/record/identity.ts";
import type { Intake } from "../requests/record/record.ts";

/** What a worker would get to do. It acts on no cluster. */
export const intakeOf = (
  { name }: Operation,
  args: Args,
  { said, now }: { said: Omit<Said, "text">; now: number },
): Intake => ({
  v: 1,
  requestId: requestIdOf(said.actor.team, said.source),
  operation: name,
  args,
  cluster: "",
  find: "cluster",
  job: "",
  bound: null,
  actor: said.actor,
  place: said.place,
  reason: null,
  askedAt: now,
  parent: null,
});
