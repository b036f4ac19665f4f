import {
  asSeen,
  DASH,
  HIDDEN,
  hidePem,
  hideUserInfo,
  hideValue,
  isBasic,
  isEncoded,
  isMixed,
  isNoValue,
  isProse,
  NAME,
  SHORT,
  SIGN,
  valueBehind,
} from "./secret-names.ts";
import { applied, type Rule } from "./secret-rule.ts";

/** Longer texts are cut before redaction; nothing this long is shown, stored or logged. */
const LONGEST = 2_000_000;

const issued = (...shapes: string[]): RegExp => new RegExp(`(?<![A-Za-z0-9])(?:${shapes.join("|")})`, "gu");

/**
 * The rules for secrets: all text that is logged, stored or shown passes through them. Imports only its own grammar.
 * A text is a secret
 * 1. by its shape: its issuer gave it a prefix, or its format carries secrets (JWT, PEM, a serialized object);
 * 2. by its place: user info of a URL, a credential header, the value of a name whose *last* word says "secret";
 * 3. by its encoding: a run too long and too mixed to be a name.
 * Randomness alone never counts: job ids, digests and savepoint paths are random too, and people need them. A name
 * without a value is no secret, nor is a plain word that describes a problem ("token: expired").
 *
 * Each rule runs in linear time: it begins where a run begins, its lookbehind is bounded, and after an unbounded
 * repetition nothing can fail, or the repetition stops where the rule could begin again. They are applied in this
 * order.
 */
export const RULES: readonly Rule[] = [
  {
    name: "PEM block",
    pattern: /(-----BEGIN [A-Z0-9 ]{1,40}-----)([^-]*(?:-(?!----)[^-]*)*)(-----END [A-Z0-9 ]{1,40}-----)?/gu,
    to: hidePem,
    why: "RFC 7468; without its end where a message was cut",
  },
  {
    name: "serialized Java object",
    pattern: /rO0AB[\w+/=-]*|\baced0005[0-9a-f]{4,}/gu,
    to: HIDDEN,
    why: "java.io.ObjectStreamConstants, in base64 and hex: throwables that Flink carries hold whatever they hold",
  },
  {
    name: "JWT",
    pattern: /(?<![\w-])eyJ[\w-]{6,}\.[\w-]{2,}(?:\.[\w-]*){0,3}/gu,
    to: HIDDEN,
    why: "RFC 7519 and 7516: a JSON object in base64url begins so",
  },
  {
    name: "Slack token",
    pattern: issued(String.raw`(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[A-Za-z0-9-]+`),
    to: HIDDEN,
    why: "https://docs.slack.dev/authentication/tokens",
  },
  {
    name: "webhook",
    pattern:
      /(\/\/(?:hooks\.slack(?:-gov)?\.com|hooks\.zapier\.com|discord(?:app)?\.com\/api\/webhooks|[\w-]{1,63}\.webhook\.office\.com|outlook\.office(?:365)?\.com\/webhook)\/)[^\s"'<>|]+/giu,
    to: `$1${HIDDEN}`,
    why: "whoever has the address may post; Slack's response_url is one",
  },
  {
    name: "token of a code host or registry",
    pattern: issued(
      String.raw`gh[oprsu]_[A-Za-z0-9]{16,}|github_pat_\w{16,}`,
      String.raw`gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|soat)-[\w.-]{16,}`,
      String.raw`npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,}|rubygems_[0-9a-f]{40,}|dckr_(?:pat|oat)_[\w-]{20,}`,
      String.raw`AT(?:ATT|CTT|BB)[\w=.-]{24,}`,
    ),
    to: HIDDEN,
    why: "GitHub, GitLab, npm, PyPI, RubyGems, Docker, Atlassian",
  },
  {
    name: "token of a service",
    pattern: issued(
      String.raw`(?:sk|rk)_(?:live|test)_\w{10,}|whsec_[\w+/=]{16,}|sq0[a-z]{3}-[\w-]{20,}|shp(?:at|ca|pa|ss)_[0-9a-f]{32}`,
      String.raw`SG\.[\w-]{16,}\.[\w-]{16,}|SK[0-9a-f]{32}|key-[0-9a-f]{32}`,
      String.raw`sk-(?:ant|proj|svcacct|admin|or)-[\w-]{20,}|sk-[A-Za-z0-9]{32,}|hf_[A-Za-z0-9]{30,}`,
      String.raw`hv[brs]\.[\w-]{20,}|pul-[0-9a-f]{40}|AGE-SECRET-KEY-1[A-Z0-9]{50,}`,
      String.raw`dapi[0-9a-f]{32}(?:-\d)?|do[opr]_v1_[0-9a-f]{64}|dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}`,
      String.raw`AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|1\/\/0[\w-]{30,}`,
      String.raw`glsa_\w{20,}|glc_eyJ[\w+/=]{17,}|NRAK-[A-Z0-9]{20,}|sntry[su]_[\w=+/-]{30,}|lin_api_\w{30,}|PMAK-[0-9a-f-]{50,}`,
    ),
    to: HIDDEN,
    why: "Google; Stripe, Square, Shopify; SendGrid, Twilio, Mailgun; Anthropic, OpenAI, Hugging Face; HashiCorp, Pulumi, age; Databricks, DigitalOcean, Dynatrace; Grafana, New Relic, Sentry, Linear, Postman",
  },
  {
    name: "signature in an address",
    pattern:
      /((?<![\w-])(?:sig|x-amz-signature|x-amz-credential|x-goog-signature)=)[\w%+/=.~-]{6,}|([?&](?:ticket|signature)=)[^&\s"'<>]+|([?&](?:key|code|app_id)=)(?=[^&\s]{0,200}\d)[^&\s"'<>]{8,}/giu,
    to: ({ 1: sig, 2: ticket, 3: key = "" }) => (sig ?? ticket ?? key) + HIDDEN,
    why: "signed addresses of Azure, AWS and Google; what names a caller in a query",
  },
  {
    name: "AWS keys",
    pattern:
      /(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,20}(?![A-Za-z0-9])(?:["',:;|/\s]{1,5}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=]))?/gu,
    to: HIDDEN,
    why: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html; a secret key has no shape of its own, so only right behind its id",
  },
  {
    name: "token behind its id",
    pattern: /Q~(?<=[\w~.-]{3}\dQ~)[\w~.-]{31,34}|:AA(?<=\d{8,10}:AA)[\w-]{30,}|\.atlasv1\.[\w-]{60,}/gu,
    to: HIDDEN,
    why: "client secrets of Entra ID, bots of Telegram, HCP Terraform",
  },
  {
    name: "key of a storage account",
    pattern: valueBehind(String.raw`(?:account|sas)[._](?:key|token)\.[\w.-]{1,100}${SIGN}`),
    to: hideValue,
    why: "Hadoop ends the name with the account: fs.azure.account.key.<account>.blob.core.windows.net",
  },
  {
    name: "user info of an address",
    pattern: /(?<!\b(?:abfss?|wasbs?)):\/\/((?:(?!:\/\/)[^\s"'<>\x60])+)@(?=[\w[%${*(-])/giu,
    to: hideUserInfo,
    why: "RFC 3986, and passwords with / @ : # in them all the same; Azure's container@account is none",
  },
  {
    name: "Oracle's user/password",
    pattern:
      /(jdbc:oracle:[a-z]{1,10}:|(?:sqlplus|sqlldr|expdp|impdp)\s(?:-\S{1,20}\s){0,5})["']?[^\s/"'@<>*]{1,128}\/[^\s'<>]{1,256}@/giu,
    to: `$1${HIDDEN}@`,
    why: "jdbc:oracle:thin:scott/tiger@host",
  },
  {
    name: "Oracle's user/password before a service",
    pattern:
      /\/(?<=(?<![\w./:@-])[\w$#]{1,30}\/)[^\s/@"'<>]{1,60}(?=@(?:\/\/)?[\w.-]{1,253}:\d{2,5}[:/]\w)/gu,
    to: `/${HIDDEN}`,
    why: "EZConnect: scott/tiger@host:1521/service",
  },
  {
    name: "credentials of a command line",
    pattern:
      /(curl\s[^\n]{0,300}?(?:-u|--user|--proxy-user|-U)[\s=]{0,3}["']?|sshpass\s+-p\s{0,3}|mysql(?:dump|admin)?\s[^\n]{0,200}?\s-p|redis-cli\s[^\n]{0,200}?-a\s{1,3})(?![\s-])[^\s"']+/gu,
    to: `$1${HIDDEN}`,
    why: "options that are no words: curl -u user:password, mysql -ppassword",
  },
  {
    name: "Authorization header",
    pattern: new RegExp(
      String.raw`(authorization${SIGN}\[?\\{0,3}["']?(?:(?:bearer|basic|token|digest|negotiate|ntlm|apikey|api-key|bot|hmac|oauth|sharedkey|sharedaccesssignature|aws4-hmac-sha256|splunk|geniekey|ssws|dpop|jwt|oauth2)[: ]+)?)([\w-]{1,40}=(?:"[^"\n]*"|[^\s,"']+)(?:,[^\S\n]{0,3}[\w-]{1,40}=(?:"[^"\n]*"|[^\s,"']+))*|[^\s"',\])}]+)`,
      "giu",
    ),
    to: hideValue,
    why: "RFC 9110, whatever the scheme",
  },
  {
    name: "bearer token",
    pattern: /(bearer[: ]\s{0,3})([\w.~+/=-]{6,})/giu,
    to: ({ 0: all, 1: head = "", 2: token = "" }) =>
      isProse(token) ||
      /^(?:tokens?|auth\w*|credentials?|error\w*|format|header|scheme|scope)\b/iu.test(token)
        ? all
        : head + HIDDEN,
    why: "RFC 6750, without its header",
  },
  {
    name: "basic credentials",
    pattern: /(basic\s{1,3})([A-Za-z0-9+/]{6,}={0,2})(?![\w+/=])/giu,
    to: ({ 0: all, 1: head = "", 2: token = "" }) => (isBasic(token) ? head + HIDDEN : all),
    why: "RFC 7617, without its header",
  },
  {
    name: "cookies",
    pattern: new RegExp(
      String.raw`(cookie2?${SIGN}\[?\\{0,3}["']?)[^\s=;,"']{1,80}=[^\n"'\]}]*|((?:JSESSIONID|PHPSESSID|ASP\.NET_SessionId|connect\.sid)=)[^\s;,"'&]+`,
      "giu",
    ),
    to: ({ 1: header, 2: name = "" }) => (header ?? name) + HIDDEN,
    why: "RFC 6265; the names that servers give their sessions",
  },
  {
    name: "XML element",
    pattern: new RegExp(
      String.raw`(<name>[^<>]{0,200}?${NAME}</name>\s{0,20}<value>|<(?:[\w.-]{1,60}:)?[\w.-]{0,60}?${NAME}(?:\s[^<>]{0,200})?>)([^<]+)(?=<)`,
      "giu",
    ),
    to: hideValue,
    why: "Hadoop's configuration files, and XML as such",
  },
  {
    name: "key and value apart",
    pattern: valueBehind(
      String.raw`["'](?:key|name)["']\s{0,9}[:=]\s{0,9}["'][^"'\n]{0,200}?${NAME}["']\s{0,9},\s{0,9}["']value["']\s{0,9}[:=]\s{0,9}`,
    ),
    to: hideValue,
    why: "how Flink's REST API shows a configuration: {key, value}",
  },
  {
    name: "value of a name",
    pattern: valueBehind(NAME + SIGN),
    to: hideValue,
    why: "properties, YAML, JSON, SQL options, queries, connection strings, Java's toString",
  },
  {
    name: "value of a short name",
    pattern: valueBehind(
      String.raw`${SHORT}(?:["']\s{0,9}[:=]|[^\S\n]{0,9}=)[^\S\n]{0,9}(?![/~]|[A-Z]:\\)`,
      "gu",
    ),
    to: hideValue,
    why: "pass and pwd, where it is no sentence and no working directory",
  },
  {
    name: "value of an option",
    pattern: valueBehind(
      String.raw`(?<![\w.-])${DASH}(?:[a-z][\w.-]{0,80}?)??(?:${NAME}|(?<![a-z])(?:pass|pwd)(?![\w$-]|\.\w))(?:\n?[^\S\n]{1,9}|["']?,\s{0,3}(?=["']?[^\s"'-]))(?!-)`,
    ),
    to: hideValue,
    why: "--db-password x, also as a list prints it, and with the long dash that phones make of two",
  },
  {
    name: "SQL and netrc",
    pattern: valueBehind(
      String.raw`identified\s{1,9}by\s{1,9}|password\s{1,9}(?=')|login\s{1,9}\S{1,100}\s{1,9}password\s{1,9}`,
    ),
    to: hideValue,
    why: "IDENTIFIED BY 'x', PASSWORD 'x', login x password y",
  },
  {
    name: "mixed value of a name that may be harmless",
    pattern:
      /((?<![A-Za-z0-9])(auth|key|signature|session(?:[._-]?id)?|sid|nonce)["']?\s{0,9}[:=]\s{0,9}["']?)([\w+/=~-]{8,})/giu,
    to: ({ 0: all, 1: head = "", 2: name = "", 3: value = "" }) =>
      (name.toLowerCase() === "auth" ? isBasic(value) : value.length >= 16 && isMixed(value))
        ? head + HIDDEN
        : all,
    why: "the key of a Kafka record is none, auth of Docker is one: judged by the value",
  },
  {
    name: "encoded run",
    pattern: /(?<![\w+/-])[\w+/-]{40,}={0,2}/gu,
    to: (found) => (isEncoded(found) ? HIDDEN : found[0]),
    why: "keys and serialized values that have lost their name; hex is left alone: ids and digests",
  },
];

const SHAPES = RULES.filter(({ to }) => to === HIDDEN);

/** The text with each secret replaced by three stars. Idempotent. Never throws. */
export function redact(text: string): string {
  const whole = text.slice(0, LONGEST);
  const seen = asSeen(whole);
  if (seen === whole) return ruled(whole);
  // what has a shape of its own may be set apart by nothing else
  const hidden = ruled(asSeen(SHAPES.reduce(applied, whole)));
  return hidden === seen ? ruled(whole) : hidden;
}

function ruled(text: string): string {
  let before = text;
  let clean = RULES.reduce(applied, before);
  // a secret directly behind another one matches only after the first is hidden
  for (let n = 0; clean !== before && n < 8; n += 1) [before, clean] = [clean, RULES.reduce(applied, clean)];
  return clean;
}

const SECRET_NAME = new RegExp(`(?:${NAME}|authorization|cookie|response_?url)$`, "iu");
const SHORT_NAME = new RegExp(`${SHORT}$`, "u");

export { HIDDEN } from "./secret-names.ts";

/** Whether a value with this name is a secret, whatever it looks like: a field, a header, `--db-password`. */
export const isSecretName = (name: string): boolean =>
  SECRET_NAME.test(asSeen(name)) || SHORT_NAME.test(asSeen(name));

/** A program's arguments, redacted one by one; the value after an option like `--db-password` is hidden. */
export const redactArguments = (args: readonly string[]): readonly string[] =>
  args.map((arg, i) => {
    const before = asSeen(args[i - 1] ?? "");
    const isOption = /^(?:--?|[‒-―−])[A-Za-z]/u.test(before) && isSecretName(before);
    return isOption && !/^(?:--|[‒-―−])[A-Za-z]/u.test(arg) && !isNoValue(arg) ? HIDDEN : redact(arg);
  });

/** Names the first secret in these texts without showing it: its option, or the redacted text; null: no secret. */
export function secretIn(texts: readonly string[]): string | null {
  const clean = redactArguments(texts);
  const at = clean.findIndex((text, i) => text !== texts[i]);
  const [before, found] = [texts[at - 1], clean[at]];
  return found === HIDDEN && before !== undefined ? before : (found ?? null);
}
