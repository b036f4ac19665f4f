import { isoTime } from "./model/instant.ts";
import type { Askable } from "./policy/askable.ts";
import type { Auditing } from "./audit-arguments.ts";
import { headText } from "./audit/chain.ts";
import { csvHead, csvRow, exported } from "./audit/export.ts";
import { type AuditStream, createAuditStream } from "./audit/stream.ts";
import { type Against, isWhole, type Verified, verify } from "./audit/verify.ts";
import type { Config } from "./config/config.ts";
import { loadConfig } from "./config/load.ts";
import type { Sources } from "./config/secrets.ts";
import { ConfigError } from "./model/errors.ts";
import { systemClock } from "./platform/clock.ts";
import { scrubText } from "./platform/scrub.ts";
import { createSeal } from "./platform/seal.ts";
import { createSigner, createVerifier, type Verifier } from "./platform/signing.ts";
import { connectRedis, frontOptions, untilReady } from "./redis/connect.ts";
import { keysUnder } from "./redis/keys.ts";

/** What a command about the audit log works with. */
export interface AuditWorld extends Sources {
  /** What the policy may name. */
  operations: readonly Askable[];
  print: (text: string) => void;
  complain: (text: string) => void;
  /** The audit log in Redis. Throws an Error in words where Redis does not answer. */
  open: (config: Config) => Promise<{ stream: AuditStream; close: () => void }>;
}

/** Standard input. */
const STDIN = "-";

/** Returns the exit code. 0: done, and whole; 1: it failed, or something is not as flinkops wrote it. */
export async function auditCommand(asked: Auditing, world: AuditWorld): Promise<0 | 1> {
  try {
    switch (asked.do) {
      case "audit key":
        return showKey(configOf(asked, world), world);
      case "audit export":
        return await runExport(asked, world);
      case "audit verify":
        return await runVerify(asked, world);
    }
  } catch (error) {
    const words = scrubText(error instanceof Error ? error.message : String(error));
    world.complain(error instanceof ConfigError ? `configuration:\n${words}` : words);
    return 1;
  }
}

/** Reads the configuration as a process without any role: no cluster's secrets, but the key of the audit log. */
const configOf = ({ file }: Pick<Auditing, "file">, world: AuditWorld): Config =>
  loadConfig({
    file,
    env: world.env,
    readFile: world.readFile,
    operations: world.operations,
    roles: { bot: false, worker: null },
  });

function showKey({ audit }: Config, { print, complain }: AuditWorld): 0 | 1 {
  if (audit.signingKey === null) {
    complain(
      "audit.signingKey is not set, so the audit log is not signed; `flinkops audit new-key` makes one",
    );
    return 1;
  }
  print(createSigner(audit.signingKey).publicKey);
  return 0;
}

async function runExport(
  asked: Extract<Auditing, { do: "audit export" }>,
  world: AuditWorld,
): Promise<0 | 1> {
  const { stream, close } = await world.open(configOf(asked, world));
  try {
    if (asked.format === "csv") world.print(csvHead);
    let count = 0;
    for await (const lines of exported(stream, asked)) {
      count += lines.length;
      for (const line of lines) world.print(asked.format === "csv" ? csvRow(line) : line);
    }
    if (count > 0) return 0;
    world.complain("there are no entries of that time in Redis; older ones are where audit.sinks sent them");
    return 1;
  } finally {
    close();
  }
}

async function runVerify(
  { sources, head, keys, file }: Extract<Auditing, { do: "audit verify" }>,
  world: AuditWorld,
): Promise<0 | 1> {
  const verifiers = keys.map((key) => verifierOf(key, world));
  if (sources.length > 0) {
    const read = sources.map((path) => linesOf(world.readFile(path === STDIN ? "/dev/stdin" : path)));
    return tell(verify(read, { head, keys: verifiers }), { head, keys: verifiers }, world);
  }
  const config = configOf({ file }, world);
  const { signingKey } = config.audit;
  const own = signingKey === null ? null : createVerifier(createSigner(signingKey).publicKey);
  const { stream, close } = await world.open(config);
  try {
    const lines: string[] = [];
    for await (const batch of exported(stream, { from: null, to: null })) lines.push(...batch);
    const stored = (await stream.head()).head;
    const against: Against = {
      head: head ?? (stored === null ? null : { ...stored, sig: null }),
      keys: verifiers.length === 0 && own !== null ? [own] : verifiers,
    };
    return tell(verify([lines], against), against, world);
  } finally {
    close();
  }
}

/** `key`: a public key, or the path of a file with one. */
function verifierOf(key: string, { readFile }: AuditWorld): Verifier {
  const verifier = createVerifier(key) ?? createVerifier(readFile(key));
  if (verifier === null) throw new Error(`${key} holds no public key as \`flinkops audit key\` prints one`);
  return verifier;
}

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

function tell(verified: Verified, { head, keys }: Against, { print }: AuditWorld): 0 | 1 {
  const { entries, first, last, findings } = verified;
  if (first === null || last === null) print("There is no entry in it.");
  else
    print(
      `${entries} ${entries === 1 ? "entry" : "entries"}, ${first.n} to ${last.n}, ${isoTime(first.at)} to ${isoTime(last.at)}\nhead ${headText(last)}`,
    );
  for (const { is, words } of findings) print(`${is === "note" ? "note" : is.toUpperCase()}: ${words}`);
  if (head === null)
    print("not checked: whether the end was cut off; give --head, as flinkops posts it once a day");
  if (keys.length === 0)
    print("not checked: signatures; without --key, whoever can write this could have chained it anew");
  const isGood = isWhole(verified) && entries > 0;
  print(isGood ? "OK: every entry is as flinkops chained it" : "NOT OK");
  return isGood ? 0 : 1;
}

/** Opens the audit log for reading. Throws where Redis does not answer within 3 s. */
export async function openAudit({ redis: at, seal }: Config): ReturnType<AuditWorld["open"]> {
  const redis = connectRedis(frontOptions(at), () => undefined);
  const close = (): void => redis.disconnect();
  if (await untilReady(redis, 3000, systemClock)) {
    const sealed = createSeal(seal.keys, () => undefined);
    return { stream: createAuditStream({ redis, keys: keysUnder(at.prefix), seal: sealed }), close };
  }
  close();
  throw new Error("Redis does not answer");
}
