import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CACHE, once, tell, works } from "../cache.ts";

const HERE = import.meta.dirname;

/** The directory of a Flink of this version. */
export interface Assembled {
  /** Folder of jars, to be used as `lib/*`. */
  lib: string;
  /** Our own job. */
  jobJar: string;
}

/** Null: a real Flink can be started here; otherwise what to install, in one line. */
export async function flinkAvailable(): Promise<string | null> {
  const missing = [];
  if (!(await works("java", ["-version"]))) missing.push("Java 11 or newer");
  if (!(await works("javac", ["-version"]))) missing.push("a Java compiler (JDK)");
  if (!(await works("mvn", ["-v"]))) missing.push("Maven");
  if (missing.length === 0) return null;
  return `a real Flink needs ${missing.join(" and ")} (on Debian: apt-get install openjdk-17-jdk-headless maven)`;
}

/** Downloads Flink's jars from Maven Central once (90 MB), compiles our job against them. Throws with Maven's last lines. */
export async function assembleFlink(version: string): Promise<Assembled> {
  const missing = await flinkAvailable();
  if (missing !== null) throw new Error(missing);
  const home = join(CACHE, `flink-${version}`);
  const lib = join(home, "lib");
  await mkdir(home, { recursive: true });
  await once(lib, async (target) => {
    const pom = join(HERE, "pom.xml");
    const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${target}`];
    await tell("mvn", ["-q", "-B", "-f", pom, `-Dflink.version=${version}`, ...goal]);
  });
  return { lib, jobJar: await compileJob(home, lib) };
}

/** Our job as another version of it: the same classes, with arguments of its own inside. Stored next to the first. */
export async function versionOf(jobJar: string, own: Readonly<Record<string, string>>): Promise<string> {
  const text = Object.entries(own)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
  const mark = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const jar = jobJar.replace(/\.jar$/u, `-${mark}.jar`);
  await once(jar, async (target) => {
    const folder = await mkdtemp(join(dirname(jobJar), "version-"));
    try {
      await writeFile(join(folder, "playground.properties"), text);
      await copyFile(jobJar, target);
      await tell("jar", ["uf", target, "-C", folder, "playground.properties"]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return jar;
}

async function compileJob(home: string, lib: string): Promise<string> {
  const source = join(HERE, "job/PlaygroundJob.java");
  const mark = createHash("sha256")
    .update(await readFile(source))
    .digest("hex")
    .slice(0, 12);
  const jar = join(home, `playground-job-${mark}.jar`);
  await once(jar, async (target) => {
    const classes = await mkdtemp(join(home, "classes-"));
    try {
      await tell("javac", ["-nowarn", "--release", "11", "-cp", join(lib, "*"), "-d", classes, source]);
      await tell("jar", ["cfe", target, "PlaygroundJob", "-C", classes, "."]);
    } finally {
      await rm(classes, { recursive: true, force: true });
    }
  });
  return jar;
}
