import { expect, test } from "vitest";
import { tokenize } from "../../src/command/tokenize.ts";

const textOf = (text: string): readonly string[] | string => {
  const read = tokenize(text);
  return read.is === "problem" ? read.problem : read.words.map((w) => w.text);
};

const TABLE: readonly (readonly [name: string, text: string, words: readonly string[]])[] = [
  ["nothing", "", []],
  ["spaces only", "  \u00a0 ", []],
  ["plain words", "scale orders 8", ["scale", "orders", "8"]],
  ["doubled spaces", "scale   orders  8 ", ["scale", "orders", "8"]],
  ["non-breaking and thin spaces", "scale\u00a0orders\u20098", ["scale", "orders", "8"]],
  ["line breaks", "scale\norders\t8", ["scale", "orders", "8"]],
  ["plain quotes", 'status "my job"', ["status", "my job"]],
  ["smart quotes", "status “my job”", ["status", "my job"]],
  ["low and angle quotes", "status „my job“ «x»", ["status", "my job", "x"]],
  ["single smart quotes", "status ‘my job’", ["status", "my job"]],
  ["backticks", "status `my job`", ["status", "my job"]],
  ["an apostrophe", "stop don't", ["stop", "don't"]],
  ["an apostrophe in single quotes", "stop 'don't do it'", ["stop", "don't do it"]],
  ["an escaped quote", '"a \\"b\\" \\\\c"', ['a "b" \\c']],
  ["an empty quote", 'status ""', ["status", ""]],
  ["quotes after =", '--reason="a b" x', ["--reason=a b", "x"]],
  ["smart quotes after a long dash and =", "—reason=“a b” x", ["--reason=a b", "x"]],
  ["an em dash", "stop x —drain", ["stop", "x", "--drain"]],
  ["an en dash", "stop x –drain", ["stop", "x", "--drain"]],
  ["an en dash and a hyphen", "stop x –-drain", ["stop", "x", "--drain"]],
  ["a minus before a digit", "scale x −1", ["scale", "x", "-1"]],
  ["a dash inside a word stays", "status a–b", ["status", "a–b"]],
  ["a dash in quotes stays", "x “—drain”", ["x", "—drain"]],
  ["a person", "status <@U1|ana>", ["status", "@ana"]],
  ["a person without a label", "status <@U1>", ["status", "@U1"]],
  ["a channel", "status <#C1|ops>", ["status", "#ops"]],
  ["a group", "status <!subteam^S1|@ops> <!subteam^S2>", ["status", "@ops", "@S2"]],
  ["everybody", "status <!channel>", ["status", "@channel"]],
  ["an auto-link", "status <http://a.example|a.example>", ["status", "a.example"]],
  ["a link without a label", "savepoint x <http://a.example/b>", ["savepoint", "x", "http://a.example/b"]],
  ["a mail address", "status <mailto:a@b.example|a@b.example>", ["status", "a@b.example"]],
  ["entities", "status a&amp;b&lt;c&gt;", ["status", "a&b<c>"]],
  ["entities are decoded once", "status &amp;lt;", ["status", "&lt;"]],
  ["what a person typed is no mention", "status &lt;@U1|ana&gt;", ["status", "<@U1|ana>"]],
  ["zero-width spaces go", "sta\u200btus or\ufeffders", ["status", "orders"]],
];

test.each(TABLE)("%s", (_name, text, words) => {
  expect(textOf(text)).toEqual(words);
});

test.each([
  ["a quote that is not closed", 'stop "x', "not closed"],
  ["a smart quote that is not closed", "stop “x", "not closed"],
  ["a direction override", "stop x\u202egnp", "U+202E"],
  ["an isolate", "stop \u2068x\u2069", "U+2068"],
  ["a control character", "stop x\u0007", "U+0007"],
  ["half a character", "stop x\ud800", "U+D800"],
  ["too much", "x".repeat(3_001), "3000"],
])("refuses %s", (_name, text, words) => {
  expect(tokenize(text).is).toBe("problem");
  expect(textOf(text)).toContain(words);
});

test("remembers what was quoted", () => {
  const read = tokenize('stop "--drain" --reason="x y"');
  expect(read).toMatchObject({
    words: [{ quoted: false }, { text: "--drain", quoted: true }, { text: "--reason=x y", quoted: false }],
  });
});
