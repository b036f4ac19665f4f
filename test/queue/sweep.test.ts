import { expect, it } from "vitest";
import { createLog } from "../../src/platform/log.ts";
import { sweep } from "../../src/queue/sweep.ts";
import { FakeStore } from "../fakes/store.ts";
import { aRecord, aRun } from "../slack/a-record.ts";

const waiting = (holder: string) => ({ holder, words: "busy", claims: ["prod/id/j"] });

it("a request in line whose holder is over is woken, in case nobody else has done so; the others sleep on", async () => {
  const store = new FakeStore();
  const run = aRun();
  store.put(aRecord({ id: "holds", state: "running", run }));
  store.put(aRecord({ id: "over", state: "ended", run }));
  store.put(aRecord({ id: "rightly", state: "ready", waiting: waiting("holds") }));
  store.put(aRecord({ id: "behind one that is over", state: "ready", waiting: waiting("over") }));
  store.put(aRecord({ id: "behind one that is gone", state: "ready", waiting: waiting("gone") }));
  store.put(aRecord({ id: "for a cluster", state: "ready", waiting: { holder: null, words: "silent" } }));
  const woken: string[] = [];
  const queues = {
    ensure: () => Promise.resolve("live"),
    wake: (_: string, { requestId }: { requestId: string }) => Promise.resolve(void woken.push(requestId)),
  };
  await sweep({ store, queues: queues as never, zoneOf: () => "z", log: createLog("silent") }, "z");
  expect(woken).toEqual(["behind one that is over", "behind one that is gone"]);
});
