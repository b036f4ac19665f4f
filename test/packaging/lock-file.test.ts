import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";

const text = readFileSync("package-lock.json", "utf8");
const { packages } = z
  .looseObject({
    packages: z.record(
      z.string(),
      z.looseObject({ optionalDependencies: z.record(z.string(), z.string()).default({}) }),
    ),
  })
  .parse(JSON.parse(text));

it("lists the packages of every platform, or npm ci would refuse it", () => {
  const absent = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(absent).toEqual([]);
});

it("names no registry, so that everybody's own is asked", () => {
  expect(text).not.toContain('"resolved"');
});
