/**
 * The commands of flinkops and of BullMQ's scripts, which Redis checks one by one as well. No command of this list reads the
 * names of keys that are not ours, changes the server or empties it.
 */
export const COMMANDS: readonly string[] = `
  auth hello ping select client|setname info time wait
  eval evalsha multi exec discard scan type
  get set del unlink exists expire pexpire pexpireat persist pttl rename incr incrby
  hget hset hsetnx hdel hexists hgetall hincrby hkeys hlen hmget hmset
  lindex llen lpop lpos lpush lrange lrem lset ltrim rpop rpoplpush rpush
  sadd scard sismember smembers srem
  zadd zcard zcount zinter zlexcount zmscore zpopmin bzpopmin zrange zrangebylex zrangebyscore zrem zremrangebyrank
  zremrangebyscore zrevrange zrevrangebyscore zscore
  xadd xdel xinfo|stream xlen xrange xread xrevrange xsetid xtrim
  publish subscribe
`
  .trim()
  .split(/\s+/u);

/** The command that makes a Redis user for flinkops, for a server that has no such user yet. The password is to be filled in. */
export const aclLine = (prefix: string): string =>
  [
    "ACL SETUSER flinkops reset on '>CHANGE-ME'",
    // a commit names the prefix itself, which says to Redis Cluster where all keys are
    `'~${prefix}' '~${prefix}:*'`,
    `resetchannels '&${prefix}:*' -@all`,
    ...COMMANDS.map((command) => `+${command}`),
  ].join(" ");

/**
 * The command that makes the user on each sentinel. It can ask who is the master and hear of a fail-over, and nothing else.
 */
export const sentinelAclLine = (user: string): string =>
  [
    `ACL SETUSER ${user} reset on '>CHANGE-ME'`,
    "resetchannels '&+switch-master' -@all",
    "+auth +hello +client|setname +subscribe +sentinel|get-master-addr-by-name",
  ].join(" ");
