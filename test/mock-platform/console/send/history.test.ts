import { describe, expect, it } from '@jest/globals';
import { isSecretKey } from '#server';
import type { JsonEntry, SendRequest } from '../../../../mock-platform/console/api/types.js';
import { looksSecret, MOST_SENT, type SentRequest, withSent } from '../../../../mock-platform/console/send/history.js';

const request = (...parameters: JsonEntry[]): SendRequest => ({ to: 'host', service: 'S', method: 'M', parameters });

const sentAll = (requests: readonly SendRequest[]): readonly SentRequest[] =>
  requests.reduce<readonly SentRequest[]>((all, one, at) => withSent(all, one, at), []);

describe('the history of requests', () => {
  it('keeps the last 50, newest first', () => {
    const all = sentAll(Array.from({ length: 60 }, (_, id) => request(['Id', 'int', id])));
    expect(all).toHaveLength(MOST_SENT);
    expect(all[0]).toEqual({ at: 59, request: request(['Id', 'int', 59]) });
    expect(all.at(-1)?.at).toBe(10);
  });

  it('has each request once, when it was sent last', () => {
    const [a, b] = [request(['Id', 'str', 'a']), request(['Id', 'str', 'b'])];
    expect(sentAll([a, b, a])).toEqual([
      { at: 2, request: a },
      { at: 1, request: b },
    ]);
  });

  it('keeps no secret, at any depth, of any type', () => {
    const secret = request(
      ['Id', 'str', '1'],
      ['apiKey', 'int', 4711],
      ['Login', 'list', [['Password', 'utf16', 'hunter2']]],
      ['Credentials', 'list', [['User', 'str', 'ann']]],
    );
    const [kept] = withSent([], { ...secret, userData: [['TOKEN', 'bin', 'c0ffee']] }, 1);
    expect(kept?.request).toEqual({
      ...request(
        ['Id', 'str', '1'],
        ['apiKey', 'int', '***'],
        ['Login', 'list', [['Password', 'utf16', '***']]],
        ['Credentials', 'list', [['User', 'str', '***']]],
      ),
      userData: [['TOKEN', 'bin', '***']],
    });
  });

  it('leaves long requests out', () => {
    const before = sentAll([request(['Id', 'str', 'a'])]);
    expect(withSent(before, request(['Text', 'str', 'x'.repeat(20_000)]), 2)).toBe(before);
  });

  it.each([
    'Password',
    'clientSecret',
    'access_token',
    'api-key',
    'APIKEY',
    'Authorization',
    'credential',
    'Id',
    'pass',
    'key',
  ])('recognises a secret as the platform does: %s', (key) => {
    expect(looksSecret(key)).toBe(isSecretKey(key));
  });
});
