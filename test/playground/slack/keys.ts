type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** All elements of an array in one: a sample may show a key in one element only. */
const merged = (elements: readonly unknown[]): unknown =>
  elements.every(isFields) && elements.length > 0 ? Object.assign({}, ...elements) : elements[0];

/**
 * The paths in `value` that the sample does not have, in order. `free`: paths whose content is the app's own, such as
 * blocks and what people typed.
 */
export function unknownKeys(
  value: unknown,
  sample: unknown,
  free: readonly string[] = [],
  at = "",
): string[] {
  if (Array.isArray(value)) {
    if (!Array.isArray(sample)) return value.length === 0 ? [] : [`${at}[]`];
    const element = merged(sample);
    return [...new Set(value.flatMap((one) => unknownKeys(one, element, free, `${at}[]`)))];
  }
  if (!isFields(value)) return [];
  if (!isFields(sample)) return Object.keys(value).length === 0 ? [] : [at];
  return Object.entries(value).flatMap(([key, one]) => {
    const path = at === "" ? key : `${at}.${key}`;
    if (free.includes(path)) return [];
    return key in sample ? unknownKeys(one, sample[key], free, path) : [path];
  });
}
