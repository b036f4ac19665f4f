import { z } from "zod";
import { orRef, secretRef, url } from "./fields.ts";
import { redisFits, redisUrl } from "./urls.ts";

const host = z.string().regex(/^[A-Za-z0-9._:-]{1,253}$/u, "must be the name or IP address of a server");
const at = (port: number) =>
  z
    .array(z.strictObject({ host, port: z.int().min(1).max(65_535).default(port) }))
    .refine((all) => all.length > 0, "names no server; leave it out")
    .optional();
const pem = z.string().min(1).optional();

/** The part `redis` of the configuration file. */
export const redisSchema = z
  .strictObject({
    url: orRef(url(redisUrl)).prefault({ env: "REDIS_URL" }),
    prefix: z
      .string()
      .regex(/^\{[A-Za-z0-9_.-]{1,60}\}$/u, 'must be a hash tag in quotes, like "{flinkops}"')
      .default("{flinkops}"),
    waitReplicas: z.int().min(0).max(10).default(0),
    sentinels: at(26_379),
    sentinelUsername: z.string().min(1).optional(),
    sentinelPassword: secretRef.optional(),
    cluster: at(6379),
    tls: z.strictObject({ ca: pem, cert: pem, key: pem, servername: pem }).optional(),
  })
  .superRefine((redis, ctx) => {
    const problem = (path: string[], message: string) => ctx.addIssue({ code: "custom", path, message });
    if (redis.sentinels !== undefined && redis.cluster !== undefined)
      problem(["cluster"], "a Redis Cluster has no sentinels; keep redis.sentinels or redis.cluster");
    if (redis.sentinels === undefined)
      for (const key of ["sentinelUsername", "sentinelPassword"] as const)
        if (redis[key] !== undefined) problem([key], "needs redis.sentinels");
    if (redis.sentinelUsername !== undefined && redis.sentinelPassword === undefined)
      problem(["sentinelUsername"], "needs redis.sentinelPassword");
    if ((redis.tls?.cert === undefined) !== (redis.tls?.key === undefined))
      problem(["tls"], "cert and key belong together; one is missing");
    if (typeof redis.url !== "string") return;
    const verdict = redisFits(redis.url, redis);
    if (verdict.is === "may not") problem(["url"], verdict.why);
  });
