import { z } from "zod";
import { defineLocal, isTyped, type Operation } from "../model/operation.ts";
import { code, type Span, type Text, t } from "../model/text.ts";

/** Who the person is to the policy: their sets, and what they may ask for and approve. */
export const whoami = defineLocal({
  kind: "local",
  personal: true,
  name: "whoami",
  summary: "Show what you may do here, and why",
  examples: ["whoami"],
  args: z.strictObject({}),
  positionals: [],
  class: "view",
  find: () => ({ find: "none" }),

  async answer(c) {
    const changes = c.operations.filter(
      (o) => (o.kind === "change" || o.kind === "alias" || o.class === "lock") && isTyped(o) && c.may(o),
    );
    const approves = c.sets.filter((set) => c.approving.includes(set));
    return {
      outcome: "done",
      headline: t`You are ${{ person: c.actor }}.`,
      lines: [
        c.sets.length === 0
          ? "You are in none of the policy's sets of people."
          : t`You are in ${listed(c.sets)}.`,
        ...(c.otherAccounts.length === 0
          ? []
          : [t`Your other accounts count as you: ${c.otherAccounts.map((person): Span => ({ person }))}.`]),
        changes.length === 0
          ? "You may look, and change nothing."
          : t`You may ask for ${listed(changes.map((o: Operation) => o.name))}, as the rules allow.`,
        approves.length === 0
          ? "You may approve nothing."
          : t`You may approve as one of ${listed(approves)}, but never your own requests.`,
        t`${code(`${c.command} can <command>`)} tells it for one command. Policy ${code(c.policy)}.`,
      ],
    };
  },
});

const listed = (names: readonly string[]): Text =>
  names.flatMap((name, i): Span[] => (i === 0 ? [code(name)] : [", ", code(name)]));
