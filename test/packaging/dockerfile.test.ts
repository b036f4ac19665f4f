import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readCommand, readCopy, readDockerfile } from "./dockerfile.ts";

const stages = readDockerfile("Dockerfile");
const [build, final] = stages;
const steps = (name: string) => (final?.steps ?? []).filter((s) => s.name === name).map((s) => s.text);

it("has two stages, both on Node 24", () => {
  expect(stages).toHaveLength(2);
  for (const stage of stages) expect(stage.from).toMatch(/^node:24-/u);
});

it("installs from the lock file and leaves development dependencies behind", () => {
  const runs = (build?.steps ?? []).filter((s) => s.name === "RUN").map((s) => s.text);
  expect(runs[0]).toMatch(/^npm ci\b/u);
  expect(runs.at(-1)).toMatch(/^npm prune --omit=dev\b/u);
  expect(steps("RUN")).toEqual([]);
});

it("runs as a user that is not root, given by number", () => {
  expect(steps("USER")).toEqual(["1000:1000"]);
});

it("starts the program itself, so that signals reach it", () => {
  expect(steps("CMD").map(readCommand)).toEqual([["node", "dist/main.js"]]);
  expect(steps("HEALTHCHECK")).toHaveLength(1);
});

it("takes from the context only what .dockerignore lets through, and no playground", () => {
  const [all, ...through] = readFileSync(".dockerignore", "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(all).toBe("*");
  const copied = stages
    .flatMap((s) => s.steps)
    .filter((s) => s.name === "COPY")
    .map((s) => readCopy(s.text))
    .filter((c) => c.stage === null)
    .flatMap((c) => c.sources);
  expect(new Set(copied)).toEqual(new Set(through.map((line) => line.replace(/^!/u, ""))));
  expect(copied.join(" ")).not.toMatch(/playground|test|\.env/u);
});

it("holds no secret and names no registry", () => {
  const text = stages
    .flatMap((s) => s.steps)
    .map((s) => `${s.name} ${s.text}`)
    .join("\n");
  expect(text).not.toMatch(/TOKEN|PASSWORD|registry/iu);
});
