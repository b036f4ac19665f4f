import { z } from "zod";
import type { JsonSchema } from "../src/config/json-schema.ts";

/** What Kubernetes checks itself. */
const theirs = z.looseObject({});
const list = z.array(theirs);
const texts = z.record(z.string(), z.string());
const port = z.int().min(1).max(65_535);
const egress = z.strictObject({ ports: z.array(port), to: list });

/** Settings of pods: at the top for all, and again under bot, worker and each zone. */
const pods = {
  podAnnotations: texts,
  podLabels: texts,
  nodeSelector: texts,
  tolerations: list,
  affinity: theirs,
  priorityClassName: z.string(),
  topologySpreadConstraints: list,
  terminationGracePeriodSeconds: z.int().min(1),
  strategy: theirs,
  podSecurityContext: theirs,
  securityContext: theirs,
  startupProbe: theirs,
  livenessProbe: theirs,
  readinessProbe: theirs,
  podDisruptionBudget: z
    .strictObject({ enabled: z.boolean(), maxUnavailable: z.union([z.int(), z.string()]) })
    .partial(),
  extraEnv: list,
  extraEnvFrom: list,
  secretFiles: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,50}$/u), z.string()),
  extraVolumes: list,
  extraVolumeMounts: list,
  networkPolicy: z
    .strictObject({
      enabled: z.boolean(),
      healthFrom: list,
      slackFrom: list,
      dns: egress.partial(),
      slack: egress.partial(),
      redis: egress.partial(),
      flink: egress.partial(),
      extraEgress: list,
    })
    .partial(),
};
const own = { ...pods, enabled: z.boolean(), replicas: z.int().min(0), resources: theirs };
const { enabled: _, ...worker } = own;

const values = z
  .strictObject({
    // a chart that has this one as a part sends it
    global: theirs,
    secrets: z
      .strictObject({
        name: z.string().min(1),
        from: z.record(z.string(), z.strictObject({ name: z.string(), key: z.string() }).partial()),
      })
      .partial(),
    ca: z.strictObject({ configMap: z.string(), secret: z.string(), key: z.string().min(1) }).partial(),
    bot: z.strictObject(own).partial(),
    worker: z.strictObject(worker).partial(),
    zones: z.record(z.string(), z.strictObject(own).partial()),
    image: z
      .strictObject({
        repository: z.string().min(1),
        tag: z.string(),
        digest: z.string().regex(/^(?:sha256:[0-9a-f]{64})?$/u),
        pullPolicy: z.enum(["", "Always", "IfNotPresent", "Never"]),
      })
      .partial(),
    imagePullSecrets: z.array(z.strictObject({ name: z.string() })),
    nameOverride: z.string(),
    fullnameOverride: z.string(),
    commonLabels: texts,
    serviceAccount: z.strictObject({ create: z.boolean(), name: z.string(), annotations: texts }).partial(),
    ...pods,
    service: z
      .strictObject({
        type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]),
        port,
        annotations: texts,
      })
      .partial(),
    ingress: z
      .strictObject({
        enabled: z.boolean(),
        className: z.string(),
        annotations: texts,
        host: z.string(),
        tls: z.array(z.strictObject({ hosts: z.array(z.string()), secretName: z.string() })),
      })
      .partial(),
    serviceMonitor: z.strictObject({ enabled: z.boolean(), labels: texts, interval: z.string() }).partial(),
    extraObjects: z.array(z.union([z.string(), theirs])),
  })
  .partial();

/** Nothing, the text of a file, or its YAML. Chosen by shape, so that an error names the wrong key. */
const fileOrText = (file: JsonSchema): JsonSchema => ({
  type: ["object", "string", "null"],
  // an empty map is the same as none
  if: { not: { type: "object", minProperties: 1 } },
  else: Object.fromEntries(Object.entries(file).filter(([key]) => key !== "$schema" && key !== "title")),
});

/**
 * What Helm checks values against (values.schema.json), with the schemas of both files in it. Draft 7, because Helm before 3.18
 * knows no later one.
 */
export function valuesJsonSchema(files: { config: JsonSchema; policy: JsonSchema }): JsonSchema {
  const { properties, ...schema } = z.toJSONSchema(values, { target: "draft-7", reused: "ref" });
  return {
    ...schema,
    title: "Values of flinkops",
    properties: { config: fileOrText(files.config), policy: fileOrText(files.policy), ...properties },
  };
}
