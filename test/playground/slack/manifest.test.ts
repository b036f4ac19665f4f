import { expect, test } from "vitest";
import { readManifest } from "../../../playground/slack/manifest.ts";

const path = new URL("../../../manifest.yml", import.meta.url).pathname;

test("reads commands, events and scopes of the product's manifest, optional scopes only where granted", () => {
  const declined = readManifest(path, "declined");
  const granted = readManifest(path, "granted");
  expect(declined.commands).toMatchObject([{ command: "/flink", shouldEscape: true }]);
  expect(declined.events).toContain("app_mention");
  expect(declined.scopes).toEqual(expect.arrayContaining(["chat:write", "commands"]));
  expect(granted.scopes).toEqual(expect.arrayContaining([...declined.scopes]));
});
