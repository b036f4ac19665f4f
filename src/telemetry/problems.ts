import { diag, DiagLogLevel } from "@opentelemetry/api";

const nothing = (): void => undefined;

/** Passes on what OpenTelemetry's SDK cannot do, such as reach the collector. */
export function tellProblems(tell: (problem: string) => void): void {
  diag.setLogger(
    { error: tell, warn: nothing, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
}
