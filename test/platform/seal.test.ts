import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSeal, isKey, keyFrom, newKey, type Sealed } from "../../src/platform/seal.ts";
import { aSeal } from "../fakes/seal.ts";

const RECORD: Sealed = { kind: "record", id: "r1", rev: 3 };

const what = fc.record({
  kind: fc.constantFrom<Sealed["kind"]>("intake", "record", "directory", "states", "vertices", "answer"),
  id: fc.string(),
  rev: fc.nat(),
});

describe("a seal", () => {
  it("is ours for what was sealed, and for nothing else", () => {
    const seal = aSeal();
    fc.assert(
      fc.property(what, fc.string(), what, fc.string(), (one, text, other, otherText) => {
        const sealed = seal.of(one, text);
        expect(seal.genuine(one, text, sealed)).toBe("ours");
        const isSame =
          one.kind === other.kind && one.id === other.id && one.rev === other.rev && text === otherText;
        expect(seal.genuine(other, otherText, sealed) === "ours").toBe(isSame);
      }),
    );
  });

  it("is not ours with any of its characters changed", () => {
    const seal = aSeal();
    const sealed = seal.of(RECORD, "{}");
    for (let i = 0; i < sealed.length; i += 1) {
      const other = sealed[i] === "A" ? "B" : "A";
      const changed = `${sealed.slice(0, i)}${other}${sealed.slice(i + 1)}`;
      expect(seal.genuine(RECORD, "{}", changed)).not.toBe("ours");
    }
  });

  it("cannot be moved to another kind, request or revision", () => {
    const seal = aSeal();
    const sealed = seal.of(RECORD, "{}");
    expect(seal.genuine({ ...RECORD, kind: "intake" }, "{}", sealed)).toBe("altered");
    expect(seal.genuine({ ...RECORD, id: "r2" }, "{}", sealed)).toBe("altered");
    expect(seal.genuine({ ...RECORD, rev: 4 }, "{}", sealed)).toBe("altered");
    expect(seal.genuine({ ...RECORD, rev: Number.NaN }, "{}", sealed)).toBe("altered");
    // a zero in an id must not shift what follows it
    const odd = seal.of({ kind: "record", id: "r1\u00003", rev: 1 }, "x");
    expect(seal.genuine({ kind: "record", id: "r1", rev: 3 }, "1\0x", odd)).not.toBe("ours");
  });

  it("tells of each value that is not ours", () => {
    const seal = aSeal();
    for (const given of [null, "", "x".repeat(52), aSeal().of(RECORD, "{}")])
      seal.genuine(RECORD, "{}", given);
    seal.genuine(RECORD, "{ }", seal.of(RECORD, "{}"));
    seal.genuine(RECORD, "{}", seal.of(RECORD, "{}"));
    expect(seal.told.map((one) => one.why)).toEqual([
      "no seal",
      "no seal",
      "unknown key",
      "unknown key",
      "altered",
    ]);
    expect(seal.told[0]).toMatchObject({ kind: "record", id: "r1" });
  });

  it("closes seal and value in one", () => {
    const seal = aSeal();
    const closed = seal.close(RECORD, '{"a":1}');
    expect(seal.open(RECORD, closed)).toBe('{"a":1}');
    expect(seal.open({ ...RECORD, id: "r2" }, closed)).toBeNull();
    for (const bad of ["", "x", '{"a":1}', closed.slice(1)]) expect(seal.open(RECORD, bad)).toBeNull();
  });
});

describe("keys", () => {
  it("are changed one after the other, and all that was sealed stays ours meanwhile", () => {
    const [old, next] = [newKey(), newKey()];
    const [before, both, turned, after] = [[old], [old, next], [next, old], [next]].map((keys) =>
      aSeal(keys),
    );
    const early = before?.of(RECORD, "1");
    const late = turned?.of(RECORD, "2");
    for (const seal of [both, turned]) {
      expect(seal?.genuine(RECORD, "1", early ?? null)).toBe("ours");
      expect(seal?.genuine(RECORD, "2", late ?? null)).toBe("ours");
    }
    expect(after?.genuine(RECORD, "1", early ?? null)).toBe("unknown key");
    expect(after?.genuine(RECORD, "2", late ?? null)).toBe("ours");
    expect(before?.genuine(RECORD, "2", late ?? null)).toBe("unknown key");
  });

  it("may go before a value that is rarely written: that is null, and nobody's fault", () => {
    const [old, next] = [newKey(), newKey()];
    const seal = aSeal([next]);
    const early = aSeal([old]).close(RECORD, "1");
    expect(seal.openOld(RECORD, early)).toBeNull();
    expect(seal.told).toEqual([]);
    expect(seal.openOld(RECORD, seal.close(RECORD, "2"))).toBe("2");
    expect(seal.openOld(RECORD, `${seal.close(RECORD, "2")}3`)).toBeNull();
    expect(seal.told).toMatchObject([{ why: "altered" }]);
  });

  it("are as `flinkops seal new` prints them", () => {
    const key = newKey();
    expect(isKey(key)).toBe(true);
    expect(newKey()).not.toBe(key);
    for (const bad of ["", "secret", key.slice(1), `${key}x`, key.replace("_seal_", "_sale_")])
      expect(isKey(bad)).toBe(false);
  });

  it("without one of its own it goes with the bot token, and does not tell it", () => {
    expect(keyFrom("xoxb-1")).toBe(keyFrom("xoxb-1"));
    expect(keyFrom("xoxb-1")).not.toBe(keyFrom("xoxb-2"));
    expect(isKey(keyFrom("xoxb-1"))).toBe(true);
    expect(keyFrom("xoxb-1")).not.toContain("xoxb");
  });

  it("there has to be one", () => {
    expect(() => createSeal([], () => undefined)).toThrow(RangeError);
  });
});
