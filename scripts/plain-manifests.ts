/** What deploy/kubernetes/ is rendered with. */
export const PLAIN_VALUES = "deploy/helm/flinkops/ci/plain-values.yaml";

const HEADER = "# From deploy/helm/flinkops, by `npm run manifests`: change the chart, not this file.\n";
const HOW = `# These are one zone and one cluster as an example; they have not been applied to a cluster yet.
#   kubectl create namespace flinkops
#   kubectl -n flinkops create secret generic flinkops \\
#     --from-literal=SLACK_BOT_TOKEN=xoxb-... --from-literal=SLACK_APP_TOKEN=xapp-... --from-literal=REDIS_URL=redis://... \\
#     --from-literal=FLINKOPS_SEAL_KEY="$(flinkops seal new)"
#   kubectl -n flinkops create secret generic flinkops-orders --from-literal=token=...
#   kubectl -n flinkops apply -f deploy/kubernetes/
# After a change of config.yml: kubectl -n flinkops rollout restart deployment -l app.kubernetes.io/name=flinkops
`;
/** What is true for an installation by Helm only, and the sum of a configuration that people will edit. */
const BY_HELM =
  /^(?:# Source: .*| +helm\.sh\/chart: .*| +app\.kubernetes\.io\/managed-by: .*| +annotations:\n +#.*\n +checksum\/config: .*)\n/gmu;

/** The files of deploy/kubernetes/, by name, from what the chart renders: one for each template. */
export function plainManifests(rendered: string): Readonly<Record<string, string>> {
  const documents = new Map<string, string[]>();
  for (const document of rendered.split(/^---$/mu)) {
    const name = /^# Source: flinkops\/templates\/(.+)$/mu.exec(document)?.[1];
    if (name !== undefined)
      documents.set(name, [...(documents.get(name) ?? []), `${document.trim()}\n`.replace(BY_HELM, "")]);
  }
  return Object.fromEntries(
    [...documents].map(([name, texts]) => [
      name,
      `${HEADER}${name === "config.yaml" ? HOW : ""}${texts.join("---\n")}`,
    ]),
  );
}
