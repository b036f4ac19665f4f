import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { installed } from "../src/installed.ts";

const cwd = mkdtempSync(join(tmpdir(), "flinkops-installed-"));
const home = join(cwd, "node_modules/flinkops");
mkdirSync(join(home, "dist"), { recursive: true });
writeFileSync(join(home, "manifest.yml"), "");
afterAll(() => rmSync(cwd, { recursive: true }));

describe("what people type before the arguments", () => {
  it.each([
    ["installed in this folder", join(cwd, "node_modules/.bin/flinkops"), "npx flinkops"],
    ["installed for everybody", "/usr/local/bin/flinkops", "flinkops"],
    ["of a checkout", join(cwd, "dist/main.js"), "node dist/main.js"],
  ])("%s", (_, started, command) => {
    expect(installed({ started, file: join(home, "dist/main.js") }, cwd)).toEqual({
      command,
      manifest: "node_modules/flinkops/manifest.yml",
    });
  });

  it("names the manifest alone where it did not come along", () => {
    const file = join(cwd, "app/dist/main.js");
    expect(installed({ started: file, file }, cwd).manifest).toBe("manifest.yml");
  });
});
