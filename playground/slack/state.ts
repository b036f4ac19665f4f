import { BOT, type Channel, type Seed, type Team, type User, type UserGroup } from "./workspace-seed.ts";

/** A JSON object as it travels between Slack and an app. */
export type JsonObject = Record<string, unknown>;

export interface Version {
  /** Epoch milliseconds at which this version was written. */
  at: number;
  text: string;
  blocks: JsonObject[] | null;
}

export interface UploadedFile {
  id: string;
  name: string;
  title: string;
  /** What a screen reader says of a picture. */
  alt: string;
  bytes: Buffer;
  mimetype: string;
}

export interface Message extends Version {
  channel: string;
  ts: string;
  threadTs: string | null;
  user: string;
  /** Only this person sees it. */
  ephemeralTo: string | null;
  metadata: JsonObject | null;
  /** Earlier versions, oldest first. */
  history: Version[];
  deletedAt: number | null;
  broadcast: boolean;
  reactions: { name: string; users: string[] }[];
  files: UploadedFile[];
}

export interface View {
  id: string;
  user: string;
  hash: string;
  root: string;
  previous: string | null;
  body: JsonObject;
  blocks: JsonObject[];
  /** The channel a person was in when it opened; Slack does not tell the app. */
  closed: boolean;
}

interface Trigger {
  user: string;
  at: number;
  used: boolean;
}

/** One use of a `response_url`. */
export interface ResponseUrl {
  channel: string;
  user: string;
  /** The message whose button was pressed, null for a command. */
  original: string | null;
  uses: number;
  at: number;
}

/** What is needed to post a message; everything else has a default. */
export type Draft = Pick<Message, "channel" | "user" | "text"> & Partial<Omit<Message, "history">>;

/** The workspace: who is there, what was said, and a number that grows with every change. */
export class SlackState {
  readonly home: Team;
  readonly outside: Team;
  /** The app is installed for the whole organization. */
  readonly isOrgWide: boolean;
  readonly users: Map<string, User>;
  readonly groups: Map<string, UserGroup>;
  readonly channels: Map<string, Channel>;
  readonly messages: Message[] = [];
  readonly triggers = new Map<string, Trigger>();
  readonly responseUrls = new Map<string, ResponseUrl>();
  readonly views = new Map<string, View>();
  readonly uploads = new Map<string, UploadedFile>();
  /** Types of blocks that this workspace refuses, as an older Slack would. */
  unknownBlocks: ReadonlySet<string> = new Set();
  seq = 1;
  #lastTs = 0;
  #ids = 0;
  readonly #waiters = new Set<() => void>();

  constructor(seed: Seed) {
    this.home = seed.home;
    this.outside = seed.outside;
    this.isOrgWide = seed.isOrgWide ?? false;
    this.users = new Map(seed.users.map((user) => [user.id, user]));
    this.groups = new Map(seed.groups.map((group) => [group.id, group]));
    this.channels = new Map(seed.channels.map((channel) => [channel.id, channel]));
  }

  /** Tells everybody who waits that something is different now. */
  changed(): void {
    this.seq += 1;
    for (const wake of this.#waiters) wake();
  }

  /** Resolves when `seq` is past `since`, or after `timeoutMs`, with the current number. */
  async waitPast(since: number, timeoutMs: number): Promise<number> {
    if (this.seq > since) return this.seq;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiters.add(done);
    });
    return this.seq;
  }

  /** Lets everybody who waits go (the server closes). */
  releaseWaiters(): void {
    for (const wake of this.#waiters) wake();
  }

  /** A new id with Slack's first letter. */
  newId(letter: string): string {
    this.#ids += 1;
    return `${letter}0${this.#ids.toString(36).toUpperCase().padStart(8, "0")}`;
  }

  /** A message timestamp, unique in the workspace; `ageMs` in the past. */
  nextTs(ageMs = 0): string {
    const wanted = (Date.now() - ageMs) * 1000;
    const micros = ageMs > 0 ? wanted + this.#ids++ : Math.max(wanted, this.#lastTs + 1);
    if (ageMs === 0) this.#lastTs = micros;
    return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`;
  }

  /** Puts a message into its channel and tells those who wait. */
  post(draft: Draft): Message {
    const message: Message = {
      ts: this.nextTs(),
      at: Date.now(),
      threadTs: null,
      blocks: null,
      ephemeralTo: null,
      metadata: null,
      history: [],
      deletedAt: null,
      broadcast: false,
      reactions: [],
      files: [],
      ...draft,
    };
    this.messages.push(message);
    this.changed();
    return message;
  }

  /** Replaces text and blocks, keeping what stood there. */
  edit(message: Message, next: { text: string; blocks: JsonObject[] | null }): void {
    message.history.push({ at: message.at, text: message.text, blocks: message.blocks });
    message.text = next.text;
    message.blocks = next.blocks;
    message.at = Date.now();
    this.changed();
  }

  remove(message: Message): void {
    message.deletedAt = Date.now();
    this.changed();
  }

  /** A message that is still there, ephemeral or not. */
  find(channel: string, ts: string): Message | undefined {
    return this.messages.findLast(
      (message) => message.ts === ts && message.channel === channel && message.deletedAt === null,
    );
  }

  /** The direct channel of a person with the bot. */
  directChannel(user: string): Channel {
    const id = `D${user.slice(1)}`;
    const known = this.channels.get(id);
    if (known !== undefined) return known;
    const channel: Channel = {
      id,
      name: "flink",
      topic: "",
      kind: "im",
      isExtShared: false,
      isArchived: false,
      members: [user, BOT],
    };
    this.channels.set(id, channel);
    return channel;
  }

  /** A trigger id for the person who just did something; good for one use within three seconds. */
  newTrigger(user: string): string {
    const id = `${Date.now()}.${this.newId("T")}.${crypto.randomUUID().replaceAll("-", "")}`;
    this.triggers.set(id, { user, at: Date.now(), used: false });
    return id;
  }

  /** Whether a person is a member of the workspace, whatever `team_id` says of them. */
  isOfHome({ grid, teamId }: User): boolean {
    return grid === null ? teamId === this.home.id : grid.teams.includes(this.home.id);
  }
}
