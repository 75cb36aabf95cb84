import { afterAll, describe, expect, it } from '@jest/globals';
import {
  runStrategy,
  type Sweep,
  type SweepOptions,
  sweepStrategy,
  sweepText,
} from '../../../mock-platform/strategies/index.js';
import { removeFolders } from '../../support/files.js';
import { branching, REACH, strategyOf } from './files.js';

afterAll(removeFolders);

/** `outcomes > end`, a path a line. */
const lines = ({ paths }: Sweep): string[] =>
  paths.map(
    ({ forced, end }) =>
      `${forced.map(({ outcome }) => outcome).join('; ')} > ${end.kind === 'routed' ? end.routedTo : end.why}`,
  );

const FAULTS = ['701', '902', '904', '901', '920', '900'];

/** The usual responses of the method that REACH calls. */
const responses: SweepOptions['responses'] = {
  'Messaging.ValidateContact': ({ Id: id = '' }) => [
    { parameters: { Id: id }, note: 'known' },
    { parameters: { Id: '' } },
    { parameters: { Id: 'other' }, note: 'unknown' },
  ],
};

it('forces the usual responses of a method, the faults of a host, a timeout and a lost connection', async () => {
  const sweep = await sweepStrategy(strategyOf(REACH), { responses });
  expect(lines(sweep)).toEqual([
    'response Id=+16315551002 (known) > WhatsApp gold',
    'response Id= > SMS',
    'response Id=other (unknown) > WhatsApp gold',
    ...FAULTS.map((code) => `fault ${code} > ${code === '904' ? 'E-mail' : 'SMS'}`),
    'timeout > SMS',
    'connection lost > SMS',
  ]);
  expect(sweep).toMatchObject({ neverTaken: [], neverReached: [], cut: false });
  expect(sweep.paths[0]?.steps).toEqual(['ask', 'whatsapp', 'to-whatsapp']);
});

it('derives the responses from the conditions if a method has no usual ones', async () => {
  const other = { 'Messaging.ValidateContacts': () => [{ parameters: { Id: 'other' } }], toString: () => [] };
  const [first, second, third] = lines(await sweepStrategy(strategyOf(REACH), { responses: other }));
  expect([first, second]).toEqual(['response Id=anything > WhatsApp gold', 'response Id= > SMS']);
  expect(third).toMatch(/^fault 701/);
});

it('adds a response for each branch that no usual response takes', async () => {
  const one = { 'Messaging.ValidateContact': () => [{ parameters: { Id: 'one' } }] };
  const [first, second] = lines(await sweepStrategy(strategyOf(REACH), { responses: one }));
  expect([first, second]).toEqual(['response Id=one > WhatsApp gold', 'response Id= > SMS']);
});

it('accepts other data', async () => {
  const set = { Id: '+16315551003', Segment: 'silver' };
  const [first] = lines(await sweepStrategy(strategyOf(REACH), { set, responses }));
  expect(first).toBe('response Id=+16315551003 (known) > WhatsApp silver');
  await expect(sweepStrategy(strategyOf(REACH), { set: { ID: '' } })).rejects.toThrow('has no ID in its data');
});

describe('the responses of any method', () => {
  const responses = async (branches: string): Promise<string[]> => {
    const all = lines(
      await sweepStrategy(branching(`{ response: ${branches}, fault: { other: b, 1: retry }, timeout: a }`)),
    );
    return all.filter((line) => line.startsWith('response') && !line.includes(';'));
  };

  it.each<[string, string[]]>([
    ['[{ go: a }]', ['response > A']],
    [
      '[{ when: { Status: open }, go: a }, { when: { Status: shut }, go: b }]',
      [
        'response Status=open > A',
        'response Status="not open" > no branch of on.response matches the response',
        'response Status=shut > B',
      ],
    ],
    [
      '[{ when: { Balance: { atLeast: 5, atMost: 7 } }, go: a }, { when: { Balance: { atLeast: "{{Limit}}" } }, go: b }, { go: b }]'.replace(
        '"{{Limit}}"',
        '10',
      ),
      ['response Balance=4 > B', 'response Balance=5 > A', 'response Balance=10 > B'],
    ],
    [
      '[{ when: { Limit: { equals: "{{Limit}}" } }, go: a }, { go: b }]',
      ['response Limit=10 > A', 'response Limit="not 10" > B'],
    ],
    [
      '[{ when: { A: { empty: false }, B: { startsWith: x } }, go: a }, { when: { A: { empty: true }, B: { startsWith: x } }, go: b }, { go: b }]',
      ['response B=x A=anything > A', 'response B=x A= > B', 'response B= A=anything > B'],
    ],
    [
      '[{ when: { "{{bill.List.Inner}}": 5 }, go: a }, { go: b }]',
      ['response List={"Inner":"5"} > A', 'response List={"Inner":"not 5"} > B'],
    ],
    ['[{ when: { "{{Segment}}": gold }, go: a }, { go: b }]', ['response > A']],
  ])('%s', async (branches, expected) => expect(await responses(branches)).toEqual(expected));

  it('are reported if no reply takes a branch', async () => {
    const on = '{ response: [{ when: { "{{Segment}}": silver }, go: a }, { go: b }], fault: { 1: retry } }';
    const sweep = await sweepStrategy(branching(on));
    expect(sweep.neverTaken).toEqual(['ask on.response[0]']);
    expect(sweep.neverReached).toEqual(['a']);
    expect(sweepText(sweep)).toContain('never taken: ask on.response[0]\nnever reached: a\n');
  });

  it('are cut if there are too many', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `P${index}: { atLeast: 1 }`).join(', ');
    const never = `[{ when: { ${names}, "{{Segment}}": silver }, go: a }, { go: b }]`;
    const sweep = await sweepStrategy(branching(`{ response: ${never}, fault: { other: retry }, timeout: b }`));
    expect(sweep.cut).toBe(true);
  });
});

describe('paths', () => {
  const loop = branching('{ response: [{ go: a }], fault: { 17: b, other: a }, timeout: retry }');

  it('repeat a loop once; a second repetition is cut', async () => {
    const all = lines(await sweepStrategy(loop));
    const once = ['response > A', ...FAULTS.map((code) => `fault ${code} > A`), 'fault 17 > B'];
    const circle = 'ran 2 times: the strategy loops (ask -> retry -> ask)';
    const twice = (first: string): string[] => [
      ...once.map((line) => `${first}; ${line}`),
      `${first}; timeout > ${circle}`,
      `${first}; connection lost > ${circle}`,
    ];
    expect(all).toEqual([...once, ...twice('timeout'), ...twice('connection lost')]);
  });

  it('are cut beyond the limit, not at it', async () => {
    const { paths, cut } = await sweepStrategy(loop, { paths: 5 });
    expect([paths.length, cut]).toEqual([5, true]);
    expect(await sweepStrategy(loop, { paths: 28 })).toMatchObject({ cut: false });
    expect(await sweepStrategy(loop, { paths: 27 })).toMatchObject({ cut: true });
  });

  it('without a handled outcome end nowhere', async () => {
    const strategy = branching('{ response: [{ go: a }], fault: { 904: b, 17: retry } }');
    const nowhere = lines(await sweepStrategy(strategy)).filter((line) => !/> [AB]$/.test(line) && !line.includes(';'));
    expect(nowhere).toEqual([
      ...FAULTS.filter((code) => code !== '904').map(
        (code) => `fault ${code} > on.fault has neither ${code} nor other`,
      ),
      'timeout > the request timed out, and there is no on.timeout',
      'connection lost > the connection was lost, and there is neither on.lost nor on.timeout',
    ]);
  });

  it('match those of the interpreter', async () => {
    for (const { forced, steps, end } of (await sweepStrategy(loop)).paths) {
      const outcomes = forced.map(({ outcome }) => outcome);
      const run = await runStrategy(
        loop,
        {},
        async () => {
          const outcome = outcomes.shift() ?? '';
          if (outcome === 'timeout') return { kind: 'timeout' };
          if (outcome === 'connection lost') return { kind: 'lost' };
          if (outcome === 'response') return { kind: 'response', parameters: {} };
          return { kind: 'fault', code: outcome.replace('fault ', ''), text: '' };
        },
        { visits: 2 },
      );
      expect([run.steps.map(({ id }) => id), run.end]).toEqual([steps, end]);
    }
  });

  it('of a strategy without requests are one', async () => {
    const strategy = strategyOf('name: A\nsteps:\n  - { id: end, routeTo: Q }\n');
    expect(sweepText(await sweepStrategy(strategy))).toBe(
      'A\n  forced   the customer ends up in  path\n  nothing  Q                        end\n1 path, none of them to nowhere\n',
    );
  });
});

it('a sweep prints a table', async () => {
  const strategy = branching('{ response: [{ go: a }], fault: { other: b, 1: retry }, timeout: a, lost: b }');
  const text = sweepText(await sweepStrategy(strategy));
  const [title, head, first] = text.split('\n');
  expect([title, head, first]).toEqual([
    'Branching',
    `  forced${' '.repeat(30)}the customer ends up in${' '.repeat(41)}path`,
    `  ask: response${' '.repeat(23)}A${' '.repeat(63)}start -> ask -> a`,
  ]);
  expect(text).toContain('ask: fault 1; ask: fault 1 ');
  expect(text).toMatch(/NOWHERE: ran 2 times: .*\n/);
  expect(text).toMatch(/19 paths, 1 of them to nowhere\n$/);
});
