import { type Control, controlsOf, plainMessage, plainMrkdwn } from "./render.ts";
import type { JsonObject, Message, SlackState, UploadedFile } from "./state.ts";
import { topView } from "./web-api/views.ts";

/** An uploaded file as a message shows it; `driver.fileText` opens it. */
export interface SeenFile {
  id: string;
  name: string;
  title: string;
  alt: string;
  mimetype: string;
  /** Bytes. */
  size: number;
  /** Of a text: its first lines, and how many there are. Null: of anything else. */
  preview: string | null;
  lines: number | null;
  url: string;
}

/** A message as one person sees it. */
export interface SeenMessage {
  channel: string;
  ts: string;
  threadTs: string | null;
  /** Id and first name of who wrote it. */
  user: string;
  name: string;
  isBot: boolean;
  /** What the screen shows, in plain words: the blocks if there are any, else the text. */
  plain: string;
  /** The top-level text: what a notification and a screen reader say, names resolved. */
  fallback: string;
  /** The top-level text as it was sent. */
  text: string;
  blocks: JsonObject[] | null;
  /** Everything that can be pressed. */
  controls: Control[];
  /** Visible to this person only. */
  ephemeral: boolean;
  /** Also shown in the channel although it is a reply. */
  broadcast: boolean;
  /** Epoch milliseconds of this version. */
  at: number;
  /** Earlier versions, oldest first. */
  history: { at: number; plain: string; text: string }[];
  deleted: boolean;
  reactions: { name: string; users: string[] }[];
  files: SeenFile[];
  metadata: JsonObject | null;
  /** Of a root: the replies this person sees. */
  replies: SeenMessage[];
}

export interface SeenChannel {
  id: string;
  name: string;
  kind: string;
  topic: string;
  isExtShared: boolean;
  members: string[];
  messages: SeenMessage[];
}

export interface SeenModal {
  id: string;
  title: string;
  submit: string | null;
  close: string;
  blocks: JsonObject[];
  controls: Control[];
  plain: string;
}

/** The whole workspace through the eyes of one person. */
export interface Seen {
  seq: number;
  user: string;
  channels: SeenChannel[];
  modal: SeenModal | null;
}

const PREVIEW_LINES = 6;

const seenFile = ({ bytes, ...file }: UploadedFile): SeenFile => {
  const lines = file.mimetype.startsWith("text/") ? bytes.toString().replace(/\n$/u, "").split("\n") : null;
  return {
    ...file,
    size: bytes.length,
    preview: lines?.slice(0, PREVIEW_LINES).join("\n") ?? null,
    lines: lines?.length ?? null,
    url: `/files/${file.id}`,
  };
};

const seenMessage = (state: SlackState, message: Message, replies: SeenMessage[]): SeenMessage => {
  const author = state.users.get(message.user);
  return {
    channel: message.channel,
    ts: message.ts,
    threadTs: message.threadTs,
    user: message.user,
    name: author?.realName.split(" ")[0] ?? message.user,
    isBot: author?.isBot ?? false,
    plain: plainMessage(state, message.text, message.blocks),
    fallback: plainMrkdwn(state, message.text),
    text: message.text,
    blocks: message.blocks,
    controls: controlsOf(state, message.blocks),
    ephemeral: message.ephemeralTo !== null,
    broadcast: message.broadcast,
    at: message.at,
    history: message.history.map((old) => ({
      at: old.at,
      text: old.text,
      plain: plainMessage(state, old.text, old.blocks),
    })),
    deleted: message.deletedAt !== null,
    reactions: message.reactions,
    files: message.files.map(seenFile),
    metadata: message.metadata,
    replies,
  };
};

const titleText = (value: unknown): string | null =>
  typeof value === "object" && value !== null && "text" in value ? String(value.text) : null;

const seenModal = (state: SlackState, user: string): SeenModal | null => {
  const view = topView(state, user);
  if (view === undefined) return null;
  return {
    id: view.id,
    title: titleText(view.body["title"]) ?? "",
    submit: titleText(view.body["submit"]),
    close: titleText(view.body["close"]) ?? "Cancel",
    blocks: view.blocks,
    controls: controlsOf(state, view.blocks),
    plain: plainMessage(state, "", view.blocks),
  };
};

const order = (a: Message, b: Message): number => Number(a.ts) - Number(b.ts);

/** What a person sees: their channels, threads, ephemerals and modal. Deleted messages are marked, so that a test can tell. */
export const see = (state: SlackState, user: string): Seen => {
  const visible = state.messages.filter((one) => one.ephemeralTo === null || one.ephemeralTo === user);
  const channels = [...state.channels.values()].filter((channel) => channel.members.includes(user));
  return {
    seq: state.seq,
    user,
    modal: seenModal(state, user),
    channels: channels.map((channel) => {
      const here = visible.filter((one) => one.channel === channel.id).sort(order);
      const replies = here.filter((one) => one.threadTs !== null);
      return {
        id: channel.id,
        name: channel.kind === "im" ? "flink" : channel.name,
        kind: channel.kind,
        topic: channel.topic,
        isExtShared: channel.isExtShared,
        members: channel.members,
        messages: here
          .filter((one) => one.threadTs === null)
          .map((root) =>
            seenMessage(
              state,
              root,
              replies.filter((one) => one.threadTs === root.ts).map((one) => seenMessage(state, one, [])),
            ),
          ),
      };
    }),
  };
};
