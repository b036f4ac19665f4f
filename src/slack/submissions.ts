import type { Inbox } from "../requests/ports/inbox.ts";
import { words } from "./answer-message.ts";
import type { Message } from "./blocks.ts";
import type { Denial } from "./deny.ts";
import type { SendEphemeral } from "./ephemeral.ts";
import { type FieldErrors, wrongField } from "./forms.ts";
import type { Submission } from "./payload.ts";
import { readReview } from "./review.ts";
import { makeSuggestion, readSuggestion } from "./suggest.ts";

interface SubmissionOptions {
  inbox: Inbox;
  tell: SendEphemeral;
  /** Runs it; where it fails, the person is told a reference for the log. */
  guarded: (run: () => Promise<void>, say: (message: Message) => Promise<void>) => Promise<void>;
}

/** `from`: what the form carried. */
type Submit = (
  form: Submission,
  from: Denial,
  ack: (response?: FieldErrors) => Promise<void>,
) => Promise<void>;

/** What people submit in the forms behind "Review" and "Suggest a change". */
export function createSubmissions({ inbox, tell, guarded }: SubmissionOptions): {
  review: Submit;
  suggestion: Submit;
} {
  return {
    async review(form, from, ack) {
      const read = readReview(form, from);
      if ("problem" in read) return await ack(wrongField(read.problem, read.field));
      await ack();
      await guarded(
        async () => {
          const made = await inbox.reviewing.make(read.reviewed);
          if (made.tell !== undefined) await tell(read.to, words(made.tell));
        },
        async (message) => await tell(read.to, message),
      );
    },

    async suggestion(form, from, ack) {
      const read = readSuggestion(form, from);
      await guarded(
        async () => {
          const problem = await inbox.suggesting.problem(read.suggested);
          await ack(problem === null ? undefined : wrongField(problem.words, problem.field));
          if (problem === null) await makeSuggestion({ suggesting: inbox.suggesting, tell }, read);
        },
        async (message) => {
          await ack();
          await tell(read.to, message);
        },
      );
    },
  };
}
