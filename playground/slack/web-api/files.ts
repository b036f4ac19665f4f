import { z } from "zod";
import { SlackRefusal } from "../refusal.ts";
import type { UploadedFile } from "../state.ts";
import { checkBlocks } from "../validate/message.ts";
import { BOT } from "../workspace-seed.ts";
import type { World } from "../world.ts";
import { threadRoot } from "./chat.ts";
import { json, type Method, method, writableChannel } from "./method.ts";

const TYPES: Record<string, string> = {
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  json: "application/json",
  csv: "text/csv",
};

const getUploadUrl = method({
  scopes: ["files:write"],
  tier: "tier4",
  args: z.looseObject({
    filename: z.string().min(1),
    length: z.coerce.number().int().min(1),
    alt_txt: z.string().default(""),
  }),
  run(args, { state, url }) {
    if (args.alt_txt.length > 1000) throw new SlackRefusal("alt_txt_too_large");
    const id = state.newId("F");
    const mimetype = TYPES[args.filename.split(".").at(-1) ?? ""] ?? "application/octet-stream";
    state.uploads.set(id, {
      id,
      name: args.filename,
      title: args.filename,
      alt: args.alt_txt,
      bytes: Buffer.alloc(0),
      mimetype,
    });
    return { upload_url: `${url}/upload/v1/${id}`, file_id: id };
  },
});

const completeUpload = method({
  scopes: ["files:write"],
  tier: "tier4",
  args: z.looseObject({
    files: json("invalid_arguments").pipe(
      z.array(z.looseObject({ id: z.string(), title: z.string().optional() })).min(1),
    ),
    channel_id: z.string().optional(),
    initial_comment: z.string().optional(),
    blocks: json("invalid_blocks_format").optional(),
    thread_ts: z.string().optional(),
  }),
  run(args, world) {
    const files = args.files.map(({ id, title }): UploadedFile => {
      const file = world.state.uploads.get(id);
      if (file === undefined || file.bytes.length === 0) throw new SlackRefusal("file_not_found");
      return { ...file, title: title ?? file.name };
    });
    if (args.channel_id !== undefined) {
      const channel = writableChannel(world, args.channel_id);
      world.state.post({
        channel: channel.id,
        user: BOT,
        text: args.initial_comment ?? "",
        blocks:
          args.blocks === undefined ? null : checkBlocks(args.blocks, "message", world.state.unknownBlocks),
        threadTs: threadRoot(world, channel.id, args.thread_ts),
        files,
      });
    }
    return { files: files.map(({ id, title }) => ({ id, title })) };
  },
});

/** Takes the bytes of a file whose place was asked for; false if nobody asked. */
export const receiveUpload = (world: World, id: string, bytes: Buffer): boolean => {
  const file = world.state.uploads.get(id);
  if (file === undefined || bytes.length === 0) return false;
  file.bytes = bytes;
  return true;
};

/** Files, in the three steps that `files.uploadV2` takes. */
export const fileMethods: Record<string, Method> = {
  "files.getUploadURLExternal": getUploadUrl,
  "files.completeUploadExternal": completeUpload,
};
