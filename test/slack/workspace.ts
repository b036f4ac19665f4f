import type { Actor, Place } from "../../src/requests/record.ts";
import type { Log } from "../../src/slack/log.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { type SlackStandIn, type StandInOptions, startSlack } from "../../playground/slack/server.ts";
import { ANA, FLINK_OPS, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";

export const manifestPath = new URL("../../manifest.yml", import.meta.url).pathname;

/** A workspace with the scopes and events of our own manifest, and who drives it. */
export async function aWorkspace(options: StandInOptions = {}): Promise<{
  slack: SlackStandIn;
  driver: SlackDriver;
  log: Log & { lines: string[] };
  access: { botToken: string; apiUrl: string; log: Log };
}> {
  const slack = await startSlack({ manifestPath, ...options });
  const log = aLog();
  return {
    slack,
    driver: new SlackDriver(slack.url),
    log,
    access: { botToken: slack.botToken, apiUrl: slack.apiUrl, log },
  };
}

/** Remembers its lines. */
export function aLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export const ana: Actor = { user: ANA, team: HOME_TEAM };
export const atRoot: Place = { channel: FLINK_OPS, thread: null, door: "command" };

/** A promise that the test itself fulfils. */
export function gate<T>(): { promise: Promise<T>; open(value: T): void } {
  const waiting: ((value: T) => void)[] = [];
  const promise = new Promise<T>((resolve) => waiting.push(resolve));
  return { promise, open: (value) => waiting.forEach((resolve) => resolve(value)) };
}
