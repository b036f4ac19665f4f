import { chmod, lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { freePort, until } from "../../playground/processes.ts";
import { configOf } from "../../playground/product.ts";
import { ANA, BEN, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { buildImage, type Container, filesBelow, type Image } from "../harness/image/image.ts";
import { addKnownJob } from "../harness/known-job.ts";
import { suiteWith } from "../harness/needs.ts";
import { QUICK, ROOT, startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis", "image tools"]);

/** What a container with these arguments prints, and its exit code. */
async function said(image: Image, ...args: string[]) {
  const lines: string[] = [];
  const container = await image.start({ args, onLine: (line) => lines.push(line) });
  const code = await container.exited;
  await container.stop();
  return { code, lines };
}

/**
 * Proves that the Dockerfile builds and that its result works with a read-only root, as uid 1000, without capabilities and
 * without a shell. Does not prove: the real base images, arm64, seccomp and AppArmor, limits by cgroups, Docker, a registry.
 */
suite("the image", () => {
  let image: Image;
  let version = "";
  beforeAll(async () => {
    image = await buildImage();
    ({ version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string });
  }, 900_000);
  afterAll(async () => await image?.remove());

  it("names its user by number, its version, its license and its health check", () => {
    expect(image.config).toMatchObject({
      User: "1000:1000",
      StopSignal: "SIGTERM",
      Entrypoint: ["/nodejs/bin/node", "dist/main.js"],
      Labels: {
        "org.opencontainers.image.title": "flinkops",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.revision": "tested",
        "org.opencontainers.image.licenses": "Apache-2.0",
      },
    });
    expect(image.config.Env.join("\n")).not.toMatch(/TOKEN|PASSWORD|_KEY/u);
  });

  it("holds the bundle and what cannot be bundled: no source, no build tools, no shell", async () => {
    const app = join(image.root, "app");
    expect((await readdir(app)).sort()).toEqual([
      "LICENSE",
      "config.example.yml",
      "dist",
      "node_modules",
      "package.json",
    ]);
    expect((await readdir(join(app, "node_modules"))).sort()).toEqual([
      "@dagrejs",
      "@resvg",
      "dejavu-fonts-ttf",
    ]);
    const files = await filesBelow(image.root);
    expect(files.filter((path) => /(?:^|\/)(?:sh|bash|dash|npm|npx|apt|apt-get|dpkg)$/u.test(path))).toEqual(
      [],
    );
    expect(files.filter((path) => path.startsWith("app/") && /(?<!\.d)\.ts$/u.test(path))).toEqual([]);
    const licenses = await readFile(join(app, "dist/licenses.txt"), "utf8");
    for (const name of ["bullmq", "@slack/bolt", "undici"]) expect(licenses).toContain(`\n${name} `);
  });

  it("adds less than 30 MB to Node, none of it for the program to change", async () => {
    const files = await filesBelow(join(image.root, "app"));
    const stats = await Promise.all(files.map(async (path) => await lstat(join(image.root, "app", path))));
    const size = stats.reduce((sum, { size: bytes }) => sum + bytes, 0);
    console.log(`the image adds ${(size / 1e6).toFixed(1)} MB to its base, in ${files.length} files`);
    expect(size).toBeLessThan(30e6);
    expect(stats.filter((s) => s.uid !== 0 || (s.mode & 0o022) !== 0)).toEqual([]);
  });

  it("answers --version, and says what a configuration lacks", async () => {
    expect(await said(image, "--version")).toEqual({ code: 0, lines: [version] });
    const { code, lines } = await said(image, "check");
    expect(code).toBe(1);
    expect(lines.join("\n")).toContain("environment variable SLACK_BOT_TOKEN is not set");
  });

  suite("as it runs", () => {
    let world: World;
    let folder: string;
    let container: Container;
    let ready: number;
    const lines: string[] = [];
    beforeAll(async () => {
      world = await startWorld({ replicas: 0, slack: { optionalScopes: "granted" } });
      folder = await mkdtemp(join(tmpdir(), "flinkops-image-config-"));
      // for uid 1000
      await chmod(folder, 0o755);
      const port = await freePort();
      const clusters = { demo: { url: world.flink.url, changes: true, savepointRoots: [ROOT] } };
      const config = configOf({ slack: world.slack, clusters, config: { timings: QUICK } }, port);
      await writeFile(join(folder, "config.yml"), stringify(config), { mode: 0o644 });
      const began = performance.now();
      container = await image.start({
        args: ["--config", "/etc/flinkops/config.yml"],
        env: {
          SLACK_BOT_TOKEN: world.slack.botToken,
          SLACK_APP_TOKEN: world.slack.appToken,
          REDIS_URL: world.redis.url,
          FLINKOPS_PORT: String(port),
        },
        folders: { "/etc/flinkops": folder },
        onLine: (line) => lines.push(line),
      });
      const over = container.exited.then((code) =>
        Promise.reject(new Error(`ended with ${code}: ${lines.join("\n")}`)),
      );
      const isReady = until("flinkops is ready", async () =>
        (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok === true ? true : null,
      );
      await Promise.race([over, isReady]);
      over.catch(() => undefined);
      ready = performance.now() - began;
      await addKnownJob(world, "orders");
    });
    afterAll(async () => {
      await container?.stop();
      await world?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("has no rights, and cannot write", async () => {
      console.log(`bot and worker were ready ${Math.round(ready)} ms after the container was asked for`);
      const [first = 0] = await container.pids();
      const status = await readFile(`/proc/${first}/status`, "utf8");
      expect(status).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/mu);
      expect(status).toMatch(/^CapBnd:\t0+$/mu);
      expect(status).toMatch(/^NoNewPrivs:\t1$/mu);
      const writing = `require("node:fs").writeFileSync("/tmp/x", "")`;
      expect(await container.exec(["/nodejs/bin/node", "-e", writing])).toBe(1);
    });

    it("passes its health check", async () => {
      const [, ...command] = image.config.Healthcheck.Test;
      expect(await container.exec(command)).toBe(0);
    });

    it("stops a job after another person's approval", async () => {
      const stop = await world.people.change(ANA, "stop orders");
      await world.people.approve(BEN, await stop.headed("Waiting for approval"));
      expect(headOf(await stop.outcome())).toContain("✅");
    });

    it("draws", async () => {
      await addKnownJob(world, "payments");
      const thread = await world.driver.type(ANA, INCIDENT, "payments are late");
      const root = { channel: INCIDENT, ts: thread.ts ?? "" };
      await world.driver.type(ANA, INCIDENT, "@flink status payments", { thread: root.ts });
      const shown = await world.driver.waitForReply(BEN, root, (m) => m.files.length > 0);
      const file = await fetch(`${world.slack.url}${shown.files[0]?.url ?? ""}`);
      expect(file.headers.get("content-type")).toBe("image/png");
      expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(3_000);
      expect(await container.pids()).toHaveLength(2);
    });

    it("ends with 0 within its time to drain, once it gets SIGTERM", async () => {
      const began = performance.now();
      container.kill("SIGTERM");
      expect(await container.exited).toBe(0);
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(lines.filter((line) => /"level":"?(?:50|60|error|fatal)/u.test(line))).toEqual([]);
    });
  });
});
