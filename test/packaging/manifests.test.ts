import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { loadConfig } from "../../src/config/load.ts";
import { newKey } from "../../src/platform/seal.ts";

const probe = z.looseObject({ httpGet: z.looseObject({ path: z.string(), port: z.string() }) });
const env = z.array(
  z.strictObject({
    name: z.string(),
    valueFrom: z.strictObject({ secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }) }),
  }),
);
const deployment = z.looseObject({
  kind: z.literal("Deployment"),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number(),
    selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        automountServiceAccountToken: z.boolean(),
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.looseObject({ runAsNonRoot: z.boolean(), runAsUser: z.number() }),
        volumes: z.array(z.looseObject({ name: z.string() })),
        containers: z.tuple([
          z.looseObject({
            args: z.array(z.string()),
            env,
            livenessProbe: probe,
            readinessProbe: probe,
            securityContext: z.looseObject({
              allowPrivilegeEscalation: z.boolean(),
              readOnlyRootFilesystem: z.boolean(),
              capabilities: z.looseObject({ drop: z.array(z.string()) }),
            }),
            volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
          }),
        ]),
      }),
    }),
  }),
});
const configMap = z.looseObject({
  kind: z.literal("ConfigMap"),
  metadata: z.looseObject({ name: z.string() }),
  data: z.record(z.string(), z.string()),
});

const folder = "deploy/kubernetes";
const documents = readdirSync(folder).flatMap((name) =>
  parseAllDocuments(readFileSync(`${folder}/${name}`, "utf8")).map((d): unknown => {
    if (d.errors[0] !== undefined) throw d.errors[0];
    return d.toJS();
  }),
);
const deployments = documents.flatMap((d) => deployment.safeParse(d).data ?? []);
const [config] = documents.flatMap((d) => configMap.safeParse(d).data ?? []);
const named = (name: string) => deployments.find((d) => d.metadata.name === name)?.spec;

const mounts = (name: string) =>
  (named(name)?.template.spec.containers[0].volumeMounts ?? []).map((m) => m.mountPath);

function load(roles: Parameters<typeof loadConfig>[0]["roles"], variables: Record<string, string>) {
  return loadConfig({
    env: variables,
    file: "config.yml",
    roles,
    operations: [],
    readFile: (path) => (path === "config.yml" ? (config?.data["config.yml"] ?? "") : "token"),
  });
}

it("are a ConfigMap, a bot and a worker, and nothing else", () => {
  expect(documents).toHaveLength(3);
  expect(deployments.map((d) => d.metadata.name).sort()).toEqual(["flinkops-bot", "flinkops-worker"]);
  expect(config).toBeDefined();
});

it("run two bots, so that a refreshed Socket Mode connection is no gap", () => {
  expect(named("flinkops-bot")?.replicas).toBe(2);
});

it.each(["flinkops-bot", "flinkops-worker"])("lock %s down", (name) => {
  const pod = named(name)?.template.spec;
  expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
  expect(pod?.automountServiceAccountToken).toBe(false);
  expect(pod?.containers[0].securityContext).toMatchObject({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  expect(named(name)?.template.metadata.labels).toEqual(named(name)?.selector.matchLabels);
});

it.each(["flinkops-bot", "flinkops-worker"])("probe %s, and let it drain", (name) => {
  const pod = named(name)?.template.spec;
  expect(pod?.containers[0].livenessProbe.httpGet.path).toBe("/healthz");
  expect(pod?.containers[0].readinessProbe.httpGet.path).toBe("/readyz");
  const { timings, http } = load({ bot: true, worker: null }, all);
  expect((pod?.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThan(timings.drain);
  // the kubelet asks from outside of the pod
  expect(http).toEqual({ host: "0.0.0.0", port: 8080, metrics: false });
});

const all = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  REDIS_URL: "redis://r",
  FLINKOPS_SEAL_KEY: newKey(),
};

it.each<[name: string, roles: Parameters<typeof load>[0]]>([
  ["flinkops-bot", { bot: true, worker: null }],
  ["flinkops-worker", { bot: false, worker: { zone: "default" } }],
])("give %s the secrets that its configuration asks for, and no other", (name, roles) => {
  const variables = (named(name)?.template.spec.containers[0].env ?? []).map((e) => e.name);
  const given = Object.fromEntries(Object.entries(all).filter(([key]) => variables.includes(key)));
  expect(() => load(roles, given)).not.toThrow();
  for (const missing of variables) {
    const { [missing]: _, ...less } = given;
    expect(() => load(roles, less)).toThrow(missing);
  }
});

it("mount a cluster's token into the worker alone, where the configuration expects it", () => {
  const auth = load({ bot: false, worker: { zone: null } }, all).clusters[0]?.auth;
  expect(auth).toEqual({
    kind: "bearer",
    token: { file: `${mounts("flinkops-worker").find((m) => m.includes("secrets"))}/token` },
  });
  expect(mounts("flinkops-bot")).toEqual(["/etc/flinkops"]);
});

it("say that they were not run", () => {
  expect(readFileSync(`${folder}/config.yaml`, "utf8")).toContain("have not been applied to a cluster yet");
  expect(readFileSync("compose.yaml", "utf8")).toContain("it has not been run yet");
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
