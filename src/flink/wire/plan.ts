import { z } from "zod";
import type { JobGraph, Program, StateSizes } from "../../model/planned-job.ts";
import type { Json } from "../../model/json.ts";
import { forPeople } from "../rest/error-text.ts";
import { hex32, number } from "./jobs.ts";
import { rehearsing } from "./run.ts";

/** JarPlanRequestBody; a parallelism that is not named is the program's own. */
export const planBody = (p: Program): { readonly [key: string]: Json } => ({
  ...(p.entryClass === null ? {} : { entryClass: p.entryClass }),
  programArgsList: p.args,
  ...(p.parallelism === null ? {} : { parallelism: p.parallelism }),
  ...rehearsing(p.as),
});

/**
 * `a<br/>+- b<br/>   :- c<br/>` as names. Flink replaces `->` in the name of a chain by `<br/>` and escapes the rest for
 * its web page. flink-runtime, JsonPlanGenerator.generatePlan
 */
const operatorsOf = (description: string): readonly string[] =>
  description
    .split(/<br\/?>|(?:^|\s)->(?=\s)/u)
    .map((line) => forPeople(unescaped(line.replace(/^[\s:|]*(?:\+-|(?<=:)-)?\s*/u, ""))))
    .filter((name) => name !== "");

const unescaped = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

const input = z.looseObject({ id: hex32, ship_strategy: z.string().nullish() });

/** `POST /jars/:id/plan`. */
export const jobGraph = z
  .looseObject({
    plan: z.looseObject({
      name: z.string(),
      nodes: z.array(
        z.looseObject({
          id: hex32,
          parallelism: number,
          description: z.string().nullish(),
          inputs: z.array(input).nullish(),
        }),
      ),
    }),
  })
  .transform(
    ({ plan: { name, nodes } }): JobGraph => ({
      name,
      vertices: nodes.map((n) => ({
        id: n.id,
        operators: operatorsOf(n.description ?? ""),
        parallelism: n.parallelism,
      })),
      edges: nodes.flatMap((to) =>
        (to.inputs ?? []).map((from) => ({ from: from.id, to: to.id, ship: from.ship_strategy ?? "" })),
      ),
    }),
  );

/** `/jobs/:id/checkpoints/details/:checkpoint`. */
export const stateSizes = z
  .looseObject({ tasks: z.record(hex32, z.looseObject({ state_size: number })) })
  .transform(({ tasks }): StateSizes => new Map(Object.entries(tasks).map(([id, t]) => [id, t.state_size])));
