import { describe, expect, it } from "vitest";
import { GENESIS, type Head, link, readLink, statement } from "../../src/audit/chain.ts";
import { csvRow } from "../../src/audit/export.ts";
import { type Against, type Finding, isWhole, verify } from "../../src/audit/verify.ts";
import { canonical, sha256 } from "../../src/platform/canonical.ts";
import { createSigner, createVerifier, newSigningKey, type Signer } from "../../src/platform/signing.ts";
import { aChain, anEntry } from "./an-entry.ts";

const sign = createSigner(newSigningKey());
const verifierOf = (signer: Signer) => {
  const verifier = createVerifier(signer.publicKey);
  if (verifier === null) throw new Error("no key");
  return verifier;
};
const keys = [verifierOf(sign)];
const entries = Array.from({ length: 9 }, (_, i) => anEntry(i + 1));
const lines = aChain(entries, sign);
const headOf = (line: string | undefined): Head & { sig: string | null } => {
  const read = readLink(line ?? "");
  if (read === null) throw new Error("not a link");
  return { n: read.n, hash: read.hash, sig: null };
};
const head = headOf(lines.at(-1));
const check = (given: readonly string[], against: Partial<Against> = {}) =>
  verify([given], { head: null, keys: [], ...against });
const found = (given: readonly string[], against: Partial<Against> = {}): [Finding["is"], number | null][] =>
  check(given, against).findings.map(({ is, n }) => [is, n]);
const without = (i: number): string[] => lines.toSpliced(i - 1, 1);
const line = (i: number): string => lines[i - 1] ?? "";

describe("a chain as flinkops wrote it", () => {
  it("is whole, with its head and its signatures", () => {
    const verified = check(lines, { head, keys });
    expect(verified).toMatchObject({
      entries: 9,
      first: { n: 1 },
      last: { n: 9, hash: head.hash },
      findings: [],
    });
    expect(isWhole(verified)).toBe(true);
  });

  it("is whole where it begins later or was sent twice, which are notes", () => {
    const verified = check([...lines.slice(3), line(8), line(9)], { head, keys });
    expect(verified.findings.map(({ is }) => is)).toEqual(["note", "note"]);
    expect(isWhole(verified)).toBe(true);
  });

  it("may be spread over files of several hosts", () => {
    const two = verify([lines.filter((_, i) => i % 3 !== 0), lines.filter((_, i) => i % 3 === 0)], {
      head,
      keys,
    });
    expect(two.findings).toEqual([]);
    expect(verify([without(5), without(6)], { head, keys }).entries).toBe(9);
  });

  it("may be changed to a time that no calendar has, which is found and not thrown", () => {
    const changed = line(4).replace(/"at":\d+/u, '"at":1e21');
    expect(found(lines.toSpliced(3, 1, changed), { head, keys })).toContainEqual(["changed", 4]);
    expect(csvRow(changed)).toContain("?");
  });

  it("may have a torn line, if the next line says so", () => {
    const torn = line(4).slice(0, 50);
    const note = canonical({ torn: sha256(torn), bytes: 50 });
    const verified = check(lines.toSpliced(3, 0, torn, note));
    expect(verified.findings).toEqual([expect.objectContaining({ is: "note" })]);
    expect(found(lines.toSpliced(3, 0, torn))).toEqual([["inserted", null]]);
    expect(found(lines.toSpliced(3, 0, torn.replace("{", "{ "), note))).toEqual([["inserted", null]]);
    // it cannot stand in for the entry
    expect(found(lines.toSpliced(3, 1, torn, note))).toEqual([
      ["note", null],
      ["cut", 4],
    ]);
  });
});

describe("what was done to a chain is named, by number and time", () => {
  it("one byte changed", () => {
    const changed = line(5).replace('"entry 5"', '"entry 6"');
    const [finding] = check(lines.with(4, changed)).findings;
    expect(finding).toMatchObject({ is: "changed", n: 5 });
    expect(finding?.words).toContain("entry 5 (1970-01-01T00:16:40.005Z) was changed");
  });

  it("one entry changed together with its own hashes", () => {
    const other = link(anEntry(55), headOf(line(4)), { sign: null, sealed: "yes" }).line;
    expect(found(lines.with(4, other))).toEqual([["changed", 6]]);
  });

  it("everything from there on written anew: the head and the signatures tell", () => {
    let at: Head = headOf(line(4));
    const anew = [55, 6, 7, 8, 9].map((i) => {
      const next = link(anEntry(i), at, { sign: null, sealed: "yes" });
      at = next;
      return next.line;
    });
    const all = [...lines.slice(0, 4), ...anew];
    expect(found(all)).toEqual([]);
    expect(found(all, { head })).toEqual([["wrong head", 9]]);
    expect(found(all, { keys })).toEqual([["signature", 9]]);
    const withOldSignatures = all.map((one, i) => {
      const sig = readLink(lines[i] ?? "")?.sig ?? "";
      return i < 4 ? one : `${one.slice(0, -1)},"sig":"${sig}"}`;
    });
    expect(found(withOldSignatures, { keys }).map(([, n]) => n)).toEqual([5, 6, 7, 8, 9]);
  });

  it("an entry cut out, several, and the end", () => {
    expect(found(without(5))).toEqual([["cut", 5]]);
    const [cut] = check([...lines.slice(0, 2), ...lines.slice(6)]).findings;
    expect(cut?.words).toBe(
      "entries 3 to 6 are missing, between 1970-01-01T00:16:40.002Z and 1970-01-01T00:16:40.007Z",
    );
    expect(found(lines.slice(0, 7))).toEqual([]);
    const [tail] = check(lines.slice(0, 7), { head }).findings;
    expect(tail).toMatchObject({ is: "cut", n: 8 });
    expect(tail?.words).toBe(
      "entries 8 to 9 are missing: the end was cut off, after 1970-01-01T00:16:40.007Z",
    );
    expect(found([], { head })).toEqual([["cut", 1]]);
  });

  it("two swapped", () => {
    expect(found(lines.with(3, line(6)).with(5, line(4)))).toEqual([
      ["reordered", 5],
      ["reordered", 4],
    ]);
  });

  it("one inserted: with a number that is taken, without one, or a copy", () => {
    const other = link(anEntry(44), headOf(line(3)), { sign: null, sealed: "yes" }).line;
    expect(found(lines.toSpliced(4, 0, other))).toEqual([["inserted", 4]]);
    expect(found(lines.toSpliced(4, 0, anEntry(44)))).toEqual([["inserted", null]]);
    expect(found(lines.toSpliced(4, 0, "hello"))).toEqual([["inserted", null]]);
    expect(found(aChain([...entries.slice(0, 3), entries[0] ?? ""]))).toEqual([["repeated", 4]]);
  });

  it("a chain that does not begin as flinkops begins one", () => {
    const odd = link(anEntry(1), { ...GENESIS, hash: sha256("other") }, { sign: null, sealed: "yes" }).line;
    expect(found([odd])).toEqual([["changed", 1]]);
  });

  it.each<[string, (sig: string) => string]>([
    ["more behind it", (sig) => `${sig}0`],
    ["another part", (sig) => `${sig}.x`],
    ["other letters", (sig) => sig.replace(/\.[0-9a-f]+$/u, (hex) => hex.toUpperCase())],
  ])("a signature with %s, which a decoder would not mind", (_, altered) => {
    const changed = line(4).replace(/(?<="sig":")[^"]+/u, altered);
    expect(changed).not.toBe(line(4));
    expect(found(lines.toSpliced(3, 1, changed), { keys })).toEqual([["signature", 4]]);
  });

  it("another signature of a copy", () => {
    const changed = line(4).replace(
      /(?<="sig":")[^"]+/u,
      (sig) => `${sig.slice(0, -1)}${sig.endsWith("0") ? "1" : "0"}`,
    );
    expect(verify([lines, [changed]], { head, keys }).findings.map(({ is, n }) => [is, n])).toEqual([
      ["signature", 4],
    ]);
  });

  it("a signature by another key, and none", () => {
    const others = aChain(entries, createSigner(newSigningKey()));
    expect(found(others, { keys }).map(([is]) => is)).toEqual(Array.from({ length: 9 }, () => "signature"));
    expect(check(others, { keys }).findings[0]?.words).toContain("by another key");
    expect(found([...lines.slice(0, 5), ...aChain(entries).slice(5)], { keys })).toEqual([["signature", 9]]);
    // two keys, as after a rotation
    expect(found(lines, { keys: [verifierOf(createSigner(newSigningKey())), ...keys] })).toEqual([]);
  });

  it("a head that is not of this chain, or not signed by this key", () => {
    expect(found(lines, { head: { ...head, n: 4 } })).toEqual([["wrong head", 4]]);
    expect(found(lines.slice(3), { head: headOf(line(2)) })).toEqual([
      ["note", 4],
      ["wrong head", 2],
    ]);
    const signed = { ...head, sig: sign.sign(statement(head)) };
    expect(found(lines, { head: signed, keys })).toEqual([]);
    expect(found(lines, { head: { ...signed, sig: sign.sign("other") }, keys })).toEqual([["signature", 9]]);
  });

  it("entries without a seal, as a note", () => {
    const first = link(anEntry(1), GENESIS, { sign: null, sealed: "no" });
    const second = link(anEntry(2), first, { sign: null, sealed: "yes" });
    expect(found([first.line, second.line])).toEqual([["note", 1]]);
  });
});
