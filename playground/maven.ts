import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CACHE, once, tell } from "./cache.ts";

/** Jars that belong together, from Maven Central. */
export interface Jars {
  /** Of their folder in the cache. */
  name: string;
  /** `group:artifact:version`; with `!` at the end without what it depends on. */
  artifacts: readonly string[];
}

/** The folder with these jars and what they depend on; downloaded once. Throws with Maven's last lines. */
export async function jarsOf({ name, artifacts }: Jars): Promise<string> {
  const mark = createHash("sha256").update(artifacts.join("\n")).digest("hex").slice(0, 12);
  const folder = join(CACHE, `${name}-${mark}`);
  await once(folder, async (target) => {
    await mkdir(dirname(target), { recursive: true });
    // Maven keeps notes next to the list
    const home = await mkdtemp(`${target}-`);
    try {
      const pom = join(home, "pom.xml");
      await writeFile(pom, pomOf(artifacts));
      const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${target}`];
      await tell("mvn", ["-q", "-B", "-f", pom, ...goal]);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
  return folder;
}

/** Not a build: Maven resolves a list of jars from nothing else. */
function pomOf(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.replace(/!$/u, "").split(":");
    const alone =
      "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>";
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>${
      artifact.endsWith("!") ? alone : ""
    }</dependency>`;
  });
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    "<groupId>flinkops.playground</groupId><artifactId>jars</artifactId><version>1</version>",
    "<packaging>pom</packaging><dependencies>",
    ...dependencies,
    "</dependencies></project>",
  ].join("\n");
}
