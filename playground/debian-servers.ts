import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { CACHE, once, tell, works } from "./cache.ts";
import type { RedisServer } from "./redis-server.ts";

/** Debian 13, whose servers run on older machines with the libraries of their own release. */
const SUITE = "trixie";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const LIBRARIES = [
  "libc6",
  "libgcc-s1",
  "libstdc++6",
  "libatomic1",
  "libjemalloc2",
  "liblzf1",
  "libssl3t64",
  "libsystemd0",
  "libcap2",
  "libzstd1",
  "zlib1g",
];

const FOR_MACHINE: Readonly<Record<string, { folder: string; loader: string }>> = {
  x64: { folder: "x86_64-linux-gnu", loader: "ld-linux-x86-64.so.2" },
  arm64: { folder: "aarch64-linux-gnu", loader: "ld-linux-aarch64.so.1" },
};

/** The packages with a server, and the program that is the server under another name. */
const SERVERS = {
  "Redis 8.0": { package: "redis-tools", file: "redis-check-rdb", name: "redis-server" },
  "Valkey 8.1": { package: "valkey-tools", file: "valkey-check-rdb", name: "valkey-server" },
} as const;

/** Servers that Debian has and this machine need not. */
export type DebianServer = keyof typeof SERVERS;

/** Null: Debian's packages can be fetched here; otherwise what is missing, in one line. */
export async function debianMissing(): Promise<string | null> {
  const able =
    process.platform === "linux" &&
    process.arch in FOR_MACHINE &&
    (await works("apt-get", ["--version"])) &&
    (await works("dpkg-deb", ["--version"])) &&
    (await works("test", ["-e", KEYRING]));
  return able
    ? null
    : "Redis 8 and Valkey are fetched with apt-get from Debian, which needs debian-archive-keyring";
}

/** Fetches it once into the cache (20 MB for all); nothing is installed. Throws with apt-get's words. */
export async function debianServer(which: DebianServer): Promise<RedisServer> {
  const root = resolve(CACHE, `debian-${SUITE}`);
  await once(root, fetchAll);
  const { file, name } = SERVERS[which];
  const machine = FOR_MACHINE[process.arch] ?? { folder: "", loader: "" };
  const libraries = join(root, "usr/lib", machine.folder);
  const program = join(root, name);
  await once(program, async (target) => {
    const start = [join(libraries, machine.loader), "--library-path", libraries, "--argv0", name];
    await writeFile(target, `#!/bin/sh\nexec ${start.join(" ")} ${join(root, "usr/bin", file)} "$@"\n`);
    await chmod(target, 0o755);
  });
  return { program, words: `${which} (from Debian ${SUITE})` };
}

/** Where this machine gets its own packages from: the other release is there too. */
async function mirror(): Promise<string> {
  const { stdout } = await promisify(execFile)("apt-get", [
    "indextargets",
    "--format",
    "$(REPO_URI)",
    "Created-By: Packages",
  ]);
  const found = stdout.split("\n").find((uri) => /\/debian\/?$/u.test(uri));
  if (found === undefined) throw new Error("apt-get knows no mirror of Debian; run apt-get update first");
  return found;
}

async function fetchAll(target: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "flinkops-apt-"));
  try {
    await mkdir(join(work, "lists/partial"), { recursive: true });
    await mkdir(join(work, "archives/partial"), { recursive: true });
    await writeFile(join(work, "status"), "");
    await writeFile(
      join(work, "sources.list"),
      `deb [signed-by=${KEYRING}] ${await mirror()} ${SUITE} main\n`,
    );
    const apart = {
      "Dir::Etc::sourcelist": join(work, "sources.list"),
      "Dir::Etc::sourceparts": "-",
      "Dir::State": work,
      "Dir::State::lists": join(work, "lists"),
      "Dir::State::status": join(work, "status"),
      "Dir::Cache": work,
      "APT::Sandbox::User": "",
    };
    const options = Object.entries(apart).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
    await tell("apt-get", [...options, "update"], work);
    const packages = [...Object.values(SERVERS).map((server) => server.package), ...LIBRARIES];
    await tell("apt-get", [...options, "download", ...packages], work);
    for (const file of (await readdir(work)).filter((name) => name.endsWith(".deb")))
      await tell("dpkg-deb", ["-x", join(work, file), join(work, "root")], work);
    await cp(join(work, "root"), target, { recursive: true, verbatimSymlinks: true });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
