import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GENESIS, headText, link, parseHead, readLink, statement } from "../../src/audit/chain.ts";
import { judged } from "../../src/audit/foreign.ts";
import { isUpTo } from "../../src/audit/stream.ts";
import { createSigner, createVerifier, isSigningKey, newSigningKey } from "../../src/platform/signing.ts";
import { aSeal } from "../fakes/seal.ts";
import { aChain, anEntry } from "./an-entry.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("a chain", () => {
  it("numbers its entries, and each names the hash of the one before", () => {
    const [one, two] = aChain([anEntry(1), anEntry(2)]).map(readLink);
    expect([one?.n, two?.n]).toEqual([1, 2]);
    expect(one?.prev).toBe(GENESIS.hash);
    expect(two?.prev).toBe(one?.hash);
    expect(two?.entry).toMatchObject({ headline: "entry 2", detail: { i: 2 } });
  });

  it("has hashes that anybody can compute: the SHA-256 of the line before them", () => {
    const [line = ""] = aChain([anEntry(1)]);
    const [before = "", after = ""] = line.split(',"hash":"');
    expect(after.slice(0, 64)).toBe(sha256(`${before}}`));
  });

  it("leaves each entry as it was committed, with its own hash", () => {
    const [line = ""] = aChain([anEntry(1)]);
    expect(line.startsWith(anEntry(1).slice(0, -1))).toBe(true);
  });

  it("is the same whoever makes it: entries, head and key determine the line", () => {
    const key = newSigningKey();
    const texts = fc.array(fc.string(), { maxLength: 5 });
    fc.assert(
      fc.property(texts, (all) => {
        const entries = all.map((text, i) => JSON.stringify({ text, i }));
        const chain = aChain(entries, createSigner(key));
        expect(aChain(entries, createSigner(key))).toEqual(chain);
        for (const [i, line] of chain.entries()) {
          const read = readLink(line);
          expect(read).toMatchObject({ n: i + 1, whole: true });
          expect(read?.entry["text"]).toBe(all[i]);
        }
      }),
    );
  });

  it("notices any change of one character", () => {
    const [line = ""] = aChain([anEntry(1)]);
    for (let i = 0; i < line.length; i += 1) {
      const changed = `${line.slice(0, i)}${line[i] === "1" ? "2" : "1"}${line.slice(i + 1)}`;
      const read = readLink(changed);
      expect(read === null || !read.whole || read.hash !== readLink(line)?.hash).toBe(true);
    }
  });

  it("marks an entry without a seal, inside of what is hashed", () => {
    const { line } = link(anEntry(1), GENESIS, { sign: null, sealed: "no" });
    expect(readLink(line)).toMatchObject({ unsealed: true, whole: true });
    expect(readLink(line.replace(',"unsealed":true', ""))?.whole).toBe(false);
  });

  it("has a head that can be copied, also with its signature", () => {
    const head = { n: 7, hash: sha256("x") };
    expect(parseHead(headText(head))).toEqual({ ...head, sig: null });
    expect(parseHead(` ${headText(head)}:abc.d-e_f `)).toEqual({ ...head, sig: "abc.d-e_f" });
    for (const text of ["", "7", "7:abc", `${headText(head)}:`, `-1:${head.hash}`])
      expect(parseHead(text)).toBeNull();
  });
});

describe("signatures", () => {
  const head = { n: 3, hash: sha256("y") };
  const [one, two] = [createSigner(newSigningKey()), createSigner(newSigningKey())];
  const verifier = createVerifier(one.publicKey);

  it("are verified with the public key alone", () => {
    expect(verifier?.judge(statement(head), one.sign(statement(head)))).toBe("good");
    expect(verifier?.judge(statement({ ...head, n: 4 }), one.sign(statement(head)))).toBe("bad");
    expect(verifier?.judge(statement(head), two.sign(statement(head)))).toBe("another key");
    // the id of a key is not a secret
    const forged = `${one.sign("x").split(".")[0]}.${two.sign(statement(head)).split(".")[1]}`;
    expect(verifier?.judge(statement(head), forged)).toBe("bad");
  });

  it("need keys of the right form", () => {
    expect(isSigningKey(newSigningKey())).toBe(true);
    for (const key of ["", "flinkops_audit_x", one.publicKey]) expect(isSigningKey(key)).toBe(false);
    for (const key of ["", newSigningKey(), `${one.publicKey}x`]) expect(createVerifier(key)).toBeNull();
  });
});

describe("entries that flinkops did not write", () => {
  const seal = aSeal();
  const at = 1_000_000_000;

  it("become a note of what was there, the same each time", () => {
    const found = { id: `${at}-0`, entry: '{"v":1}', genuine: "altered" } as const;
    const { entry, sealed } = judged(found, at, seal);
    expect(judged(found, at, seal).entry).toBe(entry);
    expect(sealed).toBe("yes");
    expect(JSON.parse(entry)).toMatchObject({
      at,
      event: "set aside",
      detail: { id: `${at}-0`, why: "altered", sha256: sha256('{"v":1}'), characters: 7 },
    });
    expect(seal.told).toContainEqual({ kind: "audit", id: `entry ${at}-0`, why: "altered" });
  });

  it("and have no seal are kept for a day after the chain began, where they look like those of an older version", () => {
    const old = { id: `${at}-0`, entry: anEntry(1), genuine: "no seal" } as const;
    expect(judged(old, at, seal)).toEqual({ entry: anEntry(1), sealed: "no" });
    for (const entry of ["", "x", "[]", '{"v":1}', `${anEntry(1)}\n`, anEntry(1).replace("{", '{"n":5,')])
      expect(judged({ ...old, entry }, at, seal).sealed).toBe("yes");
    expect(judged(old, at - 25 * 3_600_000, seal).sealed).toBe("yes");
  });
});

it.each([
  ["1-0", "1-0", true],
  ["1-0", "1-1", true],
  ["2-0", "1-9", false],
  ["1-10", "1-9", false],
  ["9-0", "10-0", true],
  ["1-0", "", false],
])("stream id %s is up to %s: %s", (id, other, is) => expect(isUpTo(id, other)).toBe(is));
