import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readAnswer } from '../../../../plugins/messaging/cloud/answer.js';
import { nextAttempt } from '../../../../plugins/messaging/cloud/cloud-api.js';
import { versionWarning } from '../../../../plugins/messaging/config/graph-versions.js';
import { graphError } from './setting.js';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  readAnswer({ status, body: typeof body === 'string' ? body : JSON.stringify(body), headers }, NOW);

describe('an answer', () => {
  it('never throws, and promises that nothing was sent only after a refusal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        const answer = read(status, body);
        if ('id' in answer) return;
        if (answer.code === undefined && (status >= 500 || status < 300)) expect(answer.effect).toBe('unknown');
      }),
    );
  });

  it('means the same by its code, whatever the status', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), (status) => {
        expect(read(status, graphError(131026))).toMatchObject({ effect: 'permanent', code: 131026 });
        expect(read(status, graphError(131000))).toMatchObject({ effect: 'unknown' });
      }),
    );
  });

  it('shows nothing of Meta in the text for the fault', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{8,20}$/), fc.integer(), (details, code) => {
        expect(read(400, graphError(code, details))).not.toMatchObject({ text: expect.stringContaining(details) });
      }),
    );
  });
});

describe('when to try again', () => {
  const wait = (headers: Record<string, string>) => {
    const answer = read(429, graphError(130429), headers);
    return 'id' in answer ? 'sent' : answer.retryAfterS;
  };
  const usage = (minutes: unknown) => JSON.stringify({ 1029: [{ estimated_time_to_regain_access: minutes }] });

  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': ' 7 ' }, 7],
    [{ 'retry-after': '999999999' }, 86_400],
    [{ 'retry-after': 'Mon, 30 Nov 2026 12:01:00 GMT' }, 60],
    [{ 'retry-after': 'Mon, 30 Nov 2026 11:00:00 GMT' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'x-business-use-case-usage': usage(5) }, 300],
    [{ 'x-business-use-case-usage': usage(0) }, undefined],
    [{ 'x-business-use-case-usage': usage('x') }, undefined],
    [{ 'x-business-use-case-usage': '{' }, undefined],
    [{ 'retry-after': '1', 'x-business-use-case-usage': usage(5) }, 1],
  ])('%j is %s s', (headers, expected) => expect(wait(headers)).toBe(expected));

  it('is part of the fault only where it helps', () => {
    expect(nextAttempt({ effect: 'permanent', retryAfterS: 5 })).toBe('');
    expect(nextAttempt({ effect: 'not-soon', retryAfterS: 5 })).toBe('; do not try again soon');
    expect(nextAttempt({ effect: 'later', retryAfterS: 5 })).toBe('; try again in 5 s');
  });
});

it.each([
  ['v26.0', '2036-01-01', undefined],
  ['v22.0', '2036-01-01', undefined],
  ['v21.0', '2026-10-01', undefined],
  ['v21.0', '2026-11-30', 'v21.0 ends on 2027-01-21 at the latest: write v26.0'],
  ['v21.0', '2027-01-21', 'v21.0 ended on 2027-01-21 at the latest: write v26.0'],
  ['v9.0', '2027-02-01', 'v9.0 ended on 2027-01-21 at the latest: write v26.0'],
])('version %s on %s', (version, day, warning) => {
  expect(versionWarning(version, Date.parse(day))).toBe(warning);
});
