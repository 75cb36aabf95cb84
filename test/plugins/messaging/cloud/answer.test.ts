import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readAnswer } from '../../../../plugins/messaging/cloud/answer.js';
import { nextAttempt } from '../../../../plugins/messaging/cloud/cloud-api.js';
import { type Effect, isSpecific, meaningOf } from '../../../../plugins/messaging/cloud/error-codes.js';
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

  it.each<[Effect, readonly number[]]>([
    ['access', [0, 3, 10, 190, 200, 250, 299, 131005]],
    ['configuration', [368, 131031, 131037, 131042, 131045, 133000, 133010, 133016]],
    ['later', [4, 80007, 130429, 131056, 131057]],
    ['not-soon', [131048, 130472, 131049]],
    ['permanent', [33, 100, 131008, 131009, 131050, 131021, 131026, 131030, 131047, 131051, 131052, 131053]],
    ['permanent', [132000, 132001, 132005, 132007, 132012, 132015, 132016]],
    ['unknown', [1, 2, 131000, 131016]],
  ])('has the effect %s with the codes %j', (effect, codes) => {
    for (const code of codes) expect([code, meaningOf(code)?.effect]).toEqual([code, effect]);
  });

  it('has no meaning of its own beside the ranges of the table', () => {
    for (const code of [-1, 5, 199, 300, 132999, 133017, 999999]) expect([code, meaningOf(code)]).toEqual([code]);
  });

  it('has a specific code if it is one of WhatsApp, or comes with a status of 500', () => {
    const all = [
      0, 1, 2, 3, 4, 10, 33, 100, 190, 200, 367, 368, 369, 80_006, 80_007, 80_008, 129_999, 130_000, 131_000,
    ];
    expect(all.filter(isSpecific)).toEqual([1, 2, 3, 190, 368, 80_007, 130_000, 131_000]);
  });

  it('is judged by its status without a code', () => {
    const effects = [300, 307, 400, 401, 403, 404, 408, 429, 451, 452, 500].map((status) => {
      const answer = read(status, '<html>');
      return 'id' in answer ? [status, 'sent'] : [status, answer.effect, answer.text];
    });
    expect(effects).toEqual([
      [300, 'unknown', 'status 300'],
      [307, 'permanent', 'status 307'],
      [400, 'permanent', 'status 400'],
      [401, 'access', 'status 401'],
      [403, 'access', 'status 403'],
      [404, 'permanent', 'status 404'],
      [408, 'unknown', 'status 408'],
      [429, 'later', 'status 429'],
      [451, 'permanent', 'status 451'],
      [452, 'unknown', 'status 452'],
      [500, 'unknown', 'status 500'],
    ]);
  });

  it('is that of a sent message only with a status of 200 to 299', () => {
    const body = { messages: [{ id: 'wamid.1' }, 'another'] };
    for (const status of [200, 299]) expect(read(status, body)).toEqual({ id: 'wamid.1' });
    expect(read(199, body)).toMatchObject({ effect: 'unknown', text: 'status 199' });
    expect(read(300, body)).toMatchObject({ effect: 'unknown', text: 'status 300' });
    const unlisted = { ...body, ...graphError(424242) };
    for (const status of [200, 299])
      expect(read(status, unlisted)).toMatchObject({ effect: 'permanent', code: 424242 });
    for (const status of [199, 300]) expect(read(status, unlisted)).toMatchObject({ effect: 'unknown', code: 424242 });
  });

  it('has the id and the state of a message, within their bounds', () => {
    const sent = (message: object) => read(200, { messages: [message] });
    const state = 's'.repeat(64);
    expect(sent({ id: 'i'.repeat(512), message_status: state })).toEqual({ id: 'i'.repeat(512), state });
    const none = { effect: 'unknown', code: undefined, text: 'the answer names no message', details: '' };
    for (const id of ['', 'i'.repeat(513), 5, undefined]) expect(sent({ id })).toEqual(none);
  });

  it('has the words of Meta as details', () => {
    expect(read(400, graphError(100))).toMatchObject({ details: '(#100) title of Meta: details of Meta' });
    expect(read(400, { error: { code: 100, error_data: { details: 'why' } } })).toMatchObject({ details: 'why' });
    expect(read(400, { error: { code: 100 } })).toMatchObject({ details: '' });
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
  const wait = (headers: Record<string, string>, now = NOW) => {
    const answer = readAnswer({ status: 429, body: JSON.stringify(graphError(130429)), headers }, now);
    return 'id' in answer ? 'sent' : answer.retryAfterS;
  };
  const minutes = (count: unknown) => ({ estimated_time_to_regain_access: count });
  const usage = (count: unknown) => JSON.stringify({ 1029: [minutes(count)] });

  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': ' 7 ' }, 7],
    [{ 'retry-after': '999999999' }, 86_400],
    [{ 'retry-after': 'Mon, 30 Nov 2026 12:01:00 GMT' }, 60],
    [{ 'retry-after': 'Mon, 30 Nov 2026 12:00:00 GMT' }, 0],
    [{ 'retry-after': 'Mon, 30 Nov 2026 11:00:00 GMT' }, undefined],
    [{ 'retry-after': 'Fri, 30 Nov 2046 12:00:00 GMT' }, 86_400],
    [{ 'retry-after': '86399' }, 86_399],
    [{ 'retry-after': '1000000000' }, undefined],
    [{ 'retry-after': `${' '.repeat(4096)}7` }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'x-business-use-case-usage': usage(5) }, 300],
    [{ 'x-business-use-case-usage': usage(0.01) }, 1],
    [{ 'x-business-use-case-usage': usage(1441) }, 86_400],
    [{ 'x-business-use-case-usage': usage(-5) }, undefined],
    [{ 'x-business-use-case-usage': usage(0) }, undefined],
    [{ 'x-business-use-case-usage': JSON.stringify({ 1: [{}], 2: [minutes(3), minutes('x'), minutes(7)] }) }, 420],
    [{ 'x-business-use-case-usage': `${usage(5)}${' '.repeat(4096)}` }, 300],
    [{ 'x-business-use-case-usage': `${' '.repeat(4096)}${usage(5)}` }, undefined],
    [{ 'x-business-use-case-usage': usage('x') }, undefined],
    [{ 'x-business-use-case-usage': '{' }, undefined],
    [{ 'retry-after': '1', 'x-business-use-case-usage': usage(5) }, 1],
  ])('%j is %s s', (headers, expected) => expect(wait(headers)).toBe(expected));

  it('is a whole number of seconds until a date, rounded up', () => {
    const date = { 'retry-after': 'Mon, 30 Nov 2026 12:01:00 GMT' };
    expect([wait(date, NOW + 999), wait(date, NOW + 1000), wait(date, NOW + 60_000)]).toEqual([60, 59, 0]);
  });

  it('is part of the fault only where it helps', () => {
    expect(nextAttempt({ effect: 'permanent', retryAfterS: 5 })).toBe('');
    expect(nextAttempt({ effect: 'not-soon', retryAfterS: 5 })).toBe('; do not try again soon');
    expect(nextAttempt({ effect: 'later', retryAfterS: 5 })).toBe('; try again in 5 s');
    expect(nextAttempt({ effect: 'later', retryAfterS: undefined })).toBe('; try again later');
    for (const effect of ['access', 'configuration', 'unknown'] as const)
      expect(nextAttempt({ effect, retryAfterS: 5 })).toBe('');
  });
});

it.each([
  ['v26.0', '2036-01-01', undefined],
  ['v22.0', '2036-01-01', undefined],
  ['v21.0', '2026-10-22', undefined],
  ['v21.0', '2026-10-23', 'v21.0 ends on 2027-01-21 at the latest: write v26.0'],
  ['v21.0', '2027-01-20', 'v21.0 ends on 2027-01-21 at the latest: write v26.0'],
  ['latest', '2036-01-01', undefined],
  ['v21.0', '2026-11-30', 'v21.0 ends on 2027-01-21 at the latest: write v26.0'],
  ['v21.0', '2027-01-21', 'v21.0 ended on 2027-01-21 at the latest: write v26.0'],
  ['v9.0', '2027-02-01', 'v9.0 ended on 2027-01-21 at the latest: write v26.0'],
])('version %s on %s', (version, day, warning) => {
  expect(versionWarning(version, Date.parse(day))).toBe(warning);
});
