import { z } from "zod";
import { type ParsedDirectory, parseDefaultFileSystem, parseSavepointRoot } from "../model/savepoint-path.ts";
import { MAY, mayNot } from "../model/verdict.ts";
import { auditSchema } from "./audit-schema.ts";
import { duration, headers, optionalDuration, orRef, secretRef, url, word } from "./fields.ts";
import { redisSchema } from "./redis-schema.ts";
import { channelId, groupChannel, groupId, userId } from "./slack-ids.ts";
import { clusterUrl, slackUrl, webUrl } from "./urls.ts";

export { isRef, type SecretRef } from "./fields.ts";

const timings = z
  .strictObject({
    startWithin: duration("10m"),
    startAfterApproval: duration("60s"),
    approvalExpires: duration("15m"),
    mentionMaxAge: duration("5m"),
    lock: duration("30s"),
    stalled: duration("5s"),
    lease: duration("10s"),
    flinkConnect: duration("3s"),
    flinkTimeout: duration("10s"),
    flinkChangeTimeout: duration("20s"),
    flinkStartTimeout: duration("60s"),
    directoryIdle: duration("15s"),
    directoryWatched: duration("2s"),
    directoryStates: duration("10s"),
    parkSlice: duration("15s"),
    pollMin: duration("50ms"),
    pollMax: duration("5s"),
    sweep: duration("1m"),
    healthyWithin: duration("5m"),
    steadyFor: duration("5s"),
    staleState: duration("24h"),
    absentFor: duration("60s"),
    followUp: duration("5m"),
    drain: duration("9s"),
  })
  .superRefine(
    (t, ctx) => {
      const rule = (path: keyof typeof t, most: number, words: string) => {
        // a value that failed to parse is undefined or NaN, and the comparison is false
        if (t[path] > most) ctx.addIssue({ code: "custom", path: [path], message: words });
      };
      // two workers could send the same change if a lease outlived half the lock
      rule("lease", t.lock / 2 - 1, "must be shorter than half of timings.lock");
      rule("stalled", t.lock, "must not be longer than timings.lock");
      rule("pollMin", t.pollMax, "must not be longer than timings.pollMax");
      rule("directoryWatched", t.directoryIdle, "must not be longer than timings.directoryIdle");
      rule("flinkConnect", t.flinkTimeout, "must not be longer than timings.flinkTimeout");
    },
    // also where single values are wrong, but not where there are none
    { when: ({ value }) => typeof value === "object" && value !== null },
  );

const auth = z.preprocess(
  (value) => (value === "none" ? { kind: "none" } : value),
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("basic"), user: z.string().min(1), password: secretRef }),
    z.strictObject({ kind: z.literal("bearer"), token: secretRef }),
    z.strictObject({ kind: z.literal("mtls"), cert: z.string().min(1), key: z.string().min(1) }),
  ]),
);

const parsedBy =
  (parse: (text: string) => ParsedDirectory) =>
  (text: string, ctx: z.RefinementCtx): string => {
    const parsed = parse(text);
    if ("ok" in parsed) return parsed.ok;
    ctx.addIssue({ code: "custom", message: parsed.problem });
    return z.NEVER;
  };
const savepointRoot = z.string().transform(parsedBy(parseSavepointRoot));

const defaultFileSystem = z.string().transform(parsedBy(parseDefaultFileSystem));

const cluster = z.strictObject({
  url: orRef(url(clusterUrl)),
  label: z.string().min(1).max(80).optional(),
  zone: word.default("default"),
  changes: z.boolean().default(false),
  dev: z.boolean().default(false),
  savepointRoots: z.array(savepointRoot).default([]),
  defaultFileSystem: defaultFileSystem.optional(),
  auth: auth.default({ kind: "none" }),
  headers: headers.default({}),
  ca: z.string().min(1).optional(),
  servername: z.string().min(1).optional(),
  managedBy: z.enum(["none", "operator"]).optional(),
  jars: z.enum(["catalogued", "any"]).default("catalogued"),
  approvals: groupChannel.optional(),
  uiUrl: url(webUrl).nullable().optional(),
  requireRehearsal: optionalDuration,
});

const jarFile = z.string().regex(/^[^/\\]+\.jar$/u, "must be the name of a jar file, like orders-*.jar");
const jarChoice = z.union([z.strictObject({ id: jarFile }), z.strictObject({ newest: jarFile })], {
  error: "must be { newest: name-*.jar } or { id: ... }, as `/flink jars` lists them",
});
const programArgs = z
  .array(orRef(z.string().max(2000)))
  .max(100)
  .default([]);
const catalogued = z.strictObject({
  name: z.string().min(1).max(200),
  cluster: z.string(),
  jar: jarChoice,
  entryClass: z
    .string()
    .regex(/^[\p{L}_$][\p{L}\p{N}_$.]*$/u, "must be the full name of a class")
    .optional(),
  args: programArgs,
  parallelism: z.int().min(1).max(32_768).optional(),
  savepointDirectory: savepointRoot.optional(),
  allowNonRestoredState: z.boolean().default(false),
  labels: z.record(word, z.string().min(1).max(100)).default({}),
  rehearsal: z
    .strictObject({
      args: programArgs,
      parallelism: z.int().min(1).max(32_768).optional(),
      healthyWithin: optionalDuration,
    })
    .optional(),
});

/** Validated with its placeholders filled in. */
const linkTemplate = url((text) => {
  const unknown = /\{(?!(?:cluster|job|jobId)\})[^}]*\}?/u.exec(text)?.[0];
  if (unknown !== undefined) return mayNot(`${unknown} is unknown; use {cluster}, {job} and {jobId}`);
  const parsed = URL.parse(text.replaceAll(/\{\w+\}/gu, "x"));
  if (parsed === null || !/^https?:$/u.test(parsed.protocol))
    return mayNot("must be an http or https address");
  return parsed.username + parsed.password === "" ? MAY : mayNot("must not contain a user or password");
});

const people = z
  .strictObject({ groups: z.array(groupId).default([]), users: z.array(userId).default([]) })
  .refine(
    (set) => set.groups.length + set.users.length > 0,
    "names nobody; list groups or users, or leave it out",
  );

/** Schema of the YAML file. Strict: an unknown key is an error. `operations`: the operations that may need approval. */
export const fileSchema = (operations: readonly string[]) =>
  z.strictObject({
    deployment: z
      .strictObject({
        id: word.default("flinkops"),
        label: z.string().min(1).max(40).optional(),
        dev: z.boolean().default(false),
      })
      .prefault({}),
    slack: z
      .strictObject({
        mode: z.enum(["socket", "http"]).default("socket"),
        apiUrl: url(slackUrl).default("https://slack.com/api/"),
        command: z
          .string()
          .regex(/^\/[a-z0-9_-]{1,31}$/u, "must be a slash and up to 31 lower-case letters")
          .default("/flink"),
        botToken: secretRef.optional(),
        appToken: secretRef.optional(),
        signingSecret: secretRef.optional(),
        organization: z.enum(["workspace", "whole"]).default("workspace"),
        listen: z.enum(["loopback", "all"]).default("all"),
        port: z.int().min(0).max(65_535).default(3000),
      })
      .prefault({}),
    redis: redisSchema.prefault({}),
    seal: z
      .strictObject({ keys: z.array(secretRef).max(10).default([]), channel: channelId.optional() })
      .prefault({}),
    clusters: z
      .record(word, cluster)
      .refine((all) => Object.keys(all).length > 0, "names no cluster; write at least one with its url"),
    jobs: z.array(catalogued).max(1000).default([]),
    audit: auditSchema.prefault({}),
    bulk: z.strictObject({ atOnce: z.int().min(1).max(100).default(5) }).prefault({}),
    requests: z.strictObject({ openPerPerson: z.int().min(1).max(500).default(20) }).prefault({}),
    channels: z.record(channelId, z.strictObject({ cluster: z.string().optional() })).default({}),
    policy: z.string().min(1).optional(),
    people: z
      .strictObject({ view: people.optional(), operate: people.optional(), approve: people.optional() })
      .prefault({}),
    links: z
      .array(z.strictObject({ label: z.string().min(1).max(40), url: linkTemplate }))
      .max(5)
      .default([]),
    approvalAlso: z
      .array(
        z
          .string()
          .refine(
            (name) => operations.includes(name),
            `must be an operation that changes something: ${operations.join(", ")}`,
          ),
      )
      .default([]),
    externalChannels: z.array(channelId).default([]),
    timings: timings.prefault({}),
    http: z
      .strictObject({
        listen: z.enum(["loopback", "all"]).default("loopback"),
        port: z.int().min(0).max(65_535).default(8080),
        metrics: z.boolean().default(false),
        bullBoard: z.int().min(1).max(65_535).optional(),
      })
      .prefault({}),
  });
export type FileConfig = z.infer<ReturnType<typeof fileSchema>>;
