/**
 * The only script that moves records. Records, indexes, claims and audit entries are written together, or nothing is.
 * Records are opaque strings here, because cjson turns [] into {}. Only the control part is decoded, and it is never
 * encoded again.
 * Each record is stored with its seal, which covers id, revision and bytes.
 * Everything that grows has a limit: indexes by age and number, the deleted paths by age. Audit entries wait in their
 * stream until the sealer (src/audit/sealer.ts) has chained them.
 *
 * A request that waits for claims is queued in the line of each claim that another request holds, in the order of
 * asking. Its lines are stored with its record, so that whatever moves the request on removes it from them. When a
 * commit touches a claim and leaves it free, the first request in its line is recalled. A request in line whose
 * record is gone is dropped.
 *
 * KEYS[1] the prefix. ARGV[1] control; then one JSON string per move; then one per audit entry.
 * Returns [ok, now, id of the last audit entry or '', recalled...] | [fenced, id] | [busy, holder] | [late, now] |
 * [locked, scope, json, seal]; times are ms by Redis's clock.
 */
export const COMMIT_SCRIPT = `
local p = KEYS[1] .. ':'
local c = cjson.decode(ARGV[1])
local t = redis.call('TIME')
local ms = t[1] * 1000 + math.floor(t[2] / 1000)
local now = string.format('%d', ms)
local old = string.format('%d', ms - c.keep * 1000)
for _, m in ipairs(c.moves) do
  local rev = redis.call('HGET', p .. 'record:' .. m.id, 'rev') or '0'
  if tonumber(rev) ~= m.rev then return { 'fenced', m.id } end
end
if c.before and ms > c.before then return { 'late', now } end
if c.unlocked then
  local own = {}
  for _, user in ipairs(c.unlocked.accounts) do own[user] = true end
  for _, scope in ipairs(c.unlocked.scopes) do
    local l = redis.call('HMGET', p .. 'lock:' .. scope, 'by', 'json', 'seal')
    if l[1] and not own[l[1]] then return { 'locked', scope, l[2] or '', l[3] or '' } end
  end
end
local from = {}
for _, id in ipairs(c.from) do from[id] = true end
for _, k in ipairs(c.take) do
  local holder = redis.call('GET', p .. 'claim:' .. k.name)
  if holder and holder ~= k.owner and not from[holder] then return { 'busy', holder } end
end
local function add(set, score, member, most)
  local key = p .. set
  redis.call('ZADD', key, score, member)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', old)
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - most)
  redis.call('EXPIRE', key, c.keep)
end
local touched = {}
local function touch(names)
  for _, name in ipairs(names) do touched[#touched + 1] = name end
end
for i, m in ipairs(c.moves) do
  local key = p .. 'record:' .. m.id
  local line = redis.call('HGET', key, 'line')
  if line then
    local names = cjson.decode(line)
    for _, name in ipairs(names) do redis.call('ZREM', p .. 'waiters:' .. name, m.id) end
    touch(names)
    if not m.line then redis.call('HDEL', key, 'line') end
  end
  if m.line then redis.call('HSET', key, 'line', m.line) end
  redis.call('HSET', key, 'rev', m.rev + 1, 'json', ARGV[1 + i], 'seal', m.seal)
  for _, index in ipairs(m.indexes) do add(index.name, m.at, m.id, index.most) end
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
  touch({ k.name })
end
local answer = { 'ok', now, '' }
local recalled = {}
local function recall(id)
  if recalled[id] then return end
  recalled[id] = true
  answer[#answer + 1] = id
end
for _, m in ipairs(c.moves) do
  if m.line then
    local names = cjson.decode(m.line)
    local stands = false
    for _, name in ipairs(names) do
      if redis.call('EXISTS', p .. 'claim:' .. name) == 1 then
        stands = true
        redis.call('ZADD', p .. 'waiters:' .. name, m.at, m.id)
        redis.call('EXPIRE', p .. 'waiters:' .. name, c.keep)
      end
    end
    -- what it waits for was released just before
    if not stands then recall(m.id) end
    touch(names)
  end
end
for _, name in ipairs(touched) do
  if redis.call('EXISTS', p .. 'claim:' .. name) == 0 then
    local key = p .. 'waiters:' .. name
    local first = redis.call('ZRANGE', key, 0, 0)[1]
    while first and redis.call('HEXISTS', p .. 'record:' .. first, 'line') == 0 do
      redis.call('ZREM', key, first)
      first = redis.call('ZRANGE', key, 0, 0)[1]
    end
    if first then recall(first) end
  end
end
for _, l in ipairs(c.launched) do redis.call('SET', p .. 'launch:' .. l.job, l.by, 'EX', c.keep) end
for _, d in ipairs(c.disposed) do add('disposed:' .. d.cluster, now, d.path, d.most) end
for i = 2 + #c.moves, #ARGV do
  answer[3] = redis.call('XADD', p .. 'audit', '*', 'entry', ARGV[i], 'seal', c.seals[i - 1 - #c.moves])
end
return answer
`;

/**
 * Writes back the newest revision that a process has seen, where Redis has an older one. Also restores the claims of
 * a live request and its places in line, and releases the claims of an ended one. Does nothing where the record was
 * moved meanwhile.
 * KEYS[1] the prefix. ARGV[1] control; ARGV[2] the record; ARGV[3] an audit entry. Returns 1 where the record was
 * written back.
 */
export const PUT_BACK_SCRIPT = `
local p = KEYS[1] .. ':'
local c = cjson.decode(ARGV[1])
local key = p .. 'record:' .. c.id
if (redis.call('HGET', key, 'rev') or '0') ~= c.from then return 0 end
local line = redis.call('HGET', key, 'line')
if line then
  for _, name in ipairs(cjson.decode(line)) do redis.call('ZREM', p .. 'waiters:' .. name, c.id) end
  redis.call('HDEL', key, 'line')
end
redis.call('HSET', key, 'rev', c.to, 'json', ARGV[2], 'seal', c.seal)
if c.line then
  redis.call('HSET', key, 'line', c.line)
  for _, name in ipairs(cjson.decode(c.line)) do
    redis.call('ZADD', p .. 'waiters:' .. name, c.at, c.id)
    redis.call('EXPIRE', p .. 'waiters:' .. name, c.keep)
  end
end
if c.open then
  redis.call('PERSIST', key)
  redis.call('ZADD', p .. 'open', c.at, c.id)
else
  redis.call('ZREM', p .. 'open', c.id)
  redis.call('EXPIRE', key, c.keep)
end
for _, name in ipairs(c.held) do redis.call('SET', p .. 'claim:' .. name, c.id, 'NX') end
for _, name in ipairs(c.free) do
  if redis.call('GET', p .. 'claim:' .. name) == c.id then redis.call('DEL', p .. 'claim:' .. name) end
end
redis.call('XADD', p .. 'audit', '*', 'entry', ARGV[3], 'seal', c.auditSeal)
return 1
`;

/**
 * Writes the first refusal of each person and rule to the audit log, and only counts the later ones.
 * KEYS[1] the counts, KEYS[2] the audit stream; ARGV[1] person and rule, ARGV[2] how many of these are told apart,
 * ARGV[3] time to live of the counts in s, ARGV[4] the entry, ARGV[5] its seal.
 */
export const REFUSED_SCRIPT = `
local field = ARGV[1]
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[2]) and redis.call('HEXISTS', KEYS[1], field) == 0 then
  field = 'others'
end
local count = redis.call('HINCRBY', KEYS[1], field, 1)
redis.call('EXPIRE', KEYS[1], ARGV[3])
if count == 1 then redis.call('XADD', KEYS[2], '*', 'entry', ARGV[4], 'seal', ARGV[5]) end
return count
`;
