import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Config } from "./config/config.ts";
import type { Refusal } from "./model/report.ts";
import { b, code, t } from "./model/text.ts";
import type { Clock } from "./platform/clock.ts";
import type { Log } from "./platform/log.ts";
import { scrubText } from "./platform/scrub.ts";
import type { Policy } from "./policy/policy.ts";
import type { PolicySource } from "./policy/policy-source.ts";
import { demandTests } from "./policy-tests.ts";
import type { Notices } from "./requests/record/notices.ts";

/** What `/readyz` says about the policy. `not loaded`: a newer one could not be loaded. */
export interface PolicyState {
  hash: string;
  state: "current" | "not loaded";
}

export interface ReloadOptions {
  /** With which the process was started. */
  config: Config;
  policies: PolicySource;
  /** Loads the whole configuration again. Throws ConfigError. */
  load: () => Config;
  /** Throws if the file cannot be read. */
  readFile: (path: string) => string;
  /** Posts to the approvers' channel, once for all processes that say the same within minutes. */
  notice: (words: Refusal, how: { once: string }) => Promise<void>;
  /** Writes to the audit log by which policy the process decides. */
  audit: Notices["write"];
  log: Pick<Log, "info" | "warn" | "error">;
  clock: Clock;
}

export interface PolicyReload {
  /** Loads the policy now. */
  reload(): void;
  state(): PolicyState;
  close(): void;
}

/** How often the file is read, ms. Events of the file system are not sent for mounted ConfigMaps and network drives. */
const EVERY_MS = 2000;
/** How many problems a notice names, and how many an audit entry. */
const MOST_NAMED = 5;
const MOST_KEPT = 50;

/**
 * Follows the policy while the process runs: when its file changes, and when told to. Only the policy is taken over. One
 * that cannot be loaded, or whose tests fail, is not: the old one stays, and refuses destructive operations until the file
 * is corrected, because nobody can tell which of them the new one would have refused.
 */
export function startPolicyReload(options: ReloadOptions): PolicyReload {
  const { config, policies, log, audit } = options;
  let file = config.policyFile.path;
  let isLoaded = true;

  const take = (next: Config): void => {
    const before = policies.current();
    const wasLoaded = isLoaded;
    file = next.policyFile.path;
    isLoaded = true;
    policies.take(withSealOf(config.policy, next.policy));
    const { hash } = next.policy;
    const restart = changedBesides(config, next);
    if (restart.length > 0) log.warn({ keys: restart }, "configuration changed, restart to use it");
    log.info({ hash, before: before.hash }, hash === before.hash ? "policy is unchanged" : "policy reloaded");
    audit("policy loaded", {
      headline: hash === before.hash ? "The same policy was loaded again" : "A new policy was loaded",
      detail: { hash, before: before.hash },
    });
    if (!wasLoaded) tell(options, { words: liftedWords(hash), once: `policy ${hash}` });
  };
  const keep = (message: string): void => {
    isLoaded = false;
    const problems = scrubText(message).split("\n");
    const name = file === null ? "configuration" : basename(file);
    log.error(
      { problems, hash: policies.current().hash },
      "policy not reloaded, destructive operations are refused",
    );
    audit("policy not loaded", {
      headline: "A new policy could not be loaded; destructive operations are refused until it is corrected",
      detail: { hash: policies.current().hash, destructive: "refused", ...keptProblems(problems) },
    });
    policies.take({ ...policies.current(), nothingDestructive: refusalWords(name) });
    tell(options, { words: keptWords(name, problems), once: `policy problem ${digest(message)}` });
  };
  const reload = (): void => {
    try {
      const next = options.load();
      demandTests(next);
      take(next);
    } catch (error) {
      // also one that nobody has thought of: a file must not be able to end the process
      keep(error instanceof Error ? error.message : String(error));
    }
  };
  const { hash } = policies.current();
  audit("policy loaded", {
    headline: "The process started with this policy",
    detail: { hash, before: null },
  });
  const text = watched(options, () => file);
  const stop = options.clock.every(EVERY_MS, () => {
    if (text.check() === "changed") reload();
  });
  return {
    reload() {
      reload();
      text.known();
    },
    state: () => ({ hash: policies.current().hash, state: isLoaded ? "current" : "not loaded" }),
    close: stop,
  };
}

/**
 * Tells of a change of the file once its text has been the same twice, because a file may be read while it is written.
 * `known`: what the file says now is loaded already.
 */
function watched({ readFile }: ReloadOptions, file: () => string | null) {
  const read = (): string | null => {
    const path = file();
    try {
      return path === null ? null : `${path}\n${readFile(path)}`;
    } catch {
      return null;
    }
  };
  let loaded = read();
  let last = loaded;
  return {
    known(): void {
      loaded = read();
      last = loaded;
    },
    check(): "changed" | "same" {
      const now = read();
      const isSettled = now === last && now !== loaded;
      last = now;
      if (!isSettled) return "same";
      loaded = now;
      return "changed";
    },
  };
}

/** Whether changes are sealed does not depend on the policy, and is decided at the start. */
function withSealOf({ noChanges }: Policy, { noChanges: _other, ...next }: Policy): Policy {
  return { ...next, ...(noChanges !== undefined && { noChanges }) };
}

/** The keys of the configuration, apart from the policy, that are different now. */
function changedBesides(running: Config, next: Config): readonly string[] {
  const { policy: _policy, policyFile: _file, ...others } = running;
  const now = new Map<string, unknown>(Object.entries(next));
  return Object.entries(others)
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(now.get(key)))
    .map(([key]) => key);
}

function keptProblems(problems: readonly string[]) {
  const named = problems.slice(0, MOST_KEPT).map((line) => line.replace(/^- /u, ""));
  return { problems: named, more: problems.length - named.length };
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

const refusalWords = (name: string): string =>
  `The policy was changed and could not be loaded (${name}), so destructive operations are refused until it is corrected. Everything else is decided by the policy before. Ask the flinkops administrators: \`flinkops check\` names the problems.`;

const liftedWords = (hash: string): Refusal => ({
  refuse: t`✅ ${b("The policy was loaded:")} destructive operations are decided by it again (${code(hash)}).`,
});

function keptWords(name: string, problems: readonly string[]): Refusal {
  const named = problems.slice(0, MOST_NAMED).map((line) => line.replace(/^- /u, "• "));
  const more = problems.length - named.length;
  return {
    refuse: t`⚠️ ${b("The policy was changed and could not be loaded:")} ${code(name)}. flinkops refuses destructive operations until it is corrected, and decides everything else by the policy before.`,
    instead: [
      ...named,
      ...(more > 0 ? [`… and ${more} more`] : []),
      t`Administrators: correct the file, or restore the one before; ${code("flinkops check")} and ${code("flinkops policy test")} name every problem.`,
    ],
  };
}

/** The process does not wait for Slack; the log has it in any case. */
function tell({ notice, log }: ReloadOptions, { words, once }: { words: Refusal; once: string }): void {
  void notice(words, { once }).catch((error: unknown) =>
    log.warn({ err: error }, "policy notice cannot be posted"),
  );
}
