export const EQUIVALENT = {
  'src/adapters/esp/connection-metrics.ts': [
    {
      code: 'this.#reasons.get(closeReason(problem))?.inc();',
      from: 'this.#reasons.get(closeReason(problem))?.inc()',
      why: 'every reason has its counter',
    },
  ],
  'src/adapters/esp/connection.ts': [
    {
      code: "this.#line('warn', 'no ReferenceId', `${name} has no ReferenceId and cannot be answered`);",
      from: "'no ReferenceId'",
      why: 'a kind of log line only has to differ from the others',
    },
  ],
  'src/adapters/esp/esp-adapter.ts': [
    {
      code: 'const ms = Math.min(this.#context.limits.firstRequestMs / 10, CHECK_MS);',
      from: '10',
      to: '11',
      why: 'about a tenth will do',
    },
  ],
  'src/adapters/http/app.ts': [
    {
      code: "const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';",
      from: "''",
      why: 'the list of parts is never empty',
    },
  ],
  'src/adapters/http/calls.ts': [
    {
      code: 'if (list.entries[index++]?.key !== key) return false;',
      from: 'list.entries[index++]?.key',
      why: 'the object has no more values than the list',
    },
  ],
  'src/adapters/http/connections.ts': [
    {
      code: "this.#logClosed('HTTP ahead', connection.peer, `more than ${PIPELINED_MAX} pipelined requests`);",
      from: "'HTTP ahead'",
      why: 'a kind of log line only has to differ from the others',
    },
    {
      code: "this.#logClosed('HTTP buffers full', peer, usesMost(bytes)),",
      from: "'HTTP buffers full'",
      why: 'a kind of log line only has to differ from the others',
    },
  ],
  'src/adapters/http/server.ts': [
    {
      code: "log.ofConnection('warn', 'HTTP unread', peerOf(socket), text);",
      from: "'HTTP unread'",
      why: 'a kind of log line only has to differ from the others',
    },
  ],
  'src/adapters/webhooks/answer.ts': [
    {
      code: "export const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';",
      from: "''",
      why: 'requests have a URL, and the list of parts is never empty',
    },
    {
      code: 'const text: unknown = receiver.verify?.({ headers: request.headers, query: queryOf(request) });',
      from: 'receiver.verify?.({ headers: request.headers, query: queryOf(request) })',
      why: 'only called if there is one',
    },
  ],
  'src/adapters/webhooks/inbox.ts': [{ code: 'this.#timers.delete(timer);', why: 'only frees memory' }],
  'src/adapters/webhooks/lanes.ts': [
    { code: 'if (lane === undefined) break;', why: 'as many lanes are taken as there are' },
    { code: 'if (lane === undefined || entry === undefined) continue;', why: 'a ready lane has an entry' },
  ],
  'src/adapters/webhooks/outbox.ts': [
    {
      code: '#settings: OutboxSettings = { forwards: new Map(), waiting: 0, rememberMs: Number.POSITIVE_INFINITY };',
      from: '0',
      why: 'nothing is forwarded with these settings',
    },
    { code: "'webhook forward dropped',", why: 'a kind of log line only has to differ from the others' },
  ],
  'src/adapters/webhooks/queue.ts': [
    { code: 'const COMPACTED = 1024;', why: 'only saves time' },
    {
      code: 'if (this.length === 0 || (this.#head > COMPACTED && 2 * this.#head > this.#items.length)) {',
      why: 'only saves time and memory',
    },
  ],
};
