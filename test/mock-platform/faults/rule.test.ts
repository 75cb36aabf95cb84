import { describe, expect, it } from '@jest/globals';
import { FaultRuleError } from '../../../mock-platform/errors.js';
import { type FaultDefinition, faultTitle, parseFaultRule } from '../../../mock-platform/faults/index.js';

const problem = (json: unknown): string => {
  try {
    parseFaultRule(json);
    return '';
  } catch (error) {
    if (error instanceof FaultRuleError) return error.message;
    throw error;
  }
};

describe('a fault', () => {
  it.each([
    [{ kind: 'delay', ms: 500 }],
    [{ kind: 'delay', ms: 500, id: 'slow', times: 2, match: { service: 'Messaging', method: '/^Validate/' } }],
    [{ kind: 'noAnswer', match: { appName: 'DMS', parameters: { Id: '/^\\+1/', Count: 5 } } }],
    [{ kind: 'connectionReset' }],
    [{ kind: 'disconnect' }],
    [{ kind: 'halfFrame' }],
    [{ kind: 'wrongReferenceId' }],
    [{ kind: 'espFault', code: '920', text: '' }],
    [{ kind: 'addpSilence', times: 3 }],
    [{ kind: 'upstreamStatus', status: 503, path: '/v1/contacts' }],
    [{ kind: 'upstreamReset' }],
    [{ kind: 'upstreamDelay', ms: 5, upstream: 'billing', method: 'POST', body: '/17/' }],
    [{ kind: 'upstreamHalfAnswer' }],
    [{ kind: 'upstreamAnswerLost', match: { service: '/^B/' } }],
    [{ kind: 'delay', ms: 1, times: 1, id: 'a' }],
    [{ kind: 'delay', ms: 0x7fffffff }],
    [{ kind: 'upstreamStatus', status: 400 }],
    [{ kind: 'upstreamStatus', status: 599 }],
  ])('may be %j, and keeps its form', (json) => {
    expect(JSON.parse(JSON.stringify(parseFaultRule(json)))).toEqual(json);
  });

  it('may have a numeric code', () => {
    expect(parseFaultRule({ kind: 'espFault', code: 920, text: 'x' })).toMatchObject({ code: '920' });
  });

  const names =
    'delay, noAnswer, connectionReset, disconnect, halfFrame, wrongReferenceId, espFault, addpSilence, upstreamStatus, upstreamReset, upstreamAnswerLost, upstreamDelay, upstreamHalfAnswer';
  it.each([
    ['delay', 'a fault must be an object such as {"kind":"delay","ms":500}'],
    [{}, `kind must be one of ${names}`],
    [{ kind: 'dealy' }, `kind must be one of ${names}`],
    [{ kind: 'delay' }, 'ms must be a number of milliseconds'],
    [{ kind: 'delay', ms: '5' }, 'ms must be a number of milliseconds'],
    [{ kind: 'delay', ms: 0 }, 'ms must be at least 1'],
    [{ kind: 'noAnswer', ms: 5 }, 'unknown key ms: known keys are kind, id, times, match'],
    [{ kind: 'delay', ms: 1.5 }, 'ms must be a number of milliseconds'],
    [{ kind: 'delay', ms: 0x80000000 }, /^ms /],
    [{ kind: 'noAnswer', times: 0 }, 'times must be at least 1'],
    [{ kind: 'noAnswer', times: 1.5 }, 'times must be a whole number'],
    [{ kind: 'noAnswer', id: '' }, 'id must not be empty'],
    [{ kind: 'noAnswer', match: { parameters: { Id: 1.5 } } }, /^match\.parameters\.Id /],
    [{ kind: 'espFault', code: '', text: '' }, 'code must be a FaultCode, such as 920'],
    [{ kind: 'espFault', code: 1.5, text: '' }, 'code must be a FaultCode, such as 920'],
    [{ kind: 'upstreamStatus' }, 'status must be an HTTP status, such as 503'],
    [{ kind: 'upstreamStatus', status: 399 }, 'status must be 400 to 599'],
    [{ kind: 'upstreamStatus', status: 600 }, /^status /],
    [{ kind: 'upstreamStatus', status: 503, path: 'v1' }, 'path must be a path, such as /v1/balance'],
    [
      { kind: 'upstreamReset', a: 1, b: 2 },
      'unknown key a, b: known keys are kind, upstream, id, times, method, path, body, match',
    ],
    [
      { kind: 'noAnswer', match: { servise: 'A' } },
      'unknown key match.servise: known keys are service, method, appName, parameters',
    ],
    [{ kind: 'noAnswer', match: { parameters: { Id: true } } }, /^match\.parameters\.Id .*/],
    [{ kind: 'noAnswer', match: { service: 5 } }, 'match.service must be a text, or a /pattern/'],
    [
      { kind: 'noAnswer', match: { method: '/(/' } },
      /^match.method is not a valid pattern: \/\(\/: Invalid regular expression/,
    ],
    [
      { kind: 'noAnswer', match: { parameters: { Id: '/[/' } } },
      /^match.parameters.Id is not a valid pattern: \/\[\/: Invalid/,
    ],
    [{ kind: 'addpSilence', match: {} }, 'unknown key match: known keys are kind, id, times'],
    [{ kind: 'espFault' }, 'code must be a FaultCode, such as 920; text must be the FaultString'],
    [{ kind: 'upstreamStatus', status: 200 }, 'status must be 400 to 599'],
    [{ kind: 'upstreamReset', body: '/(/' }, /^body is not a valid pattern: /],
    [
      { kind: 'upstreamStatus', status: 'x', path: 'v1' },
      /^path must be a path, such as \/v1\/balance; status must be/,
    ],
  ])('is refused: %j', (json, message) => {
    if (typeof message === 'string') expect(problem(json)).toBe(message);
    else expect(problem(json)).toMatch(message);
  });
});

describe('the title of a fault', () => {
  it.each<[FaultDefinition, string]>([
    [{ kind: 'noAnswer', id: 'f', times: 2, match: { method: 'M' } }, 'noAnswer'],
    [{ kind: 'noAnswer', times: 2 }, 'noAnswer'],
    [{ kind: 'delay', ms: 3000 }, 'delay 3000 ms'],
    [
      { kind: 'upstreamStatus', status: 503, upstream: 'billing', method: 'GET', path: '/v1', body: 'x' },
      'upstreamStatus 503',
    ],
    [{ kind: 'espFault', code: '920', text: 'no' }, 'espFault 920 no'],
  ])('is its kind and its settings: %j', (rule, title) => {
    expect(faultTitle(rule)).toBe(title);
  });

  it('has the settings that a mock defines, and is bounded', () => {
    const own = { kind: 'billing.blocked' as const, days: [1, 2], reason: undefined };
    expect(faultTitle(own)).toBe('billing.blocked [1,2]');
    const long = faultTitle({ kind: 'espFault', code: '1', text: '\ud83d\ude80'.repeat(500) });
    expect([long.length, long.isWellFormed()]).toEqual([200, true]);
  });
});
