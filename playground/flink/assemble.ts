import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CACHE, once, tell, works } from "../cache.ts";
import { jarsOf } from "../maven.ts";

const HERE = import.meta.dirname;

/** What makes a session cluster: Maven Central holds no flink-dist. */
const ofFlink = (version: string): readonly string[] => [
  `org.apache.flink:flink-runtime-web:${version}`,
  `org.apache.flink:flink-clients:${version}`,
  `org.apache.flink:flink-connector-files:${version}`,
  `org.apache.flink:flink-connector-base:${version}`,
  "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3",
  "org.apache.logging.log4j:log4j-core:2.25.3",
  "org.apache.logging.log4j:log4j-1.2-api:2.25.3",
  "org.slf4j:slf4j-api:1.7.36",
];

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
  const lib = await jarsOf({ name: `flink-${version}`, artifacts: ofFlink(version) });
  return { lib, jobJar: await compiled(join(HERE, "job/PlaygroundJob.java"), [lib]) };
}

/** What makes an application cluster, besides the jars of Flink. */
export const containerOf = async (version: string): Promise<string> =>
  await jarsOf({
    name: `flink-container-${version}`,
    artifacts: [`org.apache.flink:flink-container:${version}!`, "commons-cli:commons-cli:1.11.0"],
  });

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

/** A jar of what one source compiles to against the jars of these folders; its class of the same name is what it runs. */
export async function compiled(source: string, lib: readonly string[]): Promise<string> {
  const name = basename(source, ".java");
  const mark = createHash("sha256")
    .update(`${lib.join(":")}\n`)
    .update(await readFile(source))
    .digest("hex")
    .slice(0, 12);
  const jar = join(CACHE, `${name}-${mark}.jar`);
  await once(jar, async (target) => {
    await mkdir(CACHE, { recursive: true });
    const classes = await mkdtemp(join(CACHE, "classes-"));
    try {
      const classPath = lib.map((folder) => join(folder, "*")).join(":");
      await tell("javac", ["-nowarn", "--release", "11", "-cp", classPath, "-d", classes, source]);
      await tell("jar", ["cfe", target, name, "-C", classes, "."]);
    } finally {
      await rm(classes, { recursive: true, force: true });
    }
  });
  return jar;
}
