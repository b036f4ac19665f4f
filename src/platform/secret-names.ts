/**
 * The grammar behind the rules of redact.ts: names of secrets, notations of values, and runs of characters that are not
 * names. Imports nothing.
 */

/** Replaces a secret. */
export const HIDDEN = "***";

/**
 * The text without characters that have no width: people read "pass<U+200B>word" as one word. Emoji and some scripts need
 * these characters, so a text keeps them where they hide nothing.
 */
export const asSeen = (text: string): string => text.replaceAll(/\p{Cf}+/gu, "");

/** The last word of a secret's name: Flink's own GlobalConfiguration.SENSITIVE_KEYS, and more. */
const WORD = [
  String.raw`pass(?:word|wd|phrase|code)s?`,
  // kubernetes.env.secretKeyRef refers to a secret: env:VARIABLE,secret:name,key:name
  String.raw`(?<!\benv:[\w.-]{1,80},)secret`,
  // not a parser's tokens or page tokens
  String.raw`(?<!(?:unexpected|unrecogni[sz]ed|illegal|next|current|json|expected|found|page)[ _-]?)token`,
  "credentials?",
  String.raw`(?:access|account|admin|api|app|application|auth|aes|bot|cipher|consumer|crypto|decryption|deploy|encryption|function|hmac|integration|license|master|private|secret|service|shared|signing|ssh|storage|subscription|webhook)[._ -]?key`,
  String.raw`auth[._-]?params|basic[._-]?auth|http[._-]?headers|auth[._-]?user[._-]?info|(?<![a-z0-9])_auth`,
].join("|");
/** Too short to search for inside other words ("bypass"). */
export const SHORT = String.raw`(?:[Pp]ass|[Pp]wd|PASS|PWD)(?<![A-Za-z](?:pass|pwd)|[A-Z](?:Pass|Pwd|PASS|PWD))(?![\w$-]|\.\w)`;
const SUFFIX = String.raw`(?:[._-]?(?:\d{1,3}|value|plain|raw|hash|base64|b64|text|string|old|new|current|previous|primary|secondary))?`;
export const NAME = String.raw`(?:${WORD})${SUFFIX}(?![\w$-]|\.\w)`;
/** The sign between a name and its value, also as escaped in JSON, JavaScript and URLs. */
export const SIGN = String.raw`["'\x60\])\\]{0,4}[^\S\n]{0,9}(?:=>|:=|==?|:(?!:|\/\/)|%3[dDaA]|\\u003[dDaA])[^\S\n]{0,9}`;
/** Follows a mark that ends a value: a space, a closing mark or the next name. */
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
/** An object as a value: its members have names of their own. */
const OBJECT = String.raw`\{(?:\s|$|["'}]|[\w.$-]{1,40}["']?\s{0,3}[:=])|\([\w.$-]{1,40}\s{0,3}=`;

/** What an option begins with: phones make one long dash of two hyphens. */
export const DASH = "(?:--?|[‒-―−])";

/** A pattern of a head (first group) and the value behind it (second group). */
export const valueBehind = (head: string, flags: "gu" | "giu" = "giu"): RegExp =>
  new RegExp(`(${head})(?!${OBJECT})(${VALUE})`, flags);

/** A value that says that there is no secret, where it is kept, or which type it has. */
const NO_VALUE =
  /^(?:\*{3}.*|[*•.…]+|x{3,}|null|none|nil|undefined|true|false|unset|empty|n\/a|redacted|removed|hidden|masked|string|varchar|bytes|%s|\$\{[^}]*\}?|\$\(.*|\{\{.*|<(?:redacted|removed|hidden|masked|secret|password|token|none|null|empty|unset|your[\w -]*)>?)$/iu;
const KEPT_AT = /^(?:\$[A-Z_][A-Z0-9_]{2,}|(?:file:)?(?:\/[a-z][a-z0-9_.-]*){2,}\/?)$/u;
/** Whether the value says that there is no secret, or where it is kept. */
export const isNoValue = (value: string): boolean =>
  value === "" || NO_VALUE.test(value) || KEPT_AT.test(value);

/** The first word of a sentence: "password: must not be empty", "--db-password is missing". */
const PROSE =
  /^(?:a|after|again|an|and|are|argument|as|at|be|been|before|by|can|cannot|changed|contains|denied|did|do|does|empty|environment|expired|failed|flag|for|found|from|given|had|has|have|here|holds|if|in|incorrect|into|invalid|is|it|its|looks|may|mismatch|missing|must|need|needs|new|no|not|now|of|old|on|option|or|please|put|refused|rejected|required|requires|reset|revoked|rotated|rotation|see|set|should|takes|than|that|the|then|there|this|to|too|unknown|unset|use|value|via|was|were|when|where|which|who|will|with|without|would|wrong)$/iu;
export const isProse = (word: string): boolean => PROSE.test(word);

/** Hides the value in a match of `valueBehind`; returns the match unchanged if it is no secret. */
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

/** The length without the marks that end a sentence or close a bracket opened before the value. */
function withoutMarks(value: string): number {
  let end = value.length;
  while (end > 0 && ")]}.,:;!?>".includes(value.charAt(end - 1))) end -= 1;
  return end;
}

/** The text ends in the path of a file named like a secret, so the next words describe a problem with the file. */
const isOfFile = (before: string): boolean => /(?:^|\W)\/[\w./-]*$/u.test(before);

/** How many characters of a run are judged. */
const SAMPLE = 400;

const meanLength = (runs: readonly string[] | null): number =>
  runs === null ? Infinity : runs.join("").length / runs.length;

/** Upper case, lower case and digits that alternate too often for words. */
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

/** Whether this is `user:password` of a URL, or a token in place of the user. */
function isUserInfo(info: string): boolean {
  const colon = info.indexOf(":");
  const path = info.search(/[/?#]/u);
  if (colon === -1 || colon === info.length - 1)
    return path === -1 && info.length >= 20 && (isMixed(info) || /^[0-9a-f]{32,}:?$/iu.test(info));
  // not user info: host/path:x@y, [::1]:8081/x@y, host:8081/x@y
  return (
    !(path !== -1 && path < colon) && !info.startsWith("[") && !/^\d{1,5}[/?#,;]/u.test(info.slice(colon + 1))
  );
}

/** Hides the user info in a match, and keeps the rest. */
export function hideUserInfo({ 0: all, 1: info = "" }: RegExpExecArray): string {
  if (isUserInfo(info)) return `://${HIDDEN}@`;
  // a path may contain an @ as well
  const at = info.search(/@[^@/?#]*[/?#]/u);
  return at > 0 && isUserInfo(info.slice(0, at)) ? `://${HIDDEN}${info.slice(at)}@` : all;
}

/** The encoded lines of a key whose end was cut off. */
const ENCODED_LINES =
  /^((?:\s|\\[nr]|")*)(?:[A-Za-z0-9+/]{16,}={0,2}(?!\w)(?:\s|\\[nr])*)+(?:[A-Za-z0-9+/]{1,76}={0,2}(?!\w))?/u;

/** Hides the body of a PEM block; without an end marker, only the lines that certainly belong to it. */
export function hidePem({ 0: all, 1: begin = "", 2: body = "", 3: end }: RegExpExecArray): string {
  if (end === undefined) return begin + body.replace(ENCODED_LINES, `$1${HIDDEN}`);
  return body.trim() === "" ? all : `${begin}${HIDDEN}${end}`;
}

/** Whether a run of 40 or more characters is encoded data rather than a name. */
export function isEncoded({ 0: run, index, input }: RegExpExecArray): boolean {
  if (/^sha\d+[-:]/iu.test(run)) return false;
  // 64 bytes: the key of an Azure account
  if (/^[A-Za-z0-9+/]{86}==$/u.test(run)) return true;
  const end = index + run.length;
  const isAlone =
    /(?:^|\n)[^\S\n]*$/u.test(input.slice(Math.max(0, index - 40), index)) &&
    /^[^\S\n]*(?:\r?\n|$)/u.test(input.slice(end, end + 40));
  if ((isAlone || run.length >= 120) && isMixed(run)) return true;
  // a path has many parts, and base64 contains a slash now and then
  return run
    .split("/")
    .some(
      (part) =>
        (part.length >= 48 && isMixed(part)) ||
        (/[A-Za-z0-9]{100}/u.test(part) && !isHex(part) && new Set(part).size > 3),
    );
}

const isHex = (text: string): boolean => /^[0-9a-f]+$/iu.test(text);
