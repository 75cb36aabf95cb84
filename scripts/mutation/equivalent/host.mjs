export const EQUIVALENT = {
  'src/host/method.ts': [
    { code: "const DEFINITION = Symbol.for('esp-host.method');", why: 'nothing else has such a symbol' },
  ],
  'src/host/exchange.ts': [
    { code: "this.cutOff(this, 'stopping');", from: "'stopping'", why: "it is only compared with 'deadline'" },
  ],
  'src/host/observer.ts': [
    {
      code: "const text = Buffer.from(body.subarray(0, 2 * RESPONSE_BYTES)).toString('utf8');",
      from: '2',
      to: '3',
      why: 'any margin will do',
    },
  ],
  'src/host/outcomes.ts': [
    { code: 'kinds.set(outcome, known);', why: 'a cache: without it, the same texts are made again' },
  ],
};
