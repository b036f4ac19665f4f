import { z } from "zod";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import { duration, headers, orRef, secretRef, url, word } from "./fields.ts";
import { channelId } from "./slack-ids.ts";

/** A collector's address may have a query, as some expect one, but no user and password. */
export function collectorUrl(text: string): Verdict<string> {
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/u.test(parsed.protocol))
    return mayNot("must be an http or https address");
  return parsed.username + parsed.password === ""
    ? MAY
    : mayNot("must not contain a user or password; use headers: { Authorization: { env: NAME } }");
}

const required = z.boolean().default(false);
const sink = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("stdout"), required }),
  z.strictObject({ kind: z.literal("file"), path: z.string().min(1), required }),
  z.strictObject({
    kind: z.literal("http"),
    url: orRef(url(collectorUrl)),
    headers: headers.default({}),
    required,
  }),
]);

/** `audit` of the configuration file. */
export const auditSchema = z.strictObject({
  keep: duration("400d"),
  signingKey: secretRef.optional(),
  channel: channelId.optional(),
  sinks: z.record(word, sink).default({}),
});
