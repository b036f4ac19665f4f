import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";

/** Who sends: this version, and this process among others. */
export interface Self {
  version: string;
  process: string;
}

/** `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` come before what we say of ourselves. */
export const resourceOf = ({ version, process }: Self): Resource =>
  defaultResource()
    .merge(
      resourceFromAttributes({
        "service.name": "flinkops",
        "service.version": version,
        "service.instance.id": process,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
