import type { Measures } from "../../model/measures.ts";
import type { Conversation } from "../ports/conversation.ts";
import type { RequestRecord } from "../record/record.ts";

/** A conversation that measures how long a request waits for its card. `now`: ms by Redis's clock. */
export const measuredCards = (
  conversation: Conversation,
  { measures, now }: { measures: Measures; now: () => number },
): Conversation => ({
  ...conversation,
  async postCard(outgoing, copy) {
    const drawn: RequestRecord[] = [];
    const newest = async () => {
      const what = await outgoing.newest();
      if (what !== null) drawn.push(what);
      return what;
    };
    const posted = await conversation.postCard({ ...outgoing, newest }, copy);
    const record = drawn.at(-1);
    if (posted !== null && record !== undefined && copy === undefined)
      measures.took("flinkops.request.card.duration", now() - record.askedAt, {
        operation: record.operation,
      });
    return posted;
  },
});
