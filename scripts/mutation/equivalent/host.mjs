export const EQUIVALENT = {
  'src/host/method.ts': [
    { code: "const DEFINITION = Symbol.for('esp-host.method');", why: 'nothing else has such a symbol' },
  ],
  'src/host/call.ts': [
    {
      code: 'this.#abort?.abort(reason);',
      from: 'this.#abort?.abort(reason)',
      to: 'this.#abort.abort(reason)',
      why: 'the catch takes any error',
    },
  ],
  'src/host/dispatcher.ts': [
    {
      code: "this.#log.write('debug', 'late', '', () => `${service}.${name} finished too late`);",
      from: "''",
      why: 'any address will do: lines of the level debug are not rationed',
    },
    {
      code: "if (why === 'deadline') this.#leave(pending);",
      from: "why === 'deadline'",
      to: 'true',
      why: 'the exchange, which has ended, stays in the list until its deadline',
    },
    {
      code: 'call?.abandon(new ClientGoneError());',
      to: 'call.abandon(new ClientGoneError())',
      why: 'for the types: a pending exchange has a call',
    },
    {
      code: 'call?.abandon(fault);',
      to: 'call.abandon(fault)',
      why: 'for the types: a pending exchange has a call',
    },
    {
      code: 'const who = call?.hasChannel === true ? call.channel.name : application.name;',
      to: 'call.hasChannel',
      why: 'for the types: a pending exchange has a call',
    },
    {
      code: 'this.options.observer?.faulted?.(request, client.peer, fault);',
      to: 'this.options.observer?.faulted(request, client.peer, fault)',
      why: 'the catch takes the error',
    },
    {
      code: 'this.options.observer?.faulted?.(request, client.peer, fault);',
      to: 'this.options.observer.faulted?.(request, client.peer, fault)',
      why: 'the catch takes the error',
    },
    {
      code: 'const idempotent = method?.definition.idempotent;',
      why: 'for the types: a pending exchange has a method',
      to: 'method.definition.idempotent',
    },
  ],
  'src/host/http.ts': [
    {
      code: 'if (transferred > most && answer?.request !== undefined) fail(new AnswerTooLargeError(most, answer.request));',
      to: 'answer.request',
      why: 'for the types: bytes follow their response',
    },
    {
      code: 'request?.destroy(error);',
      to: 'request.destroy(error)',
      why: 'for the types: the error of an answer has its request',
    },
  ],
  'src/host/exchange.ts': [
    { code: "this.cutOff(this, 'stopping');", from: "'stopping'", why: "it is only compared with 'deadline'" },
  ],
  'src/host/observer.ts': [
    {
      code: 'if (call === undefined || url === undefined) return;',
      to: '(call === undefined) && (url === undefined)',
      why: 'the catch below takes the error; a request has a URL',
    },
    {
      code: "Buffer.from(typeof body === 'string' ? body.slice(0, REQUEST_BYTES) : body.subarray(0, REQUEST_BYTES))",
      from: 'body.slice(0, REQUEST_BYTES)',
      to: 'body',
      why: 'a shortcut: the bytes are cut, too',
    },
    {
      code: "const text = Buffer.from(body.subarray(0, 2 * RESPONSE_BYTES)).toString('utf8');",
      from: '2',
      to: '3',
      why: 'any margin will do',
    },
  ],
  'src/host/outcomes.ts': [
    { code: 'const KINDS = 16;', why: 'any number near it will do' },
    {
      code: 'const end = Math.min(text.length, HASHED);',
      from: 'Math.min(text.length, HASHED)',
      why: 'for speed: the rest of a long text makes another hash',
    },
    { code: 'let sum = 0;', why: 'any hash will do' },
    {
      code: 'for (let index = 0; index < end; index++) {',
      from: 'index < end',
      to: 'index <= end',
      why: 'there is no character at the end',
    },
    { code: 'for (let index = 0; index < end; index++) {', from: '0', why: 'any hash will do' },
    {
      code: 'if (code < 0x30 || code > 0x39) sum = (Math.imul(sum, 31) + code) | 0;',
      from: '0x39',
      why: 'whether a colon counts does not matter',
    },
    {
      code: 'if (code < 0x30 || code > 0x39) sum = (Math.imul(sum, 31) + code) | 0;',
      from: '31',
      why: 'any hash will do',
    },
    {
      code: 'if (code < 0x30 || code > 0x39) sum = (Math.imul(sum, 31) + code) | 0;',
      from: 'Math.imul(sum, 31) + code',
      why: 'any hash will do',
    },
    {
      code: 'if (code < 0x30 || code > 0x39) sum = (Math.imul(sum, 31) + code) | 0;',
      from: '0',
      why: 'any hash will do',
    },
    { code: 'kinds.set(outcome, known);', why: 'a cache: without it, the same texts are made again' },
  ],
};
