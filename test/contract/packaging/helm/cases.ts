import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Case } from "../../../../playground/helm/helm.ts";

type Values = Case["values"];
const read = (path: string): string => readFileSync(path, "utf8");
const valuesIn = (text: string): Values => parse(text) as Values;

export const CHART = "deploy/helm/flinkops";

/** The values files of the chart. */
export const FILES: readonly Case[] = readdirSync(`${CHART}/ci`).map((file) => ({
  name: file.replace("-values.yaml", ""),
  values: valuesIn(read(`${CHART}/ci/${file}`)),
}));

/** One cluster, without a zone. */
export const SMALL: Values = { config: { clusters: { a: { url: "http://a:8081" } } } };
const zones = (...names: string[]): Values => ({
  config: { clusters: Object.fromEntries(names.map((zone, i) => [`c${i}`, { url: "http://a:8081", zone }])) },
});
const onPage = /```yaml\n(# values\.yaml\n[\s\S]*?)```/u.exec(read("docs/install.md"))?.[1] ?? "";

/** Where "every setting" is found in each pod. */
export const ON_PODS = {
  nodeSelector: { disk: "ssd" },
  tolerations: [{ key: "ops", operator: "Exists" }],
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  terminationGracePeriodSeconds: 45,
  topologySpreadConstraints: [{ maxSkew: 2, topologyKey: "rack", whenUnsatisfiable: "DoNotSchedule" }],
};
/** The same for its container. */
export const ON_CONTAINERS = {
  image: "registry.example.com/flinkops:1.2.3",
  imagePullPolicy: "Always",
  envFrom: [{ configMapRef: { name: "proxy" } }],
  startupProbe: { failureThreshold: 90, periodSeconds: 2 },
};

/** Further values that the chart accepts. */
export const MORE: readonly Case[] = [
  { name: "small", values: SMALL },
  { name: "the install page", values: valuesIn(onPage) },
  { name: "every key", values: { config: valuesIn(read("config.example.yml")) } },
  { name: "every key as text", values: { config: read("config.example.yml") } },
  { name: "named", release: "east-of-everything-and-much-longer-than-most-names", values: SMALL },
  { name: "a policy", values: { ...SMALL, policy: { rules: [{ name: "a", allow: true }] } } },
  { name: "another policy", values: { ...SMALL, policy: { rules: [{ name: "b", allow: true }] } } },
  { name: "elsewhere", values: { ...zones("here", "there"), zones: { there: { enabled: false } } } },
  {
    name: "only there",
    values: { ...zones("here", "there"), bot: { enabled: false }, zones: { here: { enabled: false } } },
  },
  { name: "one of each", values: { ...SMALL, bot: { replicas: 1 }, worker: { replicas: 1 } } },
  { name: "misspelt", values: { ...SMALL, topologySpreadConstraints: [{ maxSkw: 1 }] } },
  { name: "OpenShift", values: { ...SMALL, podSecurityContext: { runAsUser: null, runAsGroup: null } } },
  {
    name: "every setting",
    values: {
      config: { slack: { mode: "http" }, clusters: { a: { url: "http://a:8081" } } },
      ...ON_PODS,
      nameOverride: "bots",
      fullnameOverride: "ops",
      commonLabels: { team: "data", tier: "other" },
      podLabels: { tier: "ops" },
      podAnnotations: { "linkerd.io/inject": "enabled" },
      priorityClassName: "normal",
      bot: { priorityClassName: "high" },
      image: { repository: "registry.example.com/flinkops", tag: "1.2.3", pullPolicy: "Always" },
      extraEnvFrom: ON_CONTAINERS.envFrom,
      startupProbe: { failureThreshold: 90 },
      serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/ops" } },
      service: { type: "NodePort", annotations: { a: "b" } },
      ingress: { enabled: true, host: "a.example.com" },
      networkPolicy: { enabled: true, extraEgress: [{ ports: [{ port: 8088 }] }] },
    },
  },
];
