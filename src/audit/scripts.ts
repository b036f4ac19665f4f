/**
 * Moves entries from the inbox to the chain, all of them or none: only with the sealer's current token, only after the
 * expected head.
 * KEYS[1] seat, KEYS[2] inbox, KEYS[3] chain, KEYS[4] head; ARGV[1] token, ARGV[2] the head as it was read ('' for
 * none), ARGV[3] the new head; then per entry its id in the inbox, its id in the chain, the line and its seal.
 * Returns ok | fenced (another sealer) | moved (another head, or another entry is in its place).
 */
export const APPEND_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'fenced' end
if (redis.call('GET', KEYS[4]) or '') ~= ARGV[2] then return 'moved' end
if redis.call('EXISTS', KEYS[3]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[3])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      local last = tonumber(string.match(info[i + 1], '^(%d+)'))
      if last >= tonumber(string.match(ARGV[5], '^(%d+)')) then return 'moved' end
    end
  end
end
for i = 4, #ARGV, 4 do
  redis.call('XADD', KEYS[3], ARGV[i + 1], 'of', ARGV[i], 'line', ARGV[i + 2], 'seal', ARGV[i + 3])
  redis.call('XDEL', KEYS[2], ARGV[i])
end
redis.call('SET', KEYS[4], ARGV[3])
return 'ok'
`;

/**
 * Removes entries of the chain above its head, which flinkops did not write there, and makes room for the
 * next one. KEYS[1] seat, KEYS[2] chain; ARGV[1] token, ARGV[2] number of the head. Returns ok | fenced.
 */
export const CLEAR_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'fenced' end
if redis.call('EXISTS', KEYS[2]) == 0 then return 'ok' end
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[2] .. '-0', '+')) do
  redis.call('XDEL', KEYS[2], entry[1])
end
redis.call('XSETID', KEYS[2], ARGV[2] .. '-0')
return 'ok'
`;

/**
 * Writes one value of the sealer where it still has its seat. KEYS[1] seat, KEYS[2] key or hash; ARGV[1] token, ARGV[2]
 * the value, ARGV[3] the hash's field ('' for a plain key). Returns ok | fenced.
 */
export const SAVE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'fenced' end
if ARGV[3] == '' then redis.call('SET', KEYS[2], ARGV[2]) else redis.call('HSET', KEYS[2], ARGV[3], ARGV[2]) end
return 'ok'
`;
