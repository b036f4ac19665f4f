import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { startTied, type Tied } from "../../../playground/processes.ts";

const run = promisify(execFile);

/** The image's configuration, as buildah and Docker write it. */
const inspected = z.looseObject({
  Docker: z.looseObject({
    config: z.looseObject({
      User: z.string(),
      Env: z.array(z.string()),
      Entrypoint: z.array(z.string()),
      Healthcheck: z.looseObject({ Test: z.tuple([z.literal("CMD")], z.string()) }),
      StopSignal: z.string(),
      Labels: z.record(z.string(), z.string()),
      WorkingDir: z.string(),
    }),
  }),
});

/** The image of the Dockerfile, built without Docker by build.sh. */
export interface Image {
  /** Its files, as a folder. */
  readonly root: string;
  readonly config: z.infer<typeof inspected>["Docker"]["config"];
  /** Runs the entry point with these arguments; the code is that of the program, and so are the lines. */
  start(options: ContainerOptions): Promise<Container>;
  /** Removes all that was built. */
  remove(): Promise<void>;
}

export interface ContainerOptions {
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Folders of this machine, by their place in the container; read-only. */
  folders?: Readonly<Record<string, string>>;
  onLine?: (line: string) => void;
}

/** A container that shares nothing with this machine but the network and the kernel. */
export interface Container extends Tied {
  /** Runs one more command in it, as a health check does. Resolves with its exit code. */
  exec(command: readonly string[]): Promise<number>;
  /** The process ids in it, as this machine counts them. */
  pids(): Promise<readonly number[]>;
}

/** Takes a minute or two: two base images, `npm ci`, the build. */
export async function buildImage(): Promise<Image> {
  const scratch = await mkdtemp(join(tmpdir(), "flinkops-image-"));
  const remove = async (): Promise<void> => await rm(scratch, { recursive: true, force: true });
  try {
    const options = { maxBuffer: 1e8, timeout: 900_000 };
    await run("bash", ["test/harness/image/build.sh", scratch], options);
    const root = (await readFile(join(scratch, "mounted"), "utf8")).trim();
    const { config } = inspected.parse(
      JSON.parse(await readFile(join(scratch, "inspected.json"), "utf8")),
    ).Docker;
    let started = 0;
    return {
      root,
      config,
      async start(how) {
        started += 1;
        return await startContainer({ root, config }, how, { folder: scratch, id: `flinkops-${started}` });
      },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startContainer(
  { root, config }: Pick<Image, "root" | "config">,
  { args, env = {}, folders = {}, onLine }: ContainerOptions,
  { folder, id }: { folder: string; id: string },
): Promise<Container> {
  const bundle = await mkdtemp(join(folder, "bundle-"));
  const [uid, gid] = config.User.split(":").map(Number);
  const spec = {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid, gid },
      args: [...config.Entrypoint, ...args],
      cwd: config.WorkingDir,
      env: [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      noNewPrivileges: true,
      capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
    },
    root: { path: root, readonly: true },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
      ...Object.entries(folders).map(([destination, source]) => ({
        destination,
        source,
        type: "bind",
        options: ["bind", "ro"],
      })),
    ],
    // no namespace for the network: Redis, Flink and Slack of the tests are on loopback
    linux: { namespaces: ["pid", "mount", "ipc", "uts"].map((type) => ({ type })) },
  };
  await writeFile(join(bundle, "config.json"), JSON.stringify(spec));
  const runc = ["--root", join(folder, "runc")];
  const tied = await startTied("runc", [...runc, "run", "--bundle", bundle, id], onLine ? { onLine } : {});
  return {
    ...tied,
    async exec(command) {
      return await run("runc", [...runc, "exec", "--cwd", config.WorkingDir, id, ...command]).then(
        () => 0,
        (error: unknown) => (error instanceof Error && "code" in error ? Number(error.code) : -1),
      );
    },
    async pids() {
      const { stdout } = await run("runc", [...runc, "ps", "--format", "json", id]);
      return z.array(z.number()).parse(JSON.parse(stdout));
    },
    async stop(graceMs) {
      await tied.stop(graceMs);
      // where it was killed, what runs in it was not
      await run("runc", [...runc, "delete", "--force", id]);
    },
  };
}

/** The paths of all files below a folder, relative to it. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
