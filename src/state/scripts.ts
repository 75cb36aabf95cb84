/**
 * What each operation does in Redis, as a Lua script: all of it or, if the server stops, none. Redis undoes nothing when a
 * command fails, for instance for lack of a permission: an event counts as seen after it was stored, and ends after its
 * effects. Every key is known beforehand, as ACLs and proxies require. Records and events are in few hashes and sorted sets,
 * like the tables of the state file.
 */

/** The keys, without the prefix of the connection. */
const KEYS = {
  /** Version of the keys and their contents. */
  format: 'state:format',
  /** Never there. */
  none: 'state:none',
  /** The last number that was given to an event or to a version of a record. */
  last: 'state:last',
  /** Seq -> path, a line break, and JSON of key, time and id. */
  events: 'state:events',
  /** Seq -> data. */
  data: 'state:data',
  /** Seq -> attempts that failed. */
  attempts: 'state:attempts',
  /** Seqs of the events that are not parked. */
  waiting: 'state:waiting',
  /** Seqs by the time when they were parked. */
  parked: 'state:parked',
  /** Path -> events that wait or are parked. */
  stored: 'state:stored',
  /** Hashed ids by the time when they came. */
  seen: 'state:seen',
  /** The term that lasts. */
  lease: 'state:lease',
  /** Owner and id -> JSON. */
  values: 'state:values',
  /** Owner and id -> version, seq, time of expiry and the hashes of the keys. */
  heads: 'state:heads',
  /** Hash of owner and key, seq and id of each record. */
  index: 'state:index',
  /** Owner and id by the time of expiry. */
  expiry: 'state:expiry',
} as const;
type Key = keyof typeof KEYS;

export interface Script {
  readonly text: string;
  readonly keys: readonly string[];
}

/** The version of the keys that this host reads and writes. */
export const FORMAT = 1;

/** What a script removes of a kind, or looks at, at most: the server answers nobody meanwhile. */
export const AT_ONCE = 500;

/** Characters of the hash of a key, and of a seq behind it. */
const HASH = 22;
const SEQ = 16;

const script = (keys: readonly Key[], text: string): Script => ({
  keys: keys.map((key) => KEYS[key]),
  text: `local ${keys.map((key) => `K_${key}`).join(', ')} = unpack(KEYS)\n${text}`,
});

/** Lua writes large numbers with an exponent. */
const WHOLE = `
local function whole(n) return string.format('%.0f', n) end
`;

/** The result for a term that has ended. */
export const FENCED = 'fenced';

/** Does nothing for all but the term that lasts. An empty term is not checked. */
const FENCE = `
if ARGV[1] ~= '' and redis.call('GET', K_lease) ~= ARGV[1] then return '${FENCED}' end
`;

/**
 * A script that has written may go on when the memory of the server is full, and a deletion may always begin. What frees
 * memory needs this.
 */
const WRITES = `redis.call('DEL', K_none)`;

const FINISH_KEYS = ['events', 'data', 'attempts', 'waiting', 'parked', 'stored'] as const;

/** Removes an event. Gives its path, or nil if it is not there. */
const FINISH = `
local function finish(seq)
  local event = redis.call('HGET', K_events, seq)
  if not event then return nil end
  for _, key in ipairs({ K_events, K_data, K_attempts }) do redis.call('HDEL', key, seq) end
  redis.call('ZREM', K_waiting, seq)
  redis.call('ZREM', K_parked, seq)
  local path = event:match('^[^\\n]*')
  if redis.call('HINCRBY', K_stored, path, -1) <= 0 then redis.call('HDEL', K_stored, path) end
  return path
end
`;

/** Rows of `waiting`: seq, event and attempts. */
const ROWS = `
local function rows(seqs)
  local found = {}
  for _, seq in ipairs(seqs) do
    local event = redis.call('HGET', K_events, seq)
    if event then
      table.insert(found, seq)
      table.insert(found, event)
      table.insert(found, redis.call('HGET', K_attempts, seq) or '0')
    end
  end
  return found
end
`;

const RECORD_KEYS = ['values', 'heads', 'index', 'expiry'] as const;

const RECORDS = `
local HEAD = '^(%d+) (%d+) (%d+) ?(.*)$'
local function member(hash, seq, id) return hash .. string.format('%0${SEQ}.0f', tonumber(seq)) .. id end
local function unkey(field, id)
  local head = redis.call('HGET', K_heads, field)
  if not head then return nil end
  local version, seq, expires, hashes = head:match(HEAD)
  for hash in hashes:gmatch('%S+') do redis.call('ZREM', K_index, member(hash, seq, id)) end
  return version, seq, expires
end
local function remove(field, id)
  if not unkey(field, id) then return 0 end
  redis.call('HDEL', K_heads, field)
  redis.call('HDEL', K_values, field)
  redis.call('ZREM', K_expiry, field)
  return 1
end
`;

export const SCRIPTS = {
  /** ARGV: the version. Gives that of the data. Fails if the server takes no writes, but not if its memory is full. */
  open: script(
    ['format', 'none'],
    `${WRITES}
    local format = redis.call('GET', K_format)
    if format then return format end
    redis.call('SET', K_format, ARGV[1])
    return ARGV[1]`,
  ),

  /** ARGV: the term, how those of its host begin, ms. */
  take: script(
    ['lease', 'none'],
    `local now = redis.call('GET', K_lease)
    if now and now:sub(1, #ARGV[2]) ~= ARGV[2] then return 0 end
    ${WRITES}
    redis.call('SET', K_lease, ARGV[1], 'PX', ARGV[3])
    return 1`,
  ),

  /** ARGV: the term, ms. */
  extend: script(
    ['lease'],
    `if redis.call('GET', K_lease) ~= ARGV[1] then return 0 end
    return redis.call('PEXPIRE', K_lease, ARGV[2])`,
  ),

  /** ARGV: the term. */
  release: script(['lease'], `if redis.call('GET', K_lease) == ARGV[1] then redis.call('DEL', K_lease) end return 1`),

  /** ARGV: path, time, most or '', and of each event its hash, head and data. Gives seqs, 0 for a duplicate. */
  accept: script(
    ['last', 'events', 'data', 'waiting', 'stored', 'seen'],
    `${WHOLE}
    local path, now, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
    local stored = tonumber(redis.call('HGET', K_stored, path) or '0')
    if most and stored + (#ARGV - 3) / 3 > most then return {} end
    local seqs = {}
    for at = 4, #ARGV, 3 do
      if redis.call('ZSCORE', K_seen, ARGV[at]) then
        table.insert(seqs, 0)
      else
        local seq = redis.call('INCR', K_last)
        redis.call('HSET', K_events, whole(seq), ARGV[at + 1])
        redis.call('HSET', K_data, whole(seq), ARGV[at + 2])
        redis.call('HINCRBY', K_stored, path, 1)
        redis.call('ZADD', K_waiting, whole(seq), whole(seq))
        redis.call('ZADD', K_seen, now, ARGV[at])
        table.insert(seqs, seq)
      end
    end
    return seqs`,
  ),

  /** ARGV: term, the seq before, most. */
  waiting: script(
    ['lease', 'events', 'attempts', 'waiting'],
    `${FENCE}${ROWS}
    return rows(redis.call('ZRANGEBYSCORE', K_waiting, '(' .. ARGV[2], '+inf', 'LIMIT', 0, ARGV[3]))`,
  ),

  /** ARGV: term, time, most. */
  unpark: script(
    ['lease', 'events', 'attempts', 'waiting', 'parked'],
    `${FENCE}${ROWS}
    local seqs = redis.call('ZRANGEBYSCORE', K_parked, '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])
    for _, seq in ipairs(seqs) do
      redis.call('ZREM', K_parked, seq)
      redis.call('ZADD', K_waiting, seq, seq)
      redis.call('HDEL', K_attempts, seq)
    end
    return rows(seqs)`,
  ),

  /** ARGV: term, seqs. Gives seq, event and data of each that is there. */
  load: script(
    ['lease', 'events', 'data'],
    `${FENCE}
    local found = {}
    for at = 2, #ARGV do
      local seq = ARGV[at]
      local event = redis.call('HGET', K_events, seq)
      if event then
        table.insert(found, seq)
        table.insert(found, event)
        table.insert(found, redis.call('HGET', K_data, seq))
      end
    end
    return found`,
  ),

  /** ARGV: term, seq, attempts, the time if it is parked or ''. */
  fail: script(
    ['lease', 'attempts', 'waiting', 'parked', 'events'],
    `${FENCE}
    if redis.call('HEXISTS', K_events, ARGV[2]) == 0 then return 0 end
    redis.call('HSET', K_attempts, ARGV[2], ARGV[3])
    if ARGV[4] ~= '' then
      redis.call('ZREM', K_waiting, ARGV[2])
      redis.call('ZADD', K_parked, ARGV[4], ARGV[2])
    end
    return 1`,
  ),

  /** ARGV: term, seqs. */
  drop: script(
    ['lease', ...FINISH_KEYS],
    `${FENCE}${FINISH}
    for at = 2, #ARGV do finish(ARGV[at]) end
    return 1`,
  ),

  /** ARGV: the field. Gives the version, and the value with its time of expiry. */
  read: script(
    ['values', 'heads'],
    `local head = redis.call('HGET', K_heads, ARGV[1])
    if not head then return { '0', '0', '' } end
    local version, _, expires = head:match('^(%d+) (%d+) (%d+)')
    return { version, expires, redis.call('HGET', K_values, ARGV[1]) }`,
  ),

  /**
   * ARGV: owner, hash of the key, the seq after, now, most. Gives the seq to go on after, or 0 if there are no more, and then
   * id, value and seq of each.
   */
  find: script(
    ['values', 'heads', 'index'],
    `local most, hash = math.min(tonumber(ARGV[5]), ${AT_ONCE}), ARGV[2]
    local last = '(' .. hash .. string.format('%0${SEQ}.0f', tonumber(ARGV[3]))
    local members = redis.call('ZREVRANGEBYLEX', K_index, last, '[' .. hash, 'LIMIT', 0, most)
    local found = { #members == most and members[most]:sub(${HASH + 1}, ${HASH + SEQ}) or '0' }
    for _, member in ipairs(members) do
      local id = member:sub(${HASH + SEQ + 1})
      local field = ARGV[1] .. id
      local version, seq, expires = (redis.call('HGET', K_heads, field) or '0 0 0'):match('^(%d+) (%d+) (%d+)')
      if tonumber(expires) > tonumber(ARGV[4]) then
        table.insert(found, id)
        table.insert(found, redis.call('HGET', K_values, field))
        table.insert(found, seq)
      end
    end
    return found`,
  ),

  /** ARGV: hash of the key, the seq before. Gives the seq to go on after, or 0 if there are no more, and then ids. */
  keyed: script(
    ['index'],
    `local after = '[' .. ARGV[1] .. string.format('%0${SEQ}.0f', tonumber(ARGV[2]) + 1)
    local members = redis.call('ZRANGEBYLEX', K_index, after, '(' .. ARGV[1] .. '~', 'LIMIT', 0, ${AT_ONCE})
    local ids = { #members == ${AT_ONCE} and members[#members]:sub(${HASH + 1}, ${HASH + SEQ}) or '0' }
    for _, member in ipairs(members) do table.insert(ids, member:sub(${HASH + SEQ + 1})) end
    return ids`,
  ),

  /** ARGV: owner, hash of the key. */
  forget: script(
    RECORD_KEYS,
    `${RECORDS}
    local members = redis.call('ZRANGEBYLEX', K_index, '[' .. ARGV[2], '(' .. ARGV[2] .. '~', 'LIMIT', 0, ${AT_ONCE})
    for _, member in ipairs(members) do
      local id = member:sub(${HASH + SEQ + 1})
      remove(ARGV[1] .. id, id)
    end
    return #members`,
  ),

  /**
   * ARGV: term, seq or '', owner, now, number of reads, id and version of each, and of each write its id, '1' or '' to
   * delete, value, time of expiry, and hashes of the keys.
   */
  commit: script(
    ['last', 'lease', 'none', ...FINISH_KEYS, ...RECORD_KEYS],
    `if ARGV[1] ~= '' and redis.call('GET', K_lease) ~= ARGV[1] then return 'gone' end
    ${WHOLE}${FINISH}${RECORDS}
    local owner, now, at = ARGV[3], tonumber(ARGV[4]), 6
    for _ = 1, tonumber(ARGV[5]) do
      local head = redis.call('HGET', K_heads, owner .. ARGV[at]) or '0'
      if head:match('^%d+') ~= ARGV[at + 1] then return 'conflict' end
      at = at + 2
    end
    if ARGV[2] ~= '' then
      if redis.call('HEXISTS', K_events, ARGV[2]) == 0 then return 'gone' end
      ${WRITES}
    end
    while at < #ARGV do
      local id, field, value, expires, hashes = ARGV[at], owner .. ARGV[at], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
      if ARGV[at + 1] == '' then
        remove(field, id)
      else
        local _, seq, ends = unkey(field, id)
        local version = whole(redis.call('INCR', K_last))
        if not seq or tonumber(ends) <= now then seq = version end
        redis.call('HSET', K_values, field, value)
        redis.call('HSET', K_heads, field, version .. ' ' .. seq .. ' ' .. expires .. ' ' .. hashes)
        redis.call('ZADD', K_expiry, expires, field)
        for hash in hashes:gmatch('%S+') do redis.call('ZADD', K_index, 0, member(hash, seq, id)) end
      end
      at = at + 5
    end
    if ARGV[2] ~= '' then finish(ARGV[2]) end
    return 'done'`,
  ),

  /**
   * ARGV: term, now, the time before which events and ids are forgotten, ids that are remembered. Gives whether there may be
   * more, and then paths of events.
   */
  purge: script(
    ['lease', 'seen', ...FINISH_KEYS, ...RECORD_KEYS],
    `${FENCE}${FINISH}${RECORDS}
    local old = redis.call('ZRANGEBYSCORE', K_seen, '-inf', '(' .. ARGV[3], 'LIMIT', 0, ${AT_ONCE})
    if #old > 0 then redis.call('ZREM', K_seen, unpack(old)) end
    local beyond = math.min(redis.call('ZCARD', K_seen) - tonumber(ARGV[4]), ${AT_ONCE})
    if beyond > 0 then redis.call('ZREMRANGEBYRANK', K_seen, 0, beyond - 1) end
    local expired = redis.call('ZRANGEBYSCORE', K_expiry, '-inf', '(' .. ARGV[2], 'LIMIT', 0, ${AT_ONCE})
    for _, field in ipairs(expired) do remove(field, field:sub(field:find('\\n', 1, true) + 1)) end
    local parked = redis.call('ZRANGEBYSCORE', K_parked, '-inf', '(' .. ARGV[3], 'LIMIT', 0, ${AT_ONCE})
    local paths = { math.max(#old, beyond, #expired, #parked) == ${AT_ONCE} and '1' or '' }
    for _, seq in ipairs(parked) do table.insert(paths, finish(seq)) end
    return paths`,
  ),
} as const satisfies Readonly<Record<string, Script>>;
