/**
 * How a secret is named, how its value is written, and which runs of characters nobody would use as a name: the grammar
 * behind the rules of redact.ts. Imports nothing.
 */

/** What stands where a secret was. */
export const HIDDEN = "***";

/** The last word of a name that says "secret", as in Flink's own GlobalConfiguration.SENSITIVE_KEYS, and more. */
const WORD = [
  String.raw`pass(?:word|wd|phrase|code)s?`,
  // kubernetes.env.secretKeyRef says where a secret is: env:VARIABLE,secret:name,key:name
  String.raw`(?<!\benv:[\w.-]{1,80},)secret`,
  // a parser's tokens, and those that lead to the next page
  String.raw`(?<!(?:unexpected|unrecogni[sz]ed|illegal|next|current|json|expected|found|page)[ _-]?)token`,
  "credentials?",
  String.raw`(?:access|account|admin|api|app|application|auth|aes|bot|cipher|consumer|crypto|decryption|deploy|encryption|function|hmac|integration|license|master|private|secret|service|shared|signing|ssh|storage|subscription|webhook)[._ -]?key`,
  String.raw`auth[._-]?params|basic[._-]?auth|http[._-]?headers|auth[._-]?user[._-]?info|(?<![a-z0-9])_auth`,
].join("|");
/** Too short to be looked for inside of other words ("bypass"). */
export const SHORT = String.raw`(?:[Pp]ass|[Pp]wd|PASS|PWD)(?<![A-Za-z](?:pass|pwd)|[A-Z](?:Pass|Pwd|PASS|PWD))(?![\w$-]|\.\w)`;
const SUFFIX = String.raw`(?:[._-]?(?:\d{1,3}|value|plain|raw|hash|base64|b64|text|string|old|new|current|previous|primary|secondary))?`;
export const NAME = String.raw`(?:${WORD})${SUFFIX}(?![\w$-]|\.\w)`;
/** Between a name and its value, also as JSON, JavaScript and addresses write it inside of texts. */
export const SIGN = String.raw`["'\x60\])\\]{0,4}[^\S\n]{0,9}(?:=>|:=|==?|:(?!:|\/\/)|%3[dDaA]|\\u003[dDaA])[^\S\n]{0,9}`;
/** Behind a mark that ends a value: a list, a sentence or another name goes on. */
const ENDS = String.raw`(?=\s|$|["'\])}]|(?:amp;)?[\w.$-]{1,60}["']?\s{0,3}(?:=|:[\s"']))`;
const VALUE = [
  String.raw`(?<q>\\{1,3}["'])[^\n]*?(?:\k<q>|(?=\n)|$)`,
  String.raw`"[^"\\\n]*(?:\\.[^"\\\n]*)*"?`,
  String.raw`'[^'\\\n]*(?:(?:\\.|'')[^'\\\n]*)*'?`,
  String.raw`“[^”\n]*”?|\x60[^\x60\n]*\x60?`,
  String.raw`[|>][+-]?\n[^\S\n]+[^\n]+`,
  String.raw`\[[^\]\n]*\]?[^\s,;&"'\x60<>]*`,
  String.raw`[^\s&,;\\"'\x60<>]*(?:(?:[&,;\\](?!${ENDS})|["'\x60](?=\w)|<(?=[^\s/])|>(?=[^\s<"',;)\]}]))[^\s&,;\\"'\x60<>]*)*`,
].join("|");
/** An object as a value: what is in it has names of its own. */
const OBJECT = String.raw`\{(?:\s|$|["'}]|[\w.$-]{1,40}["']?\s{0,3}[:=])|\([\w.$-]{1,40}\s{0,3}=`;

/** A pattern of a head (the first group) and the value behind it (the second). */
export const valueBehind = (head: string, flags: "gu" | "giu" = "giu"): RegExp =>
  new RegExp(`(${head})(?!${OBJECT})(${VALUE})`, flags);

/** Says that there is none, where it is kept, or of which type it is. */
const NO_VALUE =
  /^(?:\*{3}.*|[*•.…]+|x{3,}|null|none|nil|undefined|true|false|unset|empty|n\/a|redacted|removed|hidden|masked|string|varchar|bytes|%s|\$\{[^}]*\}?|\$\(.*|\{\{.*|<(?:redacted|removed|hidden|masked|secret|password|token|none|null|empty|unset|your[\w -]*)>?)$/iu;
const KEPT_AT = /^(?:\$[A-Z_][A-Z0-9_]{2,}|(?:file:)?(?:\/[a-z][a-z0-9_.-]*){2,}\/?)$/u;
/** Whether it says that there is no secret, or where it is. */
export const isNoValue = (value: string): boolean =>
  value === "" || NO_VALUE.test(value) || KEPT_AT.test(value);

/** What a sentence goes on with: "password: must not be empty", "--db-password is missing". */
const PROSE =
  /^(?:a|after|again|an|and|are|argument|as|at|be|been|before|by|can|cannot|changed|contains|denied|did|do|does|empty|environment|expired|failed|flag|for|found|from|given|had|has|have|here|holds|if|in|incorrect|into|invalid|is|it|its|looks|may|mismatch|missing|must|need|needs|new|no|not|now|of|old|on|option|or|please|put|refused|rejected|required|requires|reset|revoked|rotated|rotation|see|set|should|takes|than|that|the|then|there|this|to|too|unknown|unset|use|value|via|was|were|when|where|which|who|will|with|without|would|wrong)$/iu;
export const isProse = (word: string): boolean => PROSE.test(word);

/** What `valueBehind` has found, with its value hidden; as it is where that is no value. */
export function hideValue({ 1: head = "", 2: value = "", index, input }: RegExpExecArray): string {
  const open = /^(?:\\{1,3}["']|["'“\x60[])/u.exec(value)?.[0] ?? "";
  const close = open === "“" ? "”" : open === "[" ? "]" : open;
  const isClosed = open !== "" && value.length > open.length && value.endsWith(close);
  const end = open === "" ? withoutMarks(value) : value.length - (isClosed ? close.length : 0);
  const secret = value.slice(open.length, end).trim();
  if (isNoValue(secret)) return head + value;
  const isSentence = open === "" && /[^=\s]\s+$/u.test(head);
  if (isSentence && (PROSE.test(secret) || isOfFile(input.slice(Math.max(0, index - 200), index))))
    return head + value;
  return `${head}${open}${HIDDEN}${value.slice(end)}`;
}

/** Up to the marks that end a sentence or close what was opened before the value. */
function withoutMarks(value: string): number {
  let end = value.length;
  while (end > 0 && ")]}.,:;!?>".includes(value.charAt(end - 1))) end -= 1;
  return end;
}

/** A file that is called like a secret: what follows is what is wrong with it. */
const isOfFile = (before: string): boolean => /(?:^|\W)\/[\w./-]*$/u.test(before);

/** As much of a run tells what it is. */
const SAMPLE = 400;

const meanLength = (runs: readonly string[] | null): number =>
  runs === null ? Infinity : runs.join("").length / runs.length;

/** Upper case, lower case and digits, in turns too short for words. */
export function isMixed(text: string): boolean {
  const sample = text.slice(0, SAMPLE);
  const upper = sample.match(/[A-Z]+/gu);
  const share = (upper ?? []).join("").length / Math.max(1, sample.replaceAll(/[^A-Za-z]/gu, "").length);
  return (
    /\d\D*\d/u.test(sample) &&
    share > 0.2 &&
    meanLength(upper) < 2.7 &&
    meanLength(sample.match(/[a-z]+/gu)) < 2.7
  );
}

/** `user:password` in base64, or a mixed run. */
export function isBasic(text: string): boolean {
  if (isMixed(text)) return true;
  try {
    return /^[\x20-\x7e]+:[\x20-\x7e]*$/u.test(atob(text));
  } catch {
    return false;
  }
}

/** `user:password` of an address; or a token that stands alone where a user would. */
function isUserInfo(info: string): boolean {
  const colon = info.indexOf(":");
  const path = info.search(/[/?#]/u);
  if (colon === -1 || colon === info.length - 1)
    return path === -1 && info.length >= 20 && (isMixed(info) || /^[0-9a-f]{32,}:?$/iu.test(info));
  // host/path:x@y, [::1]:8081/x@y, host:8081/x@y
  return (
    !(path !== -1 && path < colon) && !info.startsWith("[") && !/^\d{1,5}[/?#,;]/u.test(info.slice(colon + 1))
  );
}

/** An address's user info, with what stands around it. */
export function hideUserInfo({ 0: all, 1: info = "" }: RegExpExecArray): string {
  if (isUserInfo(info)) return `://${HIDDEN}@`;
  // a path may hold an @ as well
  const at = info.search(/@[^@/?#]*[/?#]/u);
  return at > 0 && isUserInfo(info.slice(0, at)) ? `://${HIDDEN}${info.slice(at)}@` : all;
}

/** What a key's lines begin with where their end was cut off. */
const ENCODED_LINES =
  /^((?:\s|\\[nr]|")*)(?:[A-Za-z0-9+/]{16,}={0,2}(?!\w)(?:\s|\\[nr])*)+(?:[A-Za-z0-9+/]{1,76}={0,2}(?!\w))?/u;

/** A PEM block; of one without an end what belongs to it for sure. */
export function hidePem({ 0: all, 1: begin = "", 2: body = "", 3: end }: RegExpExecArray): string {
  if (end === undefined) return begin + body.replace(ENCODED_LINES, `$1${HIDDEN}`);
  return body.trim() === "" ? all : `${begin}${HIDDEN}${end}`;
}

/** A run that nobody has used for a name, of 40 characters or more. */
export function isEncoded({ 0: run, index, input }: RegExpExecArray): boolean {
  if (/^sha\d+[-:]/iu.test(run)) return false;
  // 64 bytes: the key of an Azure account
  if (/^[A-Za-z0-9+/]{86}==$/u.test(run)) return true;
  const end = index + run.length;
  const isAlone =
    /(?:^|\n)[^\S\n]*$/u.test(input.slice(Math.max(0, index - 40), index)) &&
    /^[^\S\n]*(?:\r?\n|$)/u.test(input.slice(end, end + 40));
  if ((isAlone || run.length >= 120) && isMixed(run)) return true;
  // a path is of many parts, and base64 has a slash now and then
  return run
    .split("/")
    .some(
      (part) =>
        (part.length >= 48 && isMixed(part)) ||
        (/[A-Za-z0-9]{100}/u.test(part) && !isHex(part) && new Set(part).size > 3),
    );
}

const isHex = (text: string): boolean => /^[0-9a-f]+$/iu.test(text);
