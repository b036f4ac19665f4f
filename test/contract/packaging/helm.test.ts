import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Helm, startHelm } from "../../../playground/helm/helm.ts";
import { plainManifests } from "../../../scripts/plain-manifests.ts";
import { suiteWith } from "../../harness/needs.ts";
import {
  containerOf,
  type Deployment,
  deploymentsOf,
  filesOf,
  type Manifest,
  manifestsOf,
  ofKind,
  podOf,
  secretsOf,
  startedIn,
} from "../../packaging/kubernetes.ts";
import { CHART, FILES, MORE, ON_CONTAINERS, ON_PODS, SMALL } from "./helm/cases.ts";
import { REFUSED } from "./helm/refused.ts";
import { ingress, networkPolicy, service, serviceMonitor } from "./helm/shapes.ts";

const suite = await suiteWith(["helm"]);

const NAMES = FILES.map(({ name }) => name);

const has = (
  labels: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean => Object.entries(wanted).every(([key, value]) => labels?.[key] === value);

suite("the Helm chart, by Helm's own library", () => {
  let helm: Helm;
  beforeAll(async () => {
    const refused = REFUSED.map(({ name, values }) => ({ name, values: { ...SMALL, ...values } }));
    helm = await startHelm(CHART, [...FILES, ...MORE, ...refused]);
  });
  afterAll(async () => await helm.stop());

  const yamlOf = (name: string): string => {
    const rendered = helm.rendered[name];
    if (rendered === undefined || "refused" in rendered) throw new Error(rendered?.refused ?? `no ${name}`);
    return rendered.yaml;
  };
  const objects = (name: string): readonly Manifest[] => manifestsOf(yamlOf(name));
  const deployments = (name: string): readonly Deployment[] => deploymentsOf(objects(name));
  const one = (name: string, deployment: string): Deployment => {
    const found = deployments(name).find((d) => d.metadata.name === deployment);
    if (found === undefined) throw new Error(`${name} has no ${deployment}`);
    return found;
  };
  const namesOf = (name: string, kind: string): string[] =>
    ofKind(objects(name), kind).map((o) => o.metadata.name);
  const secrets = (name: string): string[] => Object.keys(secretsOf(one("two-zones", name))).sort();
  const mounted = (name: string) => filesOf(one("two-zones", name));
  const pods = (name: string) => deployments(name).map((d) => d.spec.template);
  const WORKER = "flinkops-worker-default";

  it("has nothing to lint", () => {
    expect(helm.lint).toEqual({ failed: false, messages: ["[INFO] Chart.yaml: icon is recommended"] });
  });

  it.each([...NAMES, "named", "elsewhere", "every setting", "OpenShift"])(
    "%s: uses only fields that Kubernetes knows",
    (name) => {
      expect(helm.rendered[name]).toMatchObject({ unknown: [] });
    },
  );

  it("would notice a field that Kubernetes does not know", () => {
    expect(helm.rendered["misspelt"]).toMatchObject({
      unknown: [expect.stringContaining("maxSkw"), expect.stringContaining("maxSkw")],
    });
  });

  it.each(NAMES)("%s: locks every pod down and probes it", (name) => {
    for (const deployment of deployments(name)) {
      const [pod, container] = [podOf(deployment), containerOf(deployment)];
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          runAsGroup: 1000,
          seccompProfile: { type: "RuntimeDefault" },
        },
      });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(container.startupProbe.httpGet).toEqual({ path: "/healthz", port: "health" });
      expect(container.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "health" });
      expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "health" });
      expect(deployment.spec.template.metadata.labels).toMatchObject(deployment.spec.selector.matchLabels);
      for (const spread of pod["topologySpreadConstraints"] as readonly unknown[])
        expect(spread).toMatchObject({ labelSelector: deployment.spec.selector });
    }
    for (const account of ofKind(objects(name), "ServiceAccount"))
      expect(account["automountServiceAccountToken"]).toBe(false);
  });

  const loaded = [...NAMES, "the install page", "every key", "every key as text"];
  it.each(loaded)(
    "%s: each pod starts with its configuration, and needs every secret that it has",
    (name) => {
      const all = objects(name);
      for (const deployment of deployments(name)) {
        const config = startedIn(deployment, all);
        const { ports } = containerOf(deployment);
        expect(config.http).toMatchObject({
          host: "0.0.0.0",
          port: ports.find((p) => p.name === "health")?.containerPort,
        });
        expect(podOf(deployment).terminationGracePeriodSeconds * 1000).toBeGreaterThan(
          config.timings.drain + 5000,
        );
        const needed = Object.keys(secretsOf(deployment));
        expect(needed).toContainEqual(expect.stringMatching(/_BOT_TOKEN$/u));
        for (const missing of needed) expect(() => startedIn(deployment, all, missing)).toThrow(missing);
      }
    },
  );

  it("two zones: each worker has the secrets of its own clusters only, the bot those of none", () => {
    const shared = ["SLACK_BOT_TOKEN", "REDIS_URL", "FLINKOPS_SEAL_KEY", "FLINKOPS_SEAL_KEY_BEFORE"];
    const audit = ["FLINKOPS_AUDIT_KEY", "SIEM_URL", "SIEM_TOKEN"];
    expect(secrets("flinkops-bot")).toEqual([...shared, "SLACK_APP_TOKEN"].sort());
    expect(secrets("flinkops-worker-east")).toEqual(
      [...shared, ...audit, "ORDERS_PASSWORD", "BILLING_URL", "BILLING_KEY", "JOB_PASSWORD"].sort(),
    );
    expect(secrets("flinkops-worker-eu-west-1")).toEqual([...shared, ...audit, "REPORTS_KEY"].sort());
    expect(mounted("flinkops-bot")).toEqual({});
    expect(mounted("flinkops-worker-east")).toEqual({});
    expect(mounted("flinkops-worker-eu-west-1")).toEqual({
      "/var/run/secrets/flinkops/reports": "reports-token",
    });
  });

  it("two zones: each has its own settings, and adds to the lists of all", () => {
    const east = one("two-zones", "flinkops-worker-east");
    expect(east.spec.replicas).toBe(1);
    expect(podOf(east)["nodeSelector"]).toEqual({ region: "east" });
    expect(
      containerOf(east)
        .env.slice(-2)
        .map((v) => v.name),
    ).toEqual(["LOG_LEVEL", "REGION"]);
    expect(containerOf(east).volumeMounts.map((m) => m.mountPath)).toContain("/var/log/flinkops");
    const west = one("two-zones", "flinkops-worker-eu-west-1");
    expect(west.spec.replicas).toBe(3);
    expect(podOf(west)["nodeSelector"]).toBeUndefined();
    expect(namesOf("two-zones", "NetworkPolicy")).toEqual(["flinkops-bot", "flinkops-worker-east"]);
  });

  it("protects from drained nodes where there is more than one replica, unless a zone says no", () => {
    expect(namesOf("two-zones", "PodDisruptionBudget")).toEqual(["flinkops-bot"]);
    expect(namesOf("one of each", "PodDisruptionBudget")).toEqual([]);
    expect(namesOf("plain", "PodDisruptionBudget")).toEqual(["flinkops-bot", WORKER]);
  });

  it("leaves a zone, or the bot, to another release", () => {
    expect(namesOf("elsewhere", "Deployment")).toEqual(["flinkops-bot", "flinkops-worker-here"]);
    expect(namesOf("only there", "Deployment")).toEqual(["flinkops-worker-there"]);
  });

  it("HTTP mode: leads Slack from the Ingress to the bot's port", () => {
    const all = objects("http");
    const bot = one("http", "flinkops-bot");
    const config = startedIn(bot, all);
    const [way] = ofKind(all, "Ingress").map((o) => ingress.parse(o));
    const [slack] = ofKind(all, "Service").map((o) => service.parse(o));
    const [rule] = way?.spec.rules ?? [];
    expect(rule?.host).toBe("flinkops.example.com");
    expect(rule?.http.paths).toEqual([
      {
        path: "/slack/events",
        pathType: "Exact",
        backend: { service: { name: "flinkops-bot", port: { name: "slack" } } },
      },
    ]);
    expect(slack?.metadata.name).toBe("flinkops-bot");
    expect(slack?.spec.ports).toEqual([{ name: "slack", port: 80, targetPort: "slack" }]);
    expect(slack?.spec.selector).toEqual(bot.spec.selector.matchLabels);
    expect(config.slack.door).toMatchObject({
      mode: "http",
      host: "0.0.0.0",
      port: containerOf(bot).ports.find((p) => p.name === "slack")?.containerPort,
    });
    expect(Object.keys(secretsOf(bot))).toEqual(["SLACK_BOT_TOKEN", "REDIS_URL", "SLACK_SIGNING_SECRET"]);
  });

  it("Socket Mode: opens no way in", () => {
    expect(namesOf("plain", "Service")).toEqual([]);
    expect(namesOf("plain", "Ingress")).toEqual([]);
  });

  it("scrapes every pod, only when asked", () => {
    expect(NAMES.filter((name) => namesOf(name, "ServiceMonitor").length > 0)).toEqual(["http"]);
    const all = objects("http");
    const [monitor] = ofKind(all, "ServiceMonitor").map((o) => serviceMonitor.parse(o));
    const target = ofKind(all, "Service").filter((o) =>
      has(o.metadata.labels, monitor?.spec.selector.matchLabels ?? {}),
    );
    expect(target.map((o) => o.metadata.name)).toEqual(["flinkops-metrics"]);
    const { selector, ports } = service.parse(target[0]).spec;
    expect(ports.map((p) => [p.name, p.targetPort])).toEqual([["health", "health"]]);
    for (const d of deployments("http")) expect(has(d.spec.template.metadata.labels, selector)).toBe(true);
    expect(monitor?.spec.endpoints).toEqual([{ port: "health", path: "/metrics", interval: "30s" }]);
    expect(startedIn(one("http", WORKER), all).http.metrics).toBe(true);
  });

  it("lets the bot out to DNS, Slack and Redis, the worker also to Flink", () => {
    const policies = ofKind(objects("http"), "NetworkPolicy").map((o) => networkPolicy.parse(o));
    const of = (name: string) => policies.find((p) => p.metadata.name === name)?.spec;
    const ports = (name: string) => of(name)?.egress.map((rule) => rule.ports.map((p) => p.port).join());
    expect(ports("flinkops-bot")).toEqual(["53,53", "443", "6380"]);
    expect(ports(WORKER)).toEqual(["53,53", "443", "6380", "8081,443"]);
    expect(of("flinkops-bot")?.egress[2]?.to).toEqual([{ ipBlock: { cidr: "10.0.0.0/24" } }]);
    const way = (name: string) =>
      of(name)?.ingress.map((rule) => [rule.ports[0]?.port, JSON.stringify(rule.from)]);
    expect(way("flinkops-bot")).toEqual([
      ["health", expect.stringContaining("monitoring")],
      ["slack", expect.stringContaining("ingress-nginx")],
    ]);
    expect(way(WORKER)).toEqual([["health", expect.stringContaining("monitoring")]]);
    for (const d of deployments("http")) expect(of(d.metadata.name)?.podSelector).toEqual(d.spec.selector);
  });

  it("takes secrets under names and keys of others, and an image by its digest", () => {
    const worker = one("external-secrets", WORKER);
    expect(secretsOf(worker)).toEqual({
      OPS_BOT_TOKEN: "flinkops-external/OPS_BOT_TOKEN",
      OPS_REDIS_URL: "redis-credentials/url",
      FLINKOPS_SEAL_KEY: "flinkops-external/FLINKOPS_SEAL_KEY",
      PROD_TOKEN: "flink-prod/PROD_TOKEN",
    });
    expect(containerOf(worker).image).toMatch(
      /^registry\.example\.com\/platform\/flinkops@sha256:[0-9a-f]{64}$/u,
    );
    const [external] = ofKind(objects("external-secrets"), "ExternalSecret");
    expect(external?.["spec"]).toMatchObject({ dataFrom: [{ extract: { key: "flinkops/flinkops" } }] });
  });

  it("keeps the comments of a policy that came as text", () => {
    const [map] = ofKind(objects("external-secrets"), "ConfigMap");
    expect(map?.data?.["policy.yml"]).toContain("# why this rule is here");
  });

  it("private CAs: every pod trusts them, and a cluster's files are where the configuration looks", () => {
    const all = objects("private-ca");
    for (const d of deployments("private-ca")) {
      expect(filesOf(d)).toMatchObject({ "/etc/ssl/flinkops": "company-ca" });
      expect(containerOf(d).env).toContainEqual({
        name: "NODE_EXTRA_CA_CERTS",
        value: "/etc/ssl/flinkops/bundle.pem",
      });
      expect(podOf(d).serviceAccountName).toBe("shared");
    }
    expect(startedIn(one("private-ca", WORKER), all).clusters[0]?.auth).toMatchObject({ kind: "mtls" });
    expect(namesOf("private-ca", "ServiceAccount")).toEqual([]);
    // its Redis has no password, so its address is in config
    const worker = one("private-ca", WORKER);
    expect(Object.keys(secretsOf(worker))).toEqual(["SLACK_BOT_TOKEN", "SENTINEL_PASSWORD"]);
    expect(startedIn(worker, all).redis).toMatchObject({
      sentinelPassword: "a secret",
      tls: { ca: "/etc/ssl/flinkops/bundle.pem" },
    });
  });

  it("has a place for every setting of a pod, and for names and labels", () => {
    const [bot, worker] = deployments("every setting");
    if (bot === undefined || worker === undefined) throw new Error("no two Deployments");
    expect([bot.metadata.name, worker.metadata.name]).toEqual(["ops-bot", "ops-worker-default"]);
    for (const deployment of [bot, worker]) {
      expect(podOf(deployment)).toMatchObject(ON_PODS);
      expect(containerOf(deployment)).toMatchObject(ON_CONTAINERS);
      expect(deployment.spec.template.metadata).toMatchObject({
        annotations: { "linkerd.io/inject": "enabled" },
        labels: { "app.kubernetes.io/name": "bots", team: "data", tier: "ops" },
      });
    }
    // set for the bot alone
    expect(podOf(bot)["priorityClassName"]).toBe("high");
    expect(podOf(worker)["priorityClassName"]).toBe("normal");
    const owned = objects("every setting").filter((o) => o.metadata.labels?.["team"] !== "data");
    expect(owned).toEqual([]);
    expect(service.parse(ofKind(objects("every setting"), "Service")[0]).spec["type"]).toBe("NodePort");
  });

  it("leaves the user to OpenShift", () => {
    for (const deployment of deployments("OpenShift"))
      expect(podOf(deployment).securityContext).toEqual({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
  });

  it("replaces pods when config changes, and not when policy does", () => {
    expect(pods("a policy")).toEqual(pods("another policy"));
    expect(yamlOf("a policy")).not.toBe(yamlOf("another policy"));
    expect(pods("a policy")).not.toEqual(pods("small"));
  });

  it("keeps names short and apart", () => {
    const names = objects("named").map((o) => o.metadata.name);
    expect(names.filter((name) => name.length > 63)).toEqual([]);
    expect(namesOf("named", "Deployment")).toEqual([
      "east-of-everything-and-much-longer-than-bot",
      "east-of-everything-and-much-longer-than-worker-default",
    ]);
  });

  it.each(REFUSED.map(({ name, words }) => [name, words] as const))("refuses %s, in words", (name, words) => {
    expect(helm.rendered[name]).toEqual({ refused: expect.stringContaining(words) as unknown });
  });

  it.each(NAMES)("%s: a Kubernetes API takes every object and gives it back", async (name) => {
    for (const object of objects(name)) {
      const at = `${helm.api}${pathOf(object, name)}`;
      const posted = await fetch(at, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(object),
      });
      expect([object.metadata.name, posted.status]).toEqual([object.metadata.name, 201]);
      expect(await (await fetch(`${at}/${object.metadata.name}`)).json()).toMatchObject(object);
    }
  });

  it("deploy/kubernetes/ is what the chart renders (npm run manifests)", () => {
    const folder = "deploy/kubernetes";
    const written = readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")]);
    expect(Object.fromEntries(written)).toEqual(plainManifests(yamlOf("plain")));
  });
});

/** A namespace for each case, because their objects have the same names. */
function pathOf({ apiVersion, kind }: Manifest, namespace: string): string {
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/u, "ies").replace(/ss$/u, "sses");
  return `${apiVersion === "v1" ? "api" : "apis"}/${apiVersion}/namespaces/${namespace}/${plural}`;
}
