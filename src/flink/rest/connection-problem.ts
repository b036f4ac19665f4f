/** Describes a failure below HTTP. */
export interface ConnectionProblem {
  words: string;
  /** The server does not speak HTTP. */
  foreign: boolean;
  /** Nobody listens at the address. */
  refused: boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "its host name is unknown",
  EAI_AGAIN: "its host name could not be looked up",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
  ETIMEDOUT: "the connection timed out",
  EPIPE: "the connection was cut",
  ECONNRESET: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_DESTROYED: "flinkops is shutting down",
  UND_ERR_CLOSED: "flinkops is shutting down",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  UND_ERR_BODY_TIMEOUT: "the answer was incomplete",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer was incomplete",
  UND_ERR_INVALID_ARG: "a header contains characters that HTTP does not allow",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name (see `servername`)",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
};
const UNTRUSTED = /^(?:SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY))/u;

/** Never contains an address, because the text may be posted to a channel. */
export function connectionProblem(
  error: Error,
  given: { connectMs: number; wantsCertificate: boolean },
): ConnectionProblem {
  const code = codeOf(error);
  if (code.startsWith("HPE_") || error.name === "HTTPParserError")
    return { words: "the answer is not HTTP", foreign: true, refused: false };
  const says = (words: string): ConnectionProblem => ({
    words,
    foreign: false,
    refused: code === "ECONNREFUSED",
  });
  if (UNTRUSTED.test(code)) return says("the server's certificate is not trusted (see `ca`)");
  if (code === "UND_ERR_CONNECT_TIMEOUT") return says(`no connection within ${given.connectMs / 1000} s`);
  if (code.startsWith("ERR_SSL") || code === "EPROTO")
    return says("no TLS connection (wrong protocol, or a certificate was refused)");
  const words = WORDS[code] ?? `the connection failed (${code === "" ? error.name : code})`;
  // under TLS 1.3 a server that requires a client certificate just closes the connection
  const certificate = words === WORDS["ECONNRESET"] && given.wantsCertificate;
  return says(certificate ? `${words} (does the server want a client certificate?)` : words);
}

function codeOf(error: Error): string {
  // happy eyeballs: one error per address tried
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
