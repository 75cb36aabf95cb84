import { describe, expect, it } from '@jest/globals';
import type { CaseResult, Run, RunStep, StepOutcome } from '../../../mock-platform/strategies/run.js';
import type { Sweep } from '../../../mock-platform/strategies/sweep.js';
import {
  caseText,
  counted,
  outcomeText,
  resultText,
  runText,
  sweepText,
} from '../../../mock-platform/strategies/text.js';

const step = { durationMs: 1.4, data: {} };
const sent = { appName: 'DMS', service: 'Billing', method: 'GetBalance', parameters: { Account: '17' }, timeoutMs: 1 };

const ask = (outcome: StepOutcome, more: object = {}): RunStep =>
  ({ ...step, id: 'ask', kind: 'externalService', sent, outcome, ...more }) as RunStep;
const run = (steps: readonly RunStep[], end: Run['end'] = { kind: 'routed', step: 'end', routedTo: 'Q' }): Run => ({
  ...{ strategy: 'Reach', file: 'reach.yaml', before: {}, after: {}, steps, end, durationMs: 2 },
});
const END: RunStep = { ...step, id: 'end', kind: 'routeTo', routedTo: 'Q' };

describe('a run', () => {
  it('has a line for each step', () => {
    const response = { kind: 'response', parameters: { Balance: '1', Note: 'a b', More: { A: 1 } } } as const;
    const assigned = { Who: 'Ann', Greeting: 'say "hi"' };
    const assign: RunStep = { ...step, id: 'set', kind: 'assign', assigned, next: 'end' };
    expect(runText(run([ask(response, { next: 'set' }), assign, END]))).toBe(`Reach
  ask  DMS Billing.GetBalance Account=17 => response Balance=1 Note="a b" More={"A":1} (1 ms) -> set
  set  Who=Ann Greeting="say \\"hi\\"" -> end
  end  routed to Q
`);
  });

  it('says where it ended if it was not routed', () => {
    const end = { kind: 'nowhere', step: 'ask', why: 'there is no on.timeout' } as const;
    const longer: RunStep = { ...step, id: 'longer', kind: 'assign', assigned: {} };
    const text = runText(run([longer, ask({ kind: 'timeout' }, { durationMs: 1.5 })], end));
    expect(text).toBe(`Reach
  longer${'  '}
  ask     DMS Billing.GetBalance Account=17 => timeout (2 ms)
  ends nowhere at ask: there is no on.timeout
`);
  });

  it('names the type of an application without a name, and a route without one', () => {
    const bare = ask({ kind: 'timeout' }, { sent: { appType: 23, service: 'A', method: 'B', parameters: {} } });
    const nowhere: RunStep = { ...step, id: 'end', kind: 'routeTo', routedTo: '' };
    expect(runText(run([bare, nowhere]))).toBe('Reach\n  ask  type 23 A.B => timeout (1 ms)\n  end  routed to\n');
  });
});

it.each<[StepOutcome, string]>([
  [{ kind: 'response', parameters: {} }, 'response'],
  [{ kind: 'response', parameters: { A: '', B: 5 } }, 'response A= B=5'],
  [{ kind: 'fault', code: '904', text: 'wrong\n Id' }, 'fault 904 wrong Id'],
  [{ kind: 'fault', code: '904', text: '' }, 'fault 904'],
  [{ kind: 'timeout' }, 'timeout'],
  [{ kind: 'lost' }, 'connection lost'],
  [{ kind: 'lost', why: 'ECONNREFUSED' }, 'connection lost (ECONNREFUSED)'],
])('the outcome %j is %j', (outcome, text) => expect(outcomeText(outcome)).toBe(text));

describe('a case', () => {
  const result = (differences: readonly string[]): CaseResult => ({
    ...{ name: 'gold', differences, run: run([END]), durationMs: 12.6 },
  });

  it('that passed has one line', () => expect(caseText(result([]))).toBe('  ok    gold (13 ms)\n'));

  it('that failed has its differences, and its run', () => {
    expect(caseText(result(['routedTo: expected A, but routed to Q', 'path: x']))).toBe(`  FAIL  gold (13 ms)
        routedTo: expected A, but routed to Q
        path: x
        Reach
          end  routed to Q
`);
  });

  it.each<[readonly (readonly string[])[], string]>([
    [[[]], '1 case, all passed\n'],
    [[[], ['a', 'b'], ['c']], '3 cases, 2 failed\n'],
    [[], '0 cases, all passed\n'],
  ])('is counted with others: %j', (cases, text) => {
    const all = cases.map((differences) => result(differences));
    expect(resultText([{ cases: all.slice(0, 1) }, { cases: all.slice(1) }] as never)).toBe(text);
  });
});

it.each([
  [0, '0 paths'],
  [1, '1 path'],
  [2, '2 paths'],
])('%i is counted as %s', (number, text) => expect(counted(number, 'path')).toBe(text));

describe('a sweep', () => {
  const routed = { kind: 'routed', step: 'end', routedTo: 'WhatsApp' } as const;
  const forced = (outcome: string) => ({ step: 'ask', outcome });
  const sweep = (more: Partial<Sweep>): Sweep =>
    ({ strategy: 'Reach', paths: [], neverTaken: [], neverReached: [], cut: false, ...more }) as Sweep;

  it('is a table with a line for each path', () => {
    const paths = [
      { forced: [forced('response'), forced('timeout')], steps: ['ask', 'ask', 'end'], end: routed },
      { forced: [], steps: ['end'], end: { kind: 'nowhere', step: 'end', why: 'no way on' } as const },
    ];
    expect(sweepText(sweep({ paths }))).toBe(`Reach
  forced                       the customer ends up in  path
  ask: response; ask: timeout  WhatsApp                 ask -> ask -> end
  nothing                      NOWHERE: no way on       end
2 paths, 1 of them to nowhere
`);
  });

  it('says what it did not reach', () => {
    const path = { forced: [], steps: ['end'], end: routed };
    const more = { neverTaken: ['ask on.response[0]'], neverReached: ['a', 'b'], cut: true };
    expect(sweepText(sweep({ paths: [path], ...more }))).toBe(`Reach
  forced   the customer ends up in  path
  nothing  WhatsApp                 end
never taken: ask on.response[0]
never reached: a
never reached: b
cut short: the sweep reached its limits
1 path, none of them to nowhere
`);
  });
});
