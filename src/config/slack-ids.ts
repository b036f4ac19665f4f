import { z } from "zod";

const CHANNEL = "must be a channel id like C0123456789, not a name";
export const channelId = z.string().regex(/^[CGD][A-Z0-9]{2,}$/u, CHANNEL);
/** A direct message has no witnesses. */
export const groupChannel = z.string().regex(/^[CG][A-Z0-9]{2,}$/u, CHANNEL);
export const groupId = z.string().regex(/^S[A-Z0-9]{2,}$/u, "must be a user group id like S0123456789");
export const userId = z.string().regex(/^[UW][A-Z0-9]{2,}$/u, "must be a user id like U0123456789");
