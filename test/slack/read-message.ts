import type { Button } from "@slack/types";
import type { Message } from "../../src/slack/blocks.ts";

/** The text of the blocks, a block per paragraph. */
export const textOf = (message: Message): string =>
  message.blocks
    .map((block) => {
      if (block.type === "section") return block.text?.text ?? "";
      if (block.type === "context") return block.elements.map((e) => ("text" in e ? e.text : "")).join(" ");
      if (block.type === "actions")
        return buttonsOf({ text: "", blocks: [block] })
          .map((x) => `[${x.text.text}]`)
          .join(" ");
      return block.type;
    })
    .join("\n\n");

export const buttonsOf = (message: Message): Button[] =>
  message.blocks.flatMap((block) =>
    block.type === "actions" ? block.elements.filter((e) => e.type === "button") : [],
  );
