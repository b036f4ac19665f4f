/** Long-term data is kept for 400 days: a year of audit and a margin. */
export const KEEP_SECONDS = 400 * 86_400;

/** Names of all keys of flinkops in Redis, apart from BullMQ's own. The names are persisted: a test pins them. */
export interface Keys {
  readonly prefix: string;
  record(id: string): string;
  /** Hash: `channel ts` -> the rev last shown there; `said <what>` -> 1. */
  cards(id: string): string;
  open: string;
  all: string;
  ofJob(cluster: string, jobId: string): string;
  ofActor(user: string): string;
  claim(name: string): string;
  /** Sorted set: a request that waits for this claim -> when it was requested. */
  waiters(claim: string): string;
  /** Hash: `by`, `id`, and the sealed lock of a cluster or a job; expires with the lock. */
  lock(scope: string): string;
  /** Sorted set: a scope that is locked -> until when. */
  locks: string;
  /** Exists where that command has placed its lock already. */
  locked(id: string): string;
  /** Stream: audit entries that are not chained yet, each sealed. */
  audit: string;
  /** Stream: the chained audit entries; the id of an entry is `<n>-0`. */
  auditChain: string;
  /** The newest entry of the chain, sealed. */
  auditHead: string;
  /** Hash: sink -> the last entry that it has, sealed. */
  auditSinks: string;
  /** How far every required sink is, sealed. */
  auditReached: string;
  /** The worker that chains the audit log: `<fence> <worker>`. */
  auditSealer: string;
  /** How often the sealer has changed. */
  auditFence: string;
  /** The last day on which the head was posted, sealed. */
  auditDaily: string;
  /** Hash: `kind id` of a value that flinkops did not write -> when it was found (s), and why. */
  forged: string;
  /** Hash: `user kind rule` -> how often such a click on this request was refused. */
  refused(id: string): string;
  /** The request that started a job. */
  launch(cluster: string, jobId: string): string;
  /** Sorted set: path of a deleted state -> when it was deleted, or when it was last still listed. */
  disposed(cluster: string): string;
  /** The `response_url`, kept for its 30 minutes. */
  responseUrl(id: string): string;
  directory(cluster: string): string;
  /** Hash: job id -> its restorable states. */
  states(cluster: string): string;
  /** Hash: job id -> its vertices and the size of their state. */
  vertices(cluster: string): string;
  /** Exists while someone views the cluster. */
  watched(cluster: string): string;
  /** A channel, no key: someone waits for watched clusters to be read. */
  waited: string;
  /** The worker that reads the cluster: `<fence> <worker>`. */
  reader(cluster: string): string;
  /** How often the reader has changed. */
  fence(cluster: string): string;
  pace(what: string): string;
  /** Hash: an answer of Slack, sealed, and when it was requested. */
  answer(what: string): string;
  /** Exists while a process is asking. */
  asking(what: string): string;
  /** Exists while a process shows that part of the request. */
  saying(id: string, what: string): string;
  /** Exists for some minutes after a notice was posted. */
  told(what: string): string;
  /** The worker that sweeps a zone. */
  sweep(zone: string): string;
  /** Sorted set: a worker of this zone -> until when it counts as alive. */
  workers(zone: string): string;
  /** Written only to wait for its replication. */
  written: string;
}

/** All keys begin with the prefix, a hash tag, so that one script can use several of them on a Redis Cluster too. */
export function keysUnder(prefix: string): Keys {
  const k = (...parts: string[]): string => [prefix, ...parts].join(":");
  return {
    prefix,
    record: (id) => k("record", id),
    cards: (id) => k("cards", id),
    open: k("open"),
    all: k("all"),
    ofJob: (cluster, jobId) => k("job", cluster, jobId),
    ofActor: (user) => k("actor", user),
    claim: (name) => k("claim", name),
    waiters: (claim) => k("waiters", claim),
    lock: (scope) => k("lock", scope),
    locks: k("locks"),
    locked: (id) => k("locked", id),
    audit: k("audit"),
    auditChain: k("audit-chain"),
    auditHead: k("audit-head"),
    auditSinks: k("audit-sinks"),
    auditReached: k("audit-reached"),
    auditSealer: k("audit-sealer"),
    auditFence: k("audit-fence"),
    auditDaily: k("audit-daily"),
    forged: k("forged"),
    refused: (id) => k("refused", id),
    launch: (cluster, jobId) => k("launch", cluster, jobId),
    disposed: (cluster) => k("disposed", cluster),
    responseUrl: (id) => k("response-url", id),
    directory: (cluster) => k("directory", cluster),
    states: (cluster) => k("states", cluster),
    vertices: (cluster) => k("vertices", cluster),
    watched: (cluster) => k("watched", cluster),
    waited: k("waited"),
    reader: (cluster) => k("reader", cluster),
    fence: (cluster) => k("fence", cluster),
    pace: (what) => k("pace", what),
    answer: (what) => k("answer", what),
    asking: (what) => k("asking", what),
    saying: (id, what) => k("saying", id, what),
    told: (what) => k("told", what),
    sweep: (zone) => k("sweep", zone),
    workers: (zone) => k("workers", zone),
    written: k("written"),
  };
}
