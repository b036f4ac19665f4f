import type { Random } from "../simulate/random.ts";
import { alteredText, CANARY, nastyKey, nastyNumber, nastyText, SECRETS } from "./nasty.ts";

/** A place in a value: a key of an object, or a number of a list. */
type Slot = { in: Record<string, unknown>; key: string } | { in: unknown[]; key: number };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Defines the key as JSON.parse does, also `__proto__`, which an assignment would not. */
const put = (object: object, key: string | number, value: unknown): void => {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
};

function slotsOf(value: unknown, into: Slot[] = []): Slot[] {
  if (Array.isArray(value))
    for (const [key, one] of value.entries()) {
      into.push({ in: value, key });
      slotsOf(one, into);
    }
  else if (isObject(value))
    for (const [key, one] of Object.entries(value)) {
      into.push({ in: value, key });
      slotsOf(one, into);
    }
  return into;
}

const valueAt = (slot: Slot): unknown => Object.getOwnPropertyDescriptor(slot.in, slot.key)?.value;

/** How much of a value is altered. `shapes`: the share of edits that break its shape. `most`: of edits. */
export interface Force {
  shapes: number;
  most: number;
  /** The share of values that get a secret; without it one of seven. */
  secrets?: number;
}
/** A value with more places is altered no further. */
const LARGEST = 1_000;
const USUAL: Force = { shapes: 0.3, most: 4 };

/** A copy of plain data with a few edits; sometimes none, so that what is right is among the cases too. */
export function mutated(
  value: unknown,
  random: Random,
  { shapes, most, secrets = 0.15 }: Force = USUAL,
): unknown {
  const root: { value: unknown } = { value: structuredClone(value) };
  for (let n = random.whole(0, most); n > 0; n -= 1) {
    const slots = slotsOf(root.value);
    // copies of copies of copies would never end
    if (slots.length > LARGEST) break;
    const slot =
      slots.length === 0 || random.happens(0.01) ? ({ in: root, key: "value" } as const) : random.pick(slots);
    if (random.happens(shapes)) reshape(slot, slots, random);
    else put(slot.in, slot.key, alteredValue(valueAt(slot), random));
  }
  if (random.happens(secrets)) hideSecret(root.value, random);
  return root.value ?? null;
}

/** Appends a secret to one of the texts. It comes last, so that no other edit tears it apart. */
function hideSecret(value: unknown, random: Random): void {
  const texts = slotsOf(value).filter((slot) => typeof valueAt(slot) === "string");
  if (texts.length === 0) return;
  const slot = random.pick(texts);
  put(slot.in, slot.key, `${String(valueAt(slot))}${random.pick(SECRETS)}`);
}

/** Another value of the same type. */
function alteredValue(value: unknown, random: Random): unknown {
  if (typeof value === "string") return random.happens(0.4) ? nastyText(random) : alteredText(value, random);
  if (typeof value === "number")
    return random.pick([-value, "NaN", nastyNumber(random), nastyNumber(random), nastyNumber(random)]);
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value))
    return random.pick([[], [...value, ...value], value.toReversed(), value.slice(1), many(value)]);
  if (isObject(value)) {
    const copy = { ...value };
    put(copy, nastyKey(random), anything(random));
    return copy;
  }
  return anything(random);
}

const many = (value: readonly unknown[]): unknown[] =>
  value.length === 0 ? [] : Array.from({ length: 120 }, (_, i) => value[i % value.length]);

/** Something of any type. */
const anything = (random: Random): unknown =>
  random.pick<() => unknown>([
    () => null,
    () => true,
    () => nastyNumber(random),
    () => nastyText(random),
    () => [],
    () => ({}),
    () => [nastyText(random)],
    () => ({ [random.pick(["a", "length", "value"])]: nastyNumber(random) }),
  ])();

function reshape(slot: Slot, slots: readonly Slot[], random: Random): void {
  const value = valueAt(slot);
  switch (random.whole(0, 7)) {
    case 0:
      if (Array.isArray(slot.in)) slot.in.splice(Number(slot.key), 1);
      else Reflect.deleteProperty(slot.in, slot.key);
      return;
    case 1:
      put(slot.in, slot.key, null);
      return;
    case 2:
      put(slot.in, slot.key, deep(value, random));
      return;
    case 3:
      if (isObject(slot.in)) {
        Reflect.deleteProperty(slot.in, slot.key);
        put(slot.in, renamed(String(slot.key), random), value);
      } else slot.in.push(anything(random));
      return;
    case 4:
      put(slot.in, slot.key, slots.length === 0 ? null : structuredClone(valueAt(random.pick(slots))));
      return;
    case 5:
      put(slot.in, slot.key, Array.isArray(value) ? Object.fromEntries(value.entries()) : [value]);
      return;
    case 6:
      put(slot.in, slot.key, typeof value === "number" ? String(value) : { value });
      return;
    default:
      put(slot.in, slot.key, anything(random));
  }
}

const renamed = (key: string, random: Random): string =>
  random.pick([key.toUpperCase(), `${key}s`, key.replaceAll("-", "_"), `${key} `, nastyKey(random)]);

/** Below 1,000 levels, which every parser and printer of JSON takes. */
function deep(value: unknown, random: Random): unknown {
  let out = value;
  const isList = random.happens(0.5);
  for (let n = random.pick([1, 3, 30, 300, 900]); n > 0; n -= 1) out = isList ? [out] : { a: out };
  return out;
}

/** JSON as it arrives: sometimes cut off, doubled, nested beyond reason, or no JSON at all. */
export function jsonText(value: unknown, random: Random): string {
  const text = JSON.stringify(value) ?? "null";
  if (random.happens(0.94)) return text;
  // these edits may tear a secret from the name that says so, and then nobody can know it for one
  const bare = text.replaceAll(CANARY, "x");
  return random.pick([
    () => bare.slice(0, random.whole(0, bare.length)),
    () => `${text}${text}`,
    () => `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
    () => `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`,
    () => alteredText(bare, random),
    () => nastyText(random),
    () => `<!doctype html><html><body>${nastyText(random)}</body></html>`,
    () =>
      text.replaceAll(/-?\d+/gu, () => random.pick(["1e999", "-0", "9223372036854775807", "0.1e-7", "01"])),
  ])();
}
