import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { plainManifests } from "../../scripts/plain-manifests.ts";
import {
  containerOf,
  deploymentsOf,
  filesOf,
  manifestsOf,
  podOf,
  secretsOf,
  startedIn,
} from "./kubernetes.ts";

const folder = "deploy/kubernetes";
const objects = readdirSync(folder).flatMap((name) => manifestsOf(readFileSync(`${folder}/${name}`, "utf8")));
const deployments = deploymentsOf(objects);
const [bot, worker] = deployments;
if (bot === undefined || worker === undefined) throw new Error(`${folder} has no two Deployments`);

it("are a bot, a worker and what belongs to them, and nothing else", () => {
  expect(objects.map((o) => `${o.kind} ${o.metadata.name}`).sort()).toEqual([
    "ConfigMap flinkops",
    "Deployment flinkops-bot",
    "Deployment flinkops-worker-default",
    "NetworkPolicy flinkops-bot",
    "NetworkPolicy flinkops-worker-default",
    "PodDisruptionBudget flinkops-bot",
    "PodDisruptionBudget flinkops-worker-default",
    "ServiceAccount flinkops",
  ]);
});

it("run two bots, so that a refreshed Socket Mode connection is no gap", () => {
  expect(bot.spec.replicas).toBe(2);
});

it.each(deployments)("lock $metadata.name down", (deployment) => {
  expect(podOf(deployment)).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
  });
  expect(containerOf(deployment).securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

it.each(deployments)("probe $metadata.name, and let it drain", (deployment) => {
  expect(containerOf(deployment)).toMatchObject({
    livenessProbe: { httpGet: { path: "/healthz" } },
    readinessProbe: { httpGet: { path: "/readyz" } },
  });
  const { timings, http } = startedIn(deployment, objects);
  expect(podOf(deployment).terminationGracePeriodSeconds * 1_000).toBeGreaterThan(timings.drain);
  // the kubelet asks from outside of the pod
  expect(http).toMatchObject({ host: "0.0.0.0", port: 8080, metrics: false });
});

it.each(deployments)(
  "give $metadata.name the secrets that its configuration asks for, and no other",
  (one) => {
    const secrets = Object.keys(secretsOf(one));
    expect(secrets).toContain("FLINKOPS_SEAL_KEY");
    for (const missing of secrets) expect(() => startedIn(one, objects, missing)).toThrow(missing);
  },
);

it("mount a cluster's token into the worker alone, where the configuration expects it", () => {
  const [path] = Object.keys(filesOf(worker));
  expect(startedIn(worker, objects).clusters[0]?.auth).toEqual({
    kind: "bearer",
    token: { file: `${path}/token` },
  });
  expect(filesOf(bot)).toEqual({});
});

it("say that they were not run", () => {
  expect(readFileSync(`${folder}/config.yaml`, "utf8")).toContain("have not been applied to a cluster yet");
  expect(readFileSync("compose.yaml", "utf8")).toContain("it has not been run yet");
});

it("leave out of the chart what is true for Helm only, and come as one file for each template", () => {
  const rendered = [
    "---\n# Source: flinkops/templates/a.yaml\nkind: A\nlabels:\n    helm.sh/chart: x\n    app.kubernetes.io/managed-by: Helm\n    b: c\n",
    "---\n# Source: flinkops/templates/a.yaml\n# why\nkind: B\n",
    "---\n# Source: flinkops/templates/b.yaml\nspec:\n      annotations:\n        # sum\n        checksum/config: 1\n      labels: {}\n",
  ];
  const files = plainManifests(rendered.join(""));
  expect(Object.keys(files)).toEqual(["a.yaml", "b.yaml"]);
  expect(files["a.yaml"]).toMatch(/\nkind: A\nlabels:\n {4}b: c\n---\n# why\nkind: B\n$/u);
  expect(files["b.yaml"]).toMatch(/\nspec:\n {6}labels: \{\}\n$/u);
});

const service = z.looseObject({
  command: z.union([z.string(), z.array(z.string())]).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
});

it("compose keeps what Redis accepted, opens Flink to this machine alone, and asks for the tokens", () => {
  const { services } = z
    .looseObject({ services: z.record(z.string(), service) })
    .parse(parse(readFileSync("compose.yaml", "utf8")));
  expect(services["redis"]?.command).toEqual(
    "redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction".split(" "),
  );
  expect(services["redis"]?.volumes).toEqual(["redis:/data"]);
  expect(services["redis"]?.ports).toBeUndefined();
  expect(services["jobmanager"]?.ports).toEqual(["127.0.0.1:8081:8081"]);
  expect(services["jobmanager"]?.environment?.["FLINK_PROPERTIES"]).toContain(
    "jobmanager.scheduler: adaptive",
  );
  expect(services["taskmanager"]?.environment).toEqual(services["jobmanager"]?.environment);
  expect(Object.keys(services["flinkops"]?.environment ?? {}).sort()).toEqual([
    "FLINK_URL",
    "REDIS_URL",
    "SLACK_APP_TOKEN",
    "SLACK_BOT_TOKEN",
  ]);
  expect(services["flinkops"]?.environment?.["SLACK_BOT_TOKEN"]).toMatch(/^\$\{SLACK_BOT_TOKEN:\?/u);
});
