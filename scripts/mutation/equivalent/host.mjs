export const EQUIVALENT = {
  'src/host/method.ts': [
    { code: "const DEFINITION = Symbol.for('esp-host.method');", why: 'nothing else has such a symbol' },
  ],
  'src/host/observer.ts': [
    {
      code: "const text = Buffer.from(body.subarray(0, 2 * RESPONSE_BYTES)).toString('utf8');",
      from: '2',
      to: '3',
      why: 'any margin will do',
    },
  ],
};
