import type { Case } from "../../../../playground/helm/helm.ts";

const cluster = { url: "http://a:8081" };

/** Values that the chart does not take, next to one cluster without a zone, and words of its refusal. */
export const REFUSED: readonly (Omit<Case, "release"> & { words: string })[] = [
  {
    name: "a key that is not known",
    values: { replicas: 3 },
    words: "additional properties 'replicas' not allowed",
  },
  {
    name: "a number as text",
    values: { bot: { replicas: "two" } },
    words: "at '/bot/replicas': got string, want integer",
  },
  {
    name: "a setting of a zone that is misspelt",
    values: { zones: { default: { replica: 2 } } },
    words: "at '/zones/default': additional properties 'replica' not allowed",
  },
  {
    name: "a digest that is none",
    values: { image: { digest: "latest" } },
    words: "at '/image/digest': 'latest' does not match pattern",
  },
  {
    name: "a configuration with an unknown key",
    values: { config: { clusters: { a: { ...cluster, tokn: "x" } } } },
    words: "at '/config/clusters/a': additional properties 'tokn' not allowed",
  },
  {
    name: "a secret in the configuration",
    values: { config: { slack: { botToken: "xoxb-1" }, clusters: { a: cluster } } },
    words: "at '/config/slack/botToken': got string, want object",
  },
  {
    name: "a policy without rules",
    values: { policy: { freezes: [] } },
    words: "at '/policy': missing property 'rules'",
  },
  {
    name: "a configuration without clusters",
    values: { config: {} },
    words: "config.clusters: names no cluster; write",
  },
  { name: "a configuration that is a list", values: { config: "- a\n" }, words: "config: is not a YAML map" },
  {
    name: "a policy file that is not there",
    values: { config: { policy: "rules.yml", clusters: { a: cluster } } },
    words: "config.policy: names rules.yml, and the chart has no such file; give its text",
  },
  {
    name: "a zone that no cluster is in",
    values: { zones: { west: {} } },
    words: "zones.west: no cluster of config.clusters is in this zone; the zones are default",
  },
  {
    name: "two zones of one name",
    values: { config: { clusters: { a: { ...cluster, zone: "a_b" }, b: { ...cluster, zone: "a.b" } } } },
    words:
      "config.clusters: the zones a.b and a_b have the same name in Kubernetes, flinkops-worker-a-b; rename one",
  },
  {
    name: "nothing to run",
    values: { bot: { enabled: false }, zones: { default: { enabled: false } } },
    words: "bot.enabled and zones: everything is switched off",
  },
  {
    name: "an Ingress in Socket Mode",
    values: { ingress: { enabled: true, host: "a.example.com" } },
    words: "ingress.enabled: only a bot in HTTP mode needs an Ingress; set slack.mode: http",
  },
  {
    name: "an Ingress without a host",
    values: { config: { slack: { mode: "http" }, clusters: { a: cluster } }, ingress: { enabled: true } },
    words: "ingress.host: is empty",
  },
  {
    name: "a ServiceMonitor without metrics",
    values: { serviceMonitor: { enabled: true } },
    words: "serviceMonitor.enabled: there is nothing to scrape; set http.metrics: true",
  },
];
