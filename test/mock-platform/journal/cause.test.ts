import { describe, expect, it } from '@jest/globals';
import type { JournalCall, JournalEntry, Outcome } from '../../../mock-platform/journal/index.js';
import { CAUSE_KINDS, type Cause, causeOf } from '../../../mock-platform/journal/index.js';

const MESSAGE = { json: undefined, hex: '', ranges: () => [] };

const CALL: JournalCall = {
  at: 5,
  durationMs: 40,
  method: 'GET',
  url: 'http://127.0.0.1:9090/v1/balance',
  status: 200,
};

const { status: _status, ...UNANSWERED } = CALL;

const FAULT = { id: 'fault-9', kind: 'upstreamStatus', title: 'upstreamStatus 503', since: 1000 };

const entry = (change: Partial<JournalEntry>): JournalEntry => ({
  ...{ id: 1, at: 0, durationMs: 50, client: '127.0.0.1:50123', via: undefined, application: 'Billing Server' },
  ...{ appName: undefined, appType: undefined, service: 'Billing', method: 'GetBalance' },
  ...{ request: MESSAGE, reply: MESSAGE, outcome: 'response', faultCode: undefined, faultText: undefined },
  ...{ why: undefined, logs: [], upstream: [], ...change },
});

const fault = (
  reason: NonNullable<JournalEntry['origin']>['reason'],
  change: Partial<JournalEntry> & { error?: string; place?: string } = {},
): JournalEntry => {
  const { error, place, ...rest } = change;
  const origin = { reason, ...(error === undefined ? {} : { error }), ...(place === undefined ? {} : { place }) };
  return entry({ outcome: 'fault', faultCode: '920', faultText: 'it failed', origin, ...rest });
};

const calls = (...changes: Partial<JournalCall>[]): JournalCall[] => changes.map((change) => ({ ...CALL, ...change }));

describe('the cause of a response is', () => {
  it.each<[string, Partial<JournalEntry>, Cause]>([
    ['the application', {}, { kind: 'method', text: 'Billing Server answered; no upstream call is known' }],
    [
      'its last upstream call',
      { upstream: calls({ url: 'http://127.0.0.1:9090/login' }, {}) },
      { kind: 'upstream', text: 'GET http://127.0.0.1:9090/v1/balance answered 200', call: 1 },
    ],
    [
      'what made a mock answer unusually, even if another call followed',
      { upstream: calls({ notice: 'billing version 2: accepts every account' }, {}) },
      {
        kind: 'notice',
        text: 'billing version 2: accepts every account',
        details: 'GET http://127.0.0.1:9090/v1/balance answered 200',
        call: 0,
      },
    ],
    [
      'the stub of an upstream',
      { upstream: calls({ stub: 'rich' }) },
      { kind: 'stub', text: "The stub 'rich' answered: GET http://127.0.0.1:9090/v1/balance answered 200", call: 0 },
    ],
    [
      'an injected fault of a call that it survived',
      { upstream: calls({ injectedFault: FAULT, status: 503 }, {}) },
      {
        kind: 'injected',
        text: 'Injected fault fault-9: upstreamStatus 503, for GET http://127.0.0.1:9090/v1/balance',
        fault: { id: 'fault-9', since: 1000 },
        call: 0,
      },
    ],
    ['a stub', { stub: 'rich' }, { kind: 'stub', text: "The stub 'rich' of Billing Server answered" }],
    [
      'the answer to everything that no stub matches',
      { explanation: "the nearest was 'rich'" },
      { kind: 'no-stub', text: 'No stub of Billing Server matched', details: "the nearest was 'rich'" },
    ],
    [
      'an injected delay, and what decided the response',
      { injectedFault: { ...FAULT, kind: 'delay', title: 'delay 3000 ms' }, stub: 'rich' },
      {
        kind: 'injected',
        text: 'Injected fault fault-9: delay 3000 ms held the reply',
        details: "The stub 'rich' of Billing Server answered",
        fault: { id: 'fault-9', since: 1000 },
      },
    ],
    [
      'an injected delay, and how the nearest stub differs',
      { injectedFault: { ...FAULT, kind: 'delay', title: 'delay 1 ms' }, explanation: "the nearest was 'rich'" },
      {
        kind: 'injected',
        text: 'Injected fault fault-9: delay 1 ms held the reply',
        details: "No stub of Billing Server matched\nthe nearest was 'rich'",
        fault: { id: 'fault-9', since: 1000 },
      },
    ],
    [
      'a call of which nothing is known',
      { upstream: [UNANSWERED] },
      { kind: 'upstream', text: 'GET http://127.0.0.1:9090/v1/balance failed: no answer', call: 0 },
    ],
  ])('%s', (_what, change, cause) => {
    expect(causeOf(entry(change))).toEqual(cause);
  });
});

describe('the cause of a fault is', () => {
  it('an injected fault, whatever else is known', () => {
    const injectedFault = { ...FAULT, kind: 'espFault', title: 'espFault 920 no' };
    expect(causeOf(fault('parameter', { injectedFault, stub: 'rich' }))).toEqual({
      ...{ kind: 'injected', text: 'Injected fault fault-9: espFault 920 no' },
      fault: { id: 'fault-9', since: 1000 },
    });
  });

  it.each([
    ['parameter', 'Billing.GetBalance incorrect Account: missing', 'Parameter Account: missing'],
    ['parameter', ' incorrect Account: missing', 'Parameter Account: missing'],
    ['parameter', 'something else', 'Parameter something else'],
    ['unknown', undefined, 'Unknown to Billing Server: '],
    ['unknown', 'Billing.Foo unknown method', 'Unknown to Billing Server: Billing.Foo unknown method'],
    ['overloaded', 'x', 'Billing Server was overloaded: too many requests were pending'],
    ['stopping', 'x', 'Billing Server was stopping'],
    ['request', 'x', 'The request has no Service or no Method'],
  ] as const)('%s, although a call failed too', (reason, faultText, text) => {
    const kind = reason === 'overloaded' ? 'overload' : reason;
    expect(causeOf(fault(reason, { faultText, upstream: calls({ status: 503 }) }))).toEqual({ kind, text });
  });

  it.each<[Partial<JournalCall>, string]>([
    [{ status: 503 }, 'answered 503'],
    [{ status: 400 }, 'answered 400'],
    [{ status: 404, error: 'Not Found' }, 'answered 404'],
    [{ status: 200, failure: 'ECONNRESET', error: 'aborted' }, 'answered 200, then ECONNRESET'],
    [{ status: 200, error: 'not JSON' }, 'answered 200'],
  ])('the last failed call: %j', (change, text) => {
    expect(causeOf(fault('upstream', { upstream: calls({ status: 500 }, change, {}) }))).toEqual({
      ...{ kind: 'upstream', text: `GET http://127.0.0.1:9090/v1/balance ${text}`, call: 1 },
    });
  });

  it.each<[Partial<JournalCall>, string]>([
    [{ failure: 'ECONNREFUSED', error: 'connect ECONNREFUSED' }, 'failed: ECONNREFUSED'],
    [{ error: 'no route' }, 'failed: no route'],
    [{ failure: 'timeout' }, 'timed out after 40 ms'],
    [{ failure: 'abandoned' }, 'had not answered after 40 ms'],
  ])('a call without an answer: %j', (change, text) => {
    expect(causeOf(fault('connection', { upstream: [{ ...UNANSWERED, ...change }] })).text).toBe(
      `GET http://127.0.0.1:9090/v1/balance ${text}`,
    );
  });

  it('an injected fault of a call, or a stub that was nearest', () => {
    expect(causeOf(fault('upstream', { upstream: calls({ status: 503, injectedFault: FAULT }) }))).toMatchObject({
      ...{ kind: 'injected', fault: { id: 'fault-9', since: 1000 }, call: 0 },
    });
    const explanation = "no stub matched; the nearest was 'rich'";
    expect(causeOf(fault('upstream', { upstream: calls({ status: 404, explanation }) }))).toEqual({
      ...{
        kind: 'no-stub',
        text: 'No stub matched GET http://127.0.0.1:9090/v1/balance',
        details: explanation,
        call: 0,
      },
    });
  });

  it('the deadline, and who held it', () => {
    const faultText = 'billing failed to execute request Billing.GetBalance: deadline of 50 ms passed';
    expect(causeOf(fault('deadline', { faultText }))).toEqual({
      ...{ kind: 'deadline', text: 'The deadline of 50 ms passed in the method; no upstream call is known' },
    });
    expect(causeOf(fault('deadline')).text).toBe('The deadline passed in the method; no upstream call is known');
    const upstream = [{ ...UNANSWERED, failure: 'abandoned' }];
    expect(causeOf(fault('deadline', { faultText, upstream }))).toEqual({
      kind: 'deadline',
      text: 'The deadline of 50 ms passed: GET http://127.0.0.1:9090/v1/balance had not answered after 40 ms',
      call: 0,
    });
    const delayed = [
      { ...UNANSWERED, failure: 'abandoned', injectedFault: { ...FAULT, title: 'upstreamDelay 3000 ms' } },
    ];
    expect(causeOf(fault('deadline', { faultText, upstream: delayed }))).toMatchObject({
      kind: 'injected',
      text: expect.stringMatching(/^The deadline of 50 ms passed: Injected fault fault-9: upstreamDelay 3000 ms, for /),
      fault: { id: 'fault-9' },
    });
  });

  it('an exception, with its place and the call that failed before', () => {
    const thrown = { error: 'x is not a function', place: 'plugins/billing/index.ts:12:5' };
    const cause = { kind: 'exception', text: 'The method threw x is not a function', place: thrown.place };
    expect(causeOf(fault('unexpected', thrown))).toEqual(cause);
    expect(causeOf(fault('unexpected', { ...thrown, upstream: calls({ status: 503 }) }))).toEqual({
      ...{ ...cause, details: 'GET http://127.0.0.1:9090/v1/balance answered 503', call: 0 },
    });
    const upstream = calls({ status: 503, injectedFault: FAULT });
    expect(causeOf(fault('unexpected', { ...thrown, upstream }))).toMatchObject({
      ...{ kind: 'injected', details: cause.text, place: thrown.place, fault: { id: 'fault-9' } },
    });
    expect(causeOf(fault('unexpected', { ...thrown, upstream: calls({}, { status: 503 }) })).call).toBe(1);
    const explained = calls({ status: 404, explanation: "the nearest was 'rich'" });
    expect(causeOf(fault('unexpected', { ...thrown, upstream: explained })).details).toBe(
      "the nearest was 'rich'\nThe method threw x is not a function",
    );
    expect(causeOf(fault('unexpected'))).toStrictEqual({ kind: 'exception', text: 'The method threw something' });
  });

  it('what the plugin says, or the application', () => {
    expect(causeOf(fault('connection', { error: 'login refused' }))).toEqual({
      kind: 'upstream',
      text: 'Login refused',
    });
    const text = 'Billing Server answered with this fault';
    expect(causeOf(fault(undefined))).toEqual({ kind: 'method', text });
    expect(causeOf(entry({ outcome: 'fault' }))).toEqual({ kind: 'method', text });
  });

  it('Interaction Server', () => {
    const faultText = 'Other unknown application';
    const routed = entry({ outcome: 'fault', application: 'Interaction Server', faultText });
    expect(causeOf(routed)).toEqual({
      ...{ kind: 'interaction-server', text: 'Interaction Server answered: Other unknown application' },
    });
    expect(causeOf({ ...routed, faultText: undefined }).text).toBe('Interaction Server answered: ');
  });
});

describe('the cause of no answer is', () => {
  it.each<[Outcome, string | undefined, Cause]>([
    ['pending', undefined, { kind: 'pending', text: 'Billing Server has not answered yet' }],
    ['none', 'the request has no ReferenceId', { kind: 'request', text: 'The request has no ReferenceId' }],
    ['lost', 'the client closed it', { kind: 'connection', text: 'The client closed it' }],
    ['lost', undefined, { kind: 'connection', text: '' }],
  ])('%s', (outcome, why, cause) => {
    expect(causeOf(entry({ outcome, why }))).toEqual(cause);
  });

  it('an injected fault, even while the request is pending', () => {
    const injectedFault = { ...FAULT, kind: 'delay', title: 'delay 3000 ms' };
    expect(causeOf(entry({ outcome: 'pending', injectedFault })).text).toBe('Injected fault fault-9: delay 3000 ms');
    expect(causeOf(entry({ outcome: 'lost', why: 'x', injectedFault: FAULT })).kind).toBe('injected');
  });
});

it('a cause has one of these kinds', () => {
  expect(CAUSE_KINDS).toEqual([
    ...['pending', 'injected', 'stub', 'no-stub', 'notice', 'upstream', 'parameter', 'deadline', 'exception'],
    ...['unknown', 'overload', 'stopping', 'request', 'interaction-server', 'connection', 'method'],
  ]);
});
