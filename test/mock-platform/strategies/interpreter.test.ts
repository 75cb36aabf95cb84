import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { UnknownDataError } from '../../../mock-platform/errors.js';
import { runStrategy, type StepOutcome } from '../../../mock-platform/strategies/index.js';
import type { ServiceRequest, Step, Strategy } from '../../../mock-platform/strategies/model.js';
import { removeFolders } from '../../support/files.js';
import { branching, REACH, strategyOf } from './files.js';

afterAll(removeFolders);

const response = (parameters: Record<string, string | number> = {}): StepOutcome => ({ kind: 'response', parameters });
const fault = (code: string): StepOutcome => ({ kind: 'fault', code, text: `text of ${code}` });

/** Runs with these outcomes, the last of them again and again. */
async function run(strategy: Strategy, outcomes: StepOutcome[], set = {}) {
  const asked: ServiceRequest[] = [];
  let time = 0;
  const result = await runStrategy(
    strategy,
    set,
    async (request) => {
      asked.push(request);
      const outcome = outcomes[asked.length - 1] ?? outcomes.at(-1);
      if (outcome === undefined) throw new Error('nothing was to be asked');
      return outcome;
    },
    { now: () => time++ },
  );
  return { ...result, asked };
}

/** `a`, or why it ends nowhere. */
const endOf = ({ end }: Awaited<ReturnType<typeof run>>): string =>
  end.kind === 'routed' ? end.routedTo : `${end.step}: ${end.why}`;

describe('a run', () => {
  it('reports what each step sent and received, its next step, and the data', async () => {
    const { asked, ...result } = await run(strategyOf(REACH), [response({ Id: '+1' })], { Segment: 'silver' });
    const before = { Id: '+16315551002', Segment: 'silver', Tries: 3 };
    const after = { ...before, contact: { Id: '+1' }, Address: '+1' };
    const sent = {
      appName: 'DMS',
      service: 'Messaging',
      method: 'ValidateContact',
      parameters: { Id: '+16315551002', Tries: 3, List: { Greeting: 'Hello silver' } },
      userData: { Segment: 'silver' },
      timeoutMs: 5000,
    };
    expect(asked).toEqual([sent]);
    expect(result).toEqual({
      strategy: 'Reach',
      file: expect.stringMatching(/strategy\.yaml$/),
      before,
      after,
      steps: [
        {
          id: 'ask',
          kind: 'externalService',
          sent,
          outcome: { kind: 'response', parameters: { Id: '+1' } },
          branch: 'on.response[0]',
          next: 'whatsapp',
          durationMs: expect.any(Number),
          data: { ...before, contact: { Id: '+1' } },
        },
        {
          id: 'whatsapp',
          kind: 'assign',
          assigned: { Address: '+1' },
          next: 'to-whatsapp',
          durationMs: expect.any(Number),
          data: after,
        },
        {
          id: 'to-whatsapp',
          kind: 'routeTo',
          routedTo: 'WhatsApp silver',
          durationMs: expect.any(Number),
          data: after,
        },
      ],
      end: { kind: 'routed', step: 'to-whatsapp', routedTo: 'WhatsApp silver' },
      durationMs: expect.any(Number),
    });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('rejects data that the strategy does not define', async () => {
    const ran = run(strategyOf(REACH), [], { ID: 'x' });
    await expect(ran).rejects.toThrow(new UnknownDataError('Reach', 'ID', ['Id', 'Segment', 'Tries']));
  });

  it('fails with the error of the asked server', async () => {
    await expect(run(strategyOf(REACH), [])).rejects.toThrow('nothing was to be asked');
  });

  it('continues with the next step without on.response', async () => {
    const strategy = branching('{ fault: { other: b }, timeout: a }');
    const { steps } = await run(strategy, [response(), fault('1')]);
    expect(steps.map((step) => [step.id, step.kind === 'externalService' ? step.branch : undefined])).toEqual([
      ['start', undefined],
      ['ask', 'next step'],
      ['retry', undefined],
      ['ask', 'on.fault.other'],
      ['b', undefined],
    ]);
  });

  it('saves the FaultCode and FaultString of a fault, and nothing without an answer', async () => {
    const strategy = branching('{ response: [{ go: a }], fault: { other: b }, timeout: retry }');
    expect((await run(strategy, [fault('17')])).after.bill).toEqual({ FaultCode: '17', FaultString: 'text of 17' });
    const { steps } = await run(strategy, [{ kind: 'timeout' }, response({ Balance: 1 })]);
    expect(steps.map(({ data }) => data.bill)).toEqual([undefined, {}, {}, { Balance: 1 }, { Balance: 1 }]);
  });
});

describe('an outcome selects', () => {
  const on = `
      response:
        - when: { Balance: { atLeast: "{{Limit}}" } }
          go: retry
        - when: { Balance: { atLeast: 100 }, "{{Segment}}": gold }
          go: a
        - when: { Currency: EUR, "{{bill.Balance}}": { empty: false } }
          go: b
      fault: { 17: a, 904: b }`.replace('"{{Limit}}"', '1000');

  it.each<[string, StepOutcome, string]>([
    ['the first matching branch', response({ Balance: 120, Currency: 'EUR' }), 'A'],
    ['a branch whose conditions all match', response({ Balance: 7, Currency: 'EUR' }), 'B'],
    [
      'nothing if no branch matches',
      response({ Currency: 'EUR' }),
      'ask: no branch of on.response matches the response',
    ],
    ['its FaultCode', fault('17'), 'A'],
    ['its FaultCode, another', fault('904'), 'B'],
    ['nothing without other', fault('901'), 'ask: on.fault has neither 901 nor other'],
    ['no name of an object', fault('constructor'), 'ask: on.fault has neither constructor nor other'],
    ['nothing without on.timeout', { kind: 'timeout' }, 'ask: the request timed out, and there is no on.timeout'],
    [
      'nothing without on.lost and on.timeout',
      { kind: 'lost' },
      'ask: the connection was lost, and there is neither on.lost nor on.timeout',
    ],
  ])('%s', async (_what, outcome, expected) => expect(endOf(await run(branching(on), [outcome]))).toBe(expected));

  it('on.timeout if the connection is lost, unless on.lost is defined', async () => {
    const lost: StepOutcome = { kind: 'lost', why: 'reset' };
    const plain = '{ fault: { other: b }, timeout: a';
    expect(endOf(await run(branching(`${plain} }`), [lost]))).toBe('A');
    expect(endOf(await run(branching(`${plain}, lost: b }`), [lost]))).toBe('B');
  });
});

describe('a strategy with a loop', () => {
  const circling = branching('{ response: [{ go: retry }], fault: { 1: a, other: b } }');

  it('ends nowhere, and reports the loop', async () => {
    const result = await run(circling, [response()]);
    expect(result.asked).toHaveLength(10);
    expect(endOf(result)).toBe('ask: ran 10 times: the strategy loops (ask -> retry -> ask)');
  });

  it('may loop for a while', async () => {
    const rounds = Array.from({ length: 9 }, () => response());
    expect(endOf(await run(circling, [...rounds, fault('1')]))).toBe('A');
  });
});

it('an empty target is nowhere', async () => {
  const strategy = strategyOf('name: A\ndata: { Queue: "" }\nsteps:\n  - { id: end, routeTo: "{{Queue}}" }\n');
  expect(endOf(await run(strategy, []))).toBe('end: routeTo {{Queue}} is empty');
  expect(endOf(await run(strategy, [], { Queue: 'VIP' }))).toBe('VIP');
});

it('every strategy ends', async () => {
  const ids = ['a', 'b', 'c', 'd'];
  const id = fc.constantFrom(...ids);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('assign' as const), assign: fc.constant({ X: '{{X}}y' }), go: id }),
    fc.record({ kind: fc.constant('routeTo' as const), routeTo: fc.constantFrom('', 'Q') }),
    fc.record({
      kind: fc.constant('externalService' as const),
      service: fc.constant({ service: 'S', method: 'M', parameters: {}, timeoutMs: 1 }),
      save: fc.constantFrom('reply', undefined),
      branches: fc.array(id.map((go) => ({ name: 'on.response[0]', when: [], go }))),
      fault: fc.dictionary(fc.constantFrom('1', 'other'), id),
      timeout: fc.option(id, { nil: undefined }),
      lost: fc.option(id, { nil: undefined }),
    }),
  );
  const outcome = fc.constantFrom<StepOutcome>(
    response(),
    fault('1'),
    fault('2'),
    { kind: 'timeout' },
    { kind: 'lost' },
  );
  await fc.assert(
    fc.asyncProperty(fc.tuple(step, step, step, step), fc.array(outcome, { minLength: 1 }), async (made, outcomes) => {
      const [first, ...rest] = made.map((one, index) => ({ ...one, id: ids[index] ?? '' }) as Step) as [Step];
      const strategy = { name: 'Any', file: 'any.yaml', data: { X: '' }, steps: [first, ...rest], tests: [] } as const;
      const { steps, end } = await run(strategy, outcomes);
      expect(steps.length).toBeLessThanOrEqual(40);
      if (end.kind === 'routed') expect(steps.at(-1)).toMatchObject({ kind: 'routeTo', id: end.step, routedTo: 'Q' });
      else expect(end.why).not.toBe('');
    }),
  );
});
