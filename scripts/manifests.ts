import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { startHelm } from "../playground/helm/helm.ts";
import { PLAIN_VALUES, plainManifests } from "./plain-manifests.ts";

/** `npm run manifests`: deploy/kubernetes/ anew, as the chart renders it. Needs Java and Maven, other than `npm run generate`. */
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const folder = at("deploy/kubernetes");

const helm = await startHelm(at("deploy/helm/flinkops"), [
  { name: "plain", values: parse(readFileSync(at(PLAIN_VALUES), "utf8")) as Record<string, unknown> },
]);
await helm.stop();
const plain = helm.rendered["plain"];
if (plain === undefined || "refused" in plain) throw new Error(plain?.refused ?? "nothing was rendered");
for (const name of readdirSync(folder)) rmSync(join(folder, name));
for (const [name, text] of Object.entries(plainManifests(plain.yaml)))
  writeFileSync(join(folder, name), text);
