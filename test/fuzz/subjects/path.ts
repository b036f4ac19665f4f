import { collectorUrl } from "../../../src/config/audit-schema.ts";
import { clusterUrl, redisAddress, redisUrl, slackUrl, webUrl } from "../../../src/config/urls.ts";
import { fitsGlob } from "../../../src/model/catalog.ts";
import {
  parseDefaultFileSystem,
  parseSavepointDirectory,
  parseSavepointRoot,
} from "../../../src/model/savepoint-path.ts";
import { liesUnder, plainPath, samePath, UNKNOWN_FILE_SYSTEM } from "../../../src/model/state-path.ts";
import { hrefOf } from "../../../src/slack/text.ts";
import { alteredText, nastyText } from "../nasty.ts";
import { must, refused, type Subject, subject, understood } from "../subject.ts";

const ROOTS = [
  "s3://bucket/savepoints",
  "file:/var/sp",
  "hdfs://namenode:8020/user",
  "abfss://c@acc.dfs.core.windows.net/sp",
];
const URLS = [
  "https://flink.example.com/orders",
  "http://127.0.0.1:8081",
  "redis://redis:6379/1",
  "rediss://:pw@r:6379",
  "https://slack.com/api/",
  "http://[::1]:1/x",
  "https://u:p@h/x?q#f",
];
const GLOBS = ["prod-*", "*", "orders-*.jar", "a*b*c*d*e*f*g*h", "*a*a*a*a*a*a*a*a*", "[x]", "(a|b)*"];

interface Written {
  text: string;
  other: string;
  glob: string;
}

const product = { parseSavepointDirectory };
const URL_CHECKS = { webUrl, clusterUrl, slackUrl, redisUrl, redisAddress, collectorUrl };

/** Paths of states, addresses and patterns of names. */
export const path = (door: typeof product = product): Subject =>
  subject({
    name: "path",
    make(random): Written {
      const some = (from: readonly string[]): string =>
        random.happens(0.8) ? alteredText(random.pick(from), random) : random.pick(from);
      const text = random.pick([
        () =>
          `${random.pick(ROOTS)}/${random.pick(["a", "r1/savepoint-3f9c00-1", "..", "a/../b", nastyText(random)])}`,
        () => some(ROOTS),
        () => some(URLS),
        () => nastyText(random),
      ])();
      return { text, other: some(ROOTS), glob: some(GLOBS) };
    },
    judge({ text, other, glob }) {
      for (const [name, check] of Object.entries(URL_CHECKS)) {
        const verdict = check(text);
        const repeats = verdict.is === "may not" && text.length > 20 && verdict.why.includes(text);
        must(!repeats, () => `${name} repeats the address`);
      }
      const href = hrefOf(text);
      must(href === null || /^https?:\/\/[^<>|\s]*$/u.test(href), () => `a link that ends early: ${href}`);
      fitsGlob(text, glob);
      must(fitsGlob(text, "*"), () => "a pattern for everything misses a name");
      liesUnder(text, other);
      must(samePath(text, text), () => "a path is not itself");
      const plain = plainPath(text);
      must(/\s$/u.test(plain) || plainPath(plain) === plain, () => "a plain path is not plain");
      parseDefaultFileSystem(text);
      const parsed = door.parseSavepointDirectory(text, { roots: ROOTS, fileSystem: UNKNOWN_FILE_SYSTEM });
      if ("problem" in parsed) {
        must(
          parsed.problem.trim() !== "" && parsed.problem.length < 600,
          () => `${parsed.problem.length} characters of words`,
        );
        return refused(parsed.problem);
      }
      const under = ROOTS.find((root) => liesUnder(parsed.ok, root));
      must(under !== undefined, () => `${parsed.ok} is below no root`);
      must(!/[%\\?#\s\p{C}]|\/$|\/\.\.?(?:\/|$)/u.test(parsed.ok), () => `${parsed.ok} leads elsewhere`);
      const again = parseSavepointRoot(parsed.ok);
      must("ok" in again && again.ok === parsed.ok, () => `${parsed.ok} is read differently the second time`);
      return understood(under ?? "");
    },
  });
