import { type Brief, USAGE } from "./cli-arguments.ts";
import { newKey } from "./platform/seal.ts";
import { newSigningKey } from "./platform/signing.ts";

export interface Out {
  version: string;
  print(text: string): void;
  complain(text: string): void;
}

/** Runs the commands that need no configuration. Returns the exit code; 2: the arguments are not understood. */
export function sayBriefly(asked: Brief, out: Out): 0 | 2 {
  switch (asked.do) {
    case "help":
      out.print(USAGE);
      return 0;
    case "version":
      out.print(out.version);
      return 0;
    case "new seal key":
      out.print(newKey());
      return 0;
    case "new audit key":
      out.print(newSigningKey());
      return 0;
    case "usage":
      out.complain(`${asked.problem}\n\n${USAGE}`);
      return 2;
  }
}
