import { z } from "zod";

const metadata = z.looseObject({ name: z.string() });
const labels = z.record(z.string(), z.string());
const rulePorts = z.array(
  z.strictObject({ port: z.union([z.string(), z.int()]), protocol: z.string().optional() }),
);

/** A Service, as far as the chart uses one. */
export const service = z.looseObject({
  metadata,
  spec: z.looseObject({
    selector: labels,
    ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.string() })),
  }),
});

export const ingress = z.looseObject({
  spec: z.looseObject({
    rules: z.array(
      z.strictObject({ host: z.string(), http: z.strictObject({ paths: z.array(z.unknown()) }) }),
    ),
  }),
});

export const networkPolicy = z.looseObject({
  metadata,
  spec: z.strictObject({
    podSelector: z.strictObject({ matchLabels: labels }),
    policyTypes: z.tuple([z.literal("Ingress"), z.literal("Egress")]),
    ingress: z.array(z.strictObject({ ports: rulePorts, from: z.array(z.unknown()).optional() })),
    egress: z.array(z.strictObject({ ports: rulePorts, to: z.array(z.unknown()).optional() })),
  }),
});

/** The Prometheus operator's own; its type is not among those of Kubernetes. */
export const serviceMonitor = z.strictObject({
  apiVersion: z.literal("monitoring.coreos.com/v1"),
  kind: z.literal("ServiceMonitor"),
  metadata,
  spec: z.strictObject({
    selector: z.strictObject({ matchLabels: labels }),
    endpoints: z.array(
      z.strictObject({ port: z.string(), path: z.string(), interval: z.string().optional() }),
    ),
  }),
});
