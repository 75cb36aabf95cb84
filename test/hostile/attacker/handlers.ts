import { type Attack, askAll, Connection } from './attack.js';
import { request } from './esp.js';

/** What the plugin in test/fixtures/plugins/hostile is asked to do; each is answered once. */
export const WAYS = [
  'null prototype',
  'proxy',
  'revoked proxy',
  'proxy of a fault',
  'cyclic cause',
  'long chain of causes',
  'aggregate of itself',
  'throwing getter',
  'throwing stack',
  'throwing toString',
  'message that is not a string',
  '6 MB of digits',
  '6 MB of 1-1',
  '1 MB of quotes',
  'name of 1 MB',
  'fault with an object as text',
  'fault with a throwing text',
  'fault with a code that is not a string',
  'fault with 6 MB of text',
  'fault with a proxy as cause',
  'fault made an object',
  'upstream that is not a string',
  'connection that is not a string',
  'a symbol',
  'a function',
  'a bigint',
  'undefined',
  'null',
  'a frozen error',
  'an error with a secret',
  'line ends',
  'nothing',
  'returned null',
  'a number',
  'an array',
  'a map',
  'a proxy that throws',
  'a getter that throws',
  'a getter of parameters that throws',
  'itself inside',
  'a deep list',
  'a key of 100 kB',
  '__proto__',
  'a lone surrogate',
  'user data that throws',
  'a thenable that settles twice',
  'a thenable that settles twice later',
  'a thenable that throws',
  'a thenable that settles and throws',
  'a getter of then that throws',
  'a thenable of thenables',
  'a logger that is broken',
  'metrics that are wrong',
] as const;

/** They are answered when the deadline has passed. */
export const LATE_WAYS = ['hang', 'answer late', 'throw late', 'an abort listener that throws'] as const;

export const HUGE_WAYS = ['600 MB of bytes', '600 MB of text'] as const;

/** They are answered, and leave behind unhandled errors. */
export const OUTSIDE_WAYS = [
  'a timer that throws',
  'an emitter without a listener',
  'a rejected promise without a handler',
] as const;

const TIMES = ['now', 'later'] as const;

export const misbehave = (name: string, ways: readonly string[], times: readonly string[] = TIMES): Attack => ({
  name,
  async *steps({ esp }) {
    const connection = new Connection(esp);
    const requests = ways.flatMap((how) =>
      times.map(
        (when) => (id: number) =>
          request(id, 'Hostile', 'Misbehave', [
            ['How', how],
            ['When', when],
          ]),
      ),
    );
    try {
      for (;;) yield await askAll(await connection.get(), name, requests);
    } finally {
      connection.reset();
    }
  },
});

export const handlerAttacks: readonly Attack[] = [
  misbehave('handlers that throw and return anything', WAYS),
  misbehave('handlers that hang, and answer late', LATE_WAYS),
  misbehave('handlers that return 600 MB', HUGE_WAYS, ['now']),
  misbehave('handlers that leave trouble behind', OUTSIDE_WAYS),
];
