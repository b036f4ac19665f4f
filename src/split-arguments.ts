import { parseArgs, type ParseArgsConfig } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The options and words after a command; `problem` says what is not understood. */
export function splitArguments<const O extends Options>(argv: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    return {
      problem: error instanceof Error ? (error.message.split(". ")[0] ?? error.message) : String(error),
    };
  }
}
