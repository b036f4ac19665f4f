import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { parseArguments } from "../../src/cli-arguments.ts";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { operations } from "../../src/operations/index.ts";
import { newKey } from "../../src/platform/seal.ts";
import { newSigningKey } from "../../src/platform/signing.ts";
import { askable } from "../../src/policy/askable.ts";

const texts = z.record(z.string(), z.string());
const probe = z.looseObject({ httpGet: z.strictObject({ path: z.string(), port: z.string() }) });
const variable = z.union([
  z.strictObject({
    name: z.string(),
    valueFrom: z.strictObject({ secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }) }),
  }),
  z.strictObject({ name: z.string(), value: z.string() }),
]);
const pod = z.looseObject({
  serviceAccountName: z.string(),
  automountServiceAccountToken: z.boolean(),
  enableServiceLinks: z.boolean(),
  terminationGracePeriodSeconds: z.number(),
  securityContext: z.looseObject({}),
  volumes: z.array(
    z.looseObject({
      name: z.string(),
      configMap: z.strictObject({ name: z.string() }).optional(),
      secret: z.strictObject({ secretName: z.string() }).optional(),
    }),
  ),
  containers: z.tuple([
    z.looseObject({
      image: z.string(),
      // the image's entry point starts the program
      command: z.undefined().optional(),
      args: z.array(z.string()),
      env: z.array(variable),
      ports: z.array(z.strictObject({ name: z.string(), containerPort: z.number() })),
      startupProbe: probe,
      livenessProbe: probe,
      readinessProbe: probe,
      securityContext: z.looseObject({}),
      volumeMounts: z.array(
        z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
      ),
    }),
  ]),
});
const deployment = z.looseObject({
  kind: z.literal("Deployment"),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number(),
    selector: z.strictObject({ matchLabels: texts }),
    template: z.looseObject({
      metadata: z.looseObject({ labels: texts }),
      spec: pod,
    }),
  }),
});
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: texts.optional() }),
  data: texts.optional(),
});

export type Manifest = z.infer<typeof manifest>;
export type Deployment = z.infer<typeof deployment>;

/** The objects of a YAML stream. Throws where one is not YAML, or no object of Kubernetes. */
export function manifestsOf(yaml: string): readonly Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const value: unknown = document.toJS();
    return value === null ? [] : [manifest.parse(value)];
  });
}

export const ofKind = (all: readonly Manifest[], kind: string): readonly Manifest[] =>
  all.filter((one) => one.kind === kind);

export const deploymentsOf = (all: readonly Manifest[]): readonly Deployment[] =>
  ofKind(all, "Deployment").map((one) => deployment.parse(one));

export const podOf = (one: Deployment): z.infer<typeof pod> => one.spec.template.spec;
export const containerOf = (one: Deployment) => podOf(one).containers[0];

/** Names of the variables that come from Secrets, each with its Secret and key as `name/key`. */
export const secretsOf = (one: Deployment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    containerOf(one).env.flatMap((v) =>
      "valueFrom" in v
        ? [[v.name, `${v.valueFrom.secretKeyRef.name}/${v.valueFrom.secretKeyRef.key}`] as const]
        : [],
    ),
  );

/** Where each Secret and ConfigMap of other people is mounted, apart from the configuration. */
export const filesOf = (one: Deployment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    containerOf(one).volumeMounts.flatMap(({ name, mountPath }) => {
      const volume = podOf(one).volumes.find((v) => v.name === name);
      const source = volume?.secret?.secretName ?? volume?.configMap?.name;
      return source === undefined || name === "config" ? [] : [[mountPath, source] as const];
    }),
  );

/** Something that fits the variable's name. */
function valueOf(name: string): string {
  if (name.endsWith("BOT_TOKEN")) return "xoxb-1";
  if (name.endsWith("APP_TOKEN")) return "xapp-1";
  if (name.endsWith("REDIS_URL")) return "redis://r";
  if (name.includes("SEAL_KEY")) return newKey();
  if (name.includes("AUDIT_KEY")) return newSigningKey();
  return name.endsWith("_URL") ? "https://a.example.com" : "a secret";
}

/**
 * What the program reads when it starts in a pod of this Deployment: its own arguments, the variables from Secrets except
 * `without`, and the files that are mounted. Throws as it does.
 */
export function startedIn(one: Deployment, all: readonly Manifest[], without = ""): Config {
  const { args, volumeMounts } = containerOf(one);
  const asked = parseArguments(args);
  if (asked.do !== "serve") throw new Error(`${args.join(" ")} serves nothing`);
  const known = Object.keys(secretsOf(one)).filter((name) => name !== without);
  return loadConfig({
    ...asked,
    env: Object.fromEntries(known.map((name) => [name, valueOf(name)])),
    operations: askable(operations),
    readFile(path) {
      const mount = volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
      const volume = podOf(one).volumes.find((v) => v.name === mount?.name);
      const map = ofKind(all, "ConfigMap").find((m) => m.metadata.name === volume?.configMap?.name);
      const text = map?.data?.[path.slice((mount?.mountPath.length ?? 0) + 1)];
      if (text !== undefined) return text;
      // what is in a Secret or a ConfigMap of somebody else is not known here
      if (mount !== undefined && map === undefined) return "content";
      throw Object.assign(new Error(path), { code: "ENOENT" });
    },
  });
}
