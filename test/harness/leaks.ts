/** What hides a text from a plain search: JSON, JSON within JSON, base64, and an address. */
const forms = (secret: string): readonly string[] => {
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/u, "");
  return [secret, json, JSON.stringify(json).slice(1, -1), base64, encodeURIComponent(secret)];
};

/** Those of the secrets that are in a text, whatever form it gave them. */
export const leaksIn = (text: string, secrets: readonly string[]): readonly string[] =>
  secrets.filter((secret) => forms(secret).some((form) => text.includes(form)));
