import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";

/** Ed25519 keys of the audit log (RFC 8032), 32 bytes each, in base64url after a prefix that names their use. */
const PRIVATE = "flinkops_audit_";
const PUBLIC = "flinkops_audit_pub_";
const PRIVATE_KEY = /^flinkops_audit_[A-Za-z0-9_-]{43}$/u;
const PUBLIC_KEY = /^flinkops_audit_pub_([A-Za-z0-9_-]{43})$/u;
/** A signature in lower-case hex: decoding would ignore what follows the last digit it knows. */
const SIGNATURE = /^[0-9a-f]{128}$/u;
/** What DER puts before the 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

/** Signs texts. Ed25519 is deterministic: the same text and key give the same signature. */
export interface Signer {
  /** `<key id>.<signature>`, hexadecimal: base64 of that length looks like a secret, and would be hidden in Slack. */
  sign(text: string): string;
  publicKey: string;
}

/** Verifies signatures of one key. */
export interface Verifier {
  publicKey: string;
  /** `another key`: the signature names a key other than this one. */
  judge(text: string, sig: string): "good" | "bad" | "another key";
}

export const newSigningKey = (): string => `${PRIVATE}${randomBytes(32).toString("base64url")}`;
export const isSigningKey = (text: string): boolean => PRIVATE_KEY.test(text);

/** `key`: as `newSigningKey` makes one. */
export function createSigner(key: string): Signer {
  const seed = Buffer.from(key.slice(PRIVATE.length), "base64url");
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const publicKey = publicText(createPublicKey(privateKey));
  const id = idOf(publicKey);
  return {
    publicKey,
    sign: (text) => `${id}.${sign(null, Buffer.from(text), privateKey).toString("hex")}`,
  };
}

/** Null: not a public key as `flinkops audit key` prints one. */
export function createVerifier(text: string): Verifier | null {
  const [, bytes] = PUBLIC_KEY.exec(text.trim()) ?? [];
  if (bytes === undefined) return null;
  const raw = Buffer.from(bytes, "base64url");
  const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: "der", type: "spki" });
  const publicKey = text.trim();
  const id = idOf(publicKey);
  return {
    publicKey,
    judge(text, sig) {
      const [by, ...rest] = sig.split(".");
      if (by !== id) return "another key";
      const signature = rest.join(".");
      if (!SIGNATURE.test(signature)) return "bad";
      return verify(null, Buffer.from(text), key, Buffer.from(signature, "hex")) ? "good" : "bad";
    },
  };
}

function publicText(key: KeyObject): string {
  const der = key.export({ format: "der", type: "spki" });
  return `${PUBLIC}${der.subarray(SPKI.length).toString("base64url")}`;
}

const idOf = (publicKey: string): string => createHash("sha256").update(publicKey).digest("hex").slice(0, 8);
