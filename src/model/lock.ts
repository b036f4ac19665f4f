import { b, shown, type Text, t, visible } from "./text.ts";

/** A cluster, or one of its jobs by name. */
export interface LockScope {
  cluster: string;
  /** Null: the whole cluster. */
  job: string | null;
}

/** While it stands, only its holder's requests change the cluster or the job. */
export interface Lock extends LockScope {
  v: 1;
  id: string;
  /** Slack user id of the holder. */
  by: string;
  reason: string;
  /** When it was placed and when it expires, ms by Redis's clock. */
  at: number;
  until: number;
  /** The channel in which it was placed. */
  channel: string;
}

export interface LocksView {
  /** Those that stand, in no particular order. */
  all(): Promise<readonly Lock[]>;
}

/** `prod`, or `prod/orders`. */
export const scopeName = ({ cluster, job }: LockScope): string =>
  job === null ? cluster : `${cluster}/${job}`;

/** Who locked what, until when and why. */
export const lockWords = (lock: Lock): Text =>
  t`${b(shown(scopeName(lock)))} is locked by ${{ person: lock.by }} until ${{ at: lock.until }}: ${visible(lock.reason)}`;

/** Whether a lock is about this cluster or job. A lock of the cluster is about each of its jobs. */
export const isAbout = (lock: LockScope, { cluster, job }: LockScope): boolean =>
  lock.cluster === cluster && (lock.job === null || lock.job === job);
