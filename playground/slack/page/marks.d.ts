/** Slack's mrkdwn, taken apart. */
export type Mark =
  | { kind: "text"; text: string }
  | { kind: "break" }
  | { kind: "emoji"; name: string }
  /** As it was typed; nothing inside is a mark. */
  | { kind: "code" | "pre"; text: string }
  | { kind: "bold" | "italic" | "strike" | "quote"; inner: Mark[] }
  /** `label` is empty where the text gives none. */
  | { kind: "user" | "channel" | "group"; id: string; label: string }
  | { kind: "broadcast"; name: string }
  | { kind: "date"; seconds: number; format: string; url: string | null; fallback: string }
  | { kind: "link"; url: string; label: string };

/** A mrkdwn text as marks, in order, with nothing escaped any more. */
export declare const parseMarks: (text: string) => Mark[];
