import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { EXTERNAL, OPTIONAL } from "../../scripts/external.ts";
import { readCommand, readCopy, readDockerfile } from "./dockerfile.ts";

const stages = readDockerfile("Dockerfile");
const [build, final] = stages;
const steps = (name: string) => (final?.steps ?? []).filter((s) => s.name === name).map((s) => s.text);

it("has two stages, both on Node 24 and Debian 13; a digest may follow", () => {
  expect(stages).toHaveLength(2);
  expect(build?.from).toMatch(/^node:24-trixie-slim(?:@sha256:[0-9a-f]{64})?$/u);
  expect(final?.from).toMatch(/^gcr\.io\/distroless\/nodejs24-debian13(?:@sha256:[0-9a-f]{64})?$/u);
  expect(steps("LABEL").join(" ")).toContain(`image.base.name="${final?.from.split("@")[0]}"`);
});

it("takes from node_modules what the bundle leaves out, and nothing else", () => {
  const packages = steps("COPY")
    .flatMap((text) => readCopy(text).sources)
    .flatMap((path) => /^\/app\/node_modules\/([^/]+)/u.exec(path)?.[1] ?? []);
  const outside = EXTERNAL.filter((name) => !OPTIONAL.includes(name)).map((name) => name.split("/")[0]);
  expect(new Set(packages)).toEqual(new Set(outside));
});

it("is labelled with the version and the commit that it is built from", () => {
  const { jobs } = parse(readFileSync(".github/workflows/release.yml", "utf8")) as {
    jobs: { release: { steps: { uses?: string; with?: { "build-args"?: string } }[] } };
  };
  const built = jobs.release.steps.find(({ uses }) => uses?.startsWith("docker/build-push-action") === true);
  const given = (built?.with?.["build-args"] ?? "").split("\n").flatMap((line) => line.split("=")[0] || []);
  expect(new Set(given)).toEqual(new Set(steps("ARG").map((text) => text.split("=")[0])));
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
  expect(steps("ENTRYPOINT").map(readCommand)).toEqual([["/nodejs/bin/node", "dist/main.js"]]);
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

it("holds no secret", () => {
  const text = stages
    .flatMap((s) => s.steps)
    .map((s) => `${s.name} ${s.text}`)
    .join("\n");
  expect(text).not.toMatch(/TOKEN|PASSWORD|SECRET/iu);
});
