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

  it('means the same by its code, whatever else is malformed', () => {
    const errors = [131048, 368].flatMap((code) => [
      { code, error_data: null },
      { code, error_data: 'text' },
      { code, error_data: { details: 7 } },
      { code, message: null },
    ]);
    for (const error of errors) {
      const effect = error.code === 368 ? 'configuration' : 'not-soon';
      expect(read(403, { error })).toMatchObject({ effect, code: error.code });
    }
    const [message, error_data] = ['title', null];
    expect(read(400, { error: { code: 131048, message, error_data } })).toMatchObject({ details: message });
    for (const message_status of [null, 7, 'x'.repeat(65)])
      expect(read(200, { messages: [{ id: 'wamid.1', message_status }] })).toEqual({ id: 'wamid.1' });
  });

  it('does not promise after a failure of the server that nothing was sent, unless the code is specific', () => {
    for (const code of [0, 4, 10, 33, 100, 200, 299])
      expect(read(500, graphError(code))).toMatchObject({ effect: 'unknown', code, text: `status 500: error ${code}` });
    expect(read(500, graphError(1))).toMatchObject({ effect: 'unknown' });
    expect(read(499, graphError(0))).toMatchObject({ effect: 'access' });
    for (const code of [3, 190]) expect(read(500, graphError(code))).toMatchObject({ effect: 'access' });
    expect(read(503, graphError(80007))).toMatchObject({ effect: 'later' });
    for (const code of [368, 131042]) expect(read(500, graphError(code))).toMatchObject({ effect: 'configuration' });
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
