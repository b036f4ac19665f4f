/**
 * The one script that moves records. Records, indexes, claims and audit entries are written together, or nothing.
 * Records are opaque strings here (cjson turns [] into {}); only the control part is decoded, and never encoded again.
 *
 * KEYS[1] the prefix. ARGV[1] control; then one JSON string per move; then one per audit entry.
 * Returns [ok, now] | [fenced, id] | [busy, holder] | [late, now], times in ms by Redis's own clock.
 */
export const COMMIT_SCRIPT = `
local p = KEYS[1] .. ':'
local c = cjson.decode(ARGV[1])
local t = redis.call('TIME')
local now = string.format('%d', t[1] * 1000 + math.floor(t[2] / 1000))
for _, m in ipairs(c.moves) do
  local rev = redis.call('HGET', p .. 'record:' .. m.id, 'rev') or '0'
  if tonumber(rev) ~= m.rev then return { 'fenced', m.id } end
end
if c.before and tonumber(now) > c.before then return { 'late', now } end
local from = {}
for _, id in ipairs(c.from) do from[id] = true end
for _, k in ipairs(c.take) do
  local holder = redis.call('GET', p .. 'claim:' .. k.name)
  if holder and holder ~= k.owner and not from[holder] then return { 'busy', holder } end
end
for i, m in ipairs(c.moves) do
  local key = p .. 'record:' .. m.id
  redis.call('HSET', key, 'rev', m.rev + 1, 'json', ARGV[1 + i])
  for _, index in ipairs(m.indexes) do redis.call('ZADD', p .. index, m.at, m.id) end
  if m.open then
    redis.call('ZADD', p .. 'open', m.at, m.id)
  else
    redis.call('ZREM', p .. 'open', m.id)
    redis.call('EXPIRE', key, c.keep)
    redis.call('EXPIRE', p .. 'cards:' .. m.id, c.keep)
  end
end
for _, k in ipairs(c.take) do redis.call('SET', p .. 'claim:' .. k.name, k.owner) end
for _, k in ipairs(c.release) do
  if redis.call('GET', p .. 'claim:' .. k.name) == k.owner then redis.call('DEL', p .. 'claim:' .. k.name) end
end
for i = 2 + #c.moves, #ARGV do redis.call('XADD', p .. 'audit', '*', 'entry', ARGV[i]) end
return { 'ok', now }
`;
