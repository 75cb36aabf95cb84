import { describe, expect, it } from '@jest/globals';
import {
  credentialsOf,
  isSecretKey,
  maskCredentials,
  maskSecrets,
  maskText,
  maskUrl,
  maskValues,
} from '../../src/telemetry/index.js';

describe('a secret', () => {
  it('is recognised by its name', () => {
    const secret = [
      'password',
      'PASSWORD',
      'clientSecret',
      'access_token',
      'apiKey',
      'api-key',
      'x-authorization',
      'Credentials',
    ];
    expect(secret.filter((name) => !isSecretKey(name))).toEqual([]);
    expect(['user', 'pass', 'key', 'Id', 'apix'].filter(isSecretKey)).toEqual([]);
  });

  it('is masked in data', () => {
    expect(maskValues({ a: [{ token: { x: 1 } }, 2], password: 'x', b: null })).toEqual({
      a: [{ token: '***' }, 2],
      password: '***',
      b: null,
    });
  });

  it.each([
    ['{"users":[{"token":"abc","expires_after":"x"}]}', '{"users":[{"token":"***","expires_after":"x"}]}'],
    ['{"secret":{"a":1},"b":2}', '{"secret":"***","b":2}'],
    ['{"a":"1","api-key": "ab\\"c', '{"a":"1","api-key": "***"'],
    ['{"token": 12345, "a": [', '{"token": "***", "a": ['],
    ['{"token":"abc","b":1', '{"token":"***","b":1'],
    ['{"credentials": {"user": "ann", "x": "', '{"credentials": "***"'],
    ['grant=a&password=hunter2&x=y', 'grant=a&password=***&x=y'],
    ['plain text', 'plain text'],
    ['"token"', '"token"'],
    ['{"id":12345678901234567890,"x":1.0}', '{"id":12345678901234567890,"x":1.0}'],
    ['{ "a.b": 1 }', '{ "a.b": 1 }'],
    ['{ "a": "Bearer abcdefgh1" }', '{"a":"Bearer ***"}'],
    ['{ "a": { "token": "x" }, "a": 1 }', '{ "a": { "token": "***" }, "a": 1 }'],
    ['{ "a": "{\\"token\\":\\"x\\"}" }', '{"a":"{\\"token\\":\\"***\\"}"}'],
  ])('is masked in the body %j', (body, masked) => expect(maskText(body)).toBe(masked));

  it.each([
    ['http://127.0.0.1:9090/v1/contacts', 'http://127.0.0.1:9090/v1/contacts'],
    ['https://ann:hunter2@example.com/a?x=1&access_token=t#f', 'https://***@example.com/a?x=1&access_token=***#f'],
  ])('is masked in the URL %s', (url, masked) => expect(maskUrl(url)).toBe(masked));
});

describe('a secret in any text', () => {
  it.each([
    [
      'GET http://ann:hunter2@x.example/a?b=1&api_key=hunter2 failed',
      'GET http://***@x.example/a?b=1&api_key=*** failed',
    ],
    ['authorization: Basic YWRtaW46aHVudGVyMg==', 'authorization: Basic ***'],
    ['Bearer abc.def-1234_5', 'Bearer ***'],
    ['Bearer uxvJAIvsvVDHOkYb', 'Bearer ***'],
    [String.raw`cut off: {"token": "ab\c`, 'cut off: {"token": "***"'],
    ['it said {"token": "abc", "a": 1}', 'it said {"token": "***", "a": 1}'],
    [
      'Basic authentication; send Authorization: Bearer <token>',
      'Basic authentication; send Authorization: Bearer <token>',
    ],
    [
      'http://127.0.0.1:9090 failed: password=x is a form, and no URL',
      'http://127.0.0.1:9090 failed: password=x is a form, and no URL',
    ],
  ])('is masked: %j', (text, masked) => expect(maskSecrets(text)).toBe(masked));

  it('is masked in data, however deep', () => {
    const data = { a: { b: { c: 'Bearer abcdefgh1' } }, date: new Date(0), password: { x: 1 } };
    const date = '1970-01-01T00:00:00.000Z';
    expect(maskValues(data)).toEqual({ a: { b: { c: 'Bearer ***' } }, date, password: '***' });
    expect(maskValues(data, 2)).toEqual({ a: { b: '[...]' }, date, password: '***' });
  });

  it('is masked in errors and in instances of classes', () => {
    const error = Object.assign(new Error('no Bearer abcdefgh1', { cause: new Error('why') }), { options: 'hunter2' });
    expect(maskValues({ error })).toEqual({ error: 'no Bearer ***; cause: why' });
    class Answer {
      readonly status = 200;
      readonly headers = { authorization: 'hunter2' };
      readonly self = this;
    }
    const { self, ...answer } = maskValues(new Answer(), 8) as Record<string, unknown>;
    expect(answer).toEqual({ status: 200, headers: { authorization: '***' } });
    expect(JSON.stringify(self)).not.toContain('hunter2');
  });
});

describe('the credentials of a request', () => {
  const basic = `Basic ${Buffer.from('admin:hu/nter"2').toString('base64')}`;

  it('are masked in an answer that repeats them, in whatever form', () => {
    const answer = `no ${basic}, admin:hu/nter"2, hu/nter"2, hu%2Fnter%222, ${JSON.stringify({ a: 'hu/nter"2' })}`;
    expect(maskCredentials(answer, [basic])).toBe('no Basic ***, ***, ***, ***, {"a":"***"}');
    expect(maskCredentials('no Bearer t0ken, t0ken', ['Bearer t0ken'])).toBe('no Bearer ***, ***');
    expect(maskCredentials('the key k3y!', ['k3y!'])).toBe('the key ***');
  });

  it('are ignored if they are too short', () => expect(maskCredentials('a bad key', ['a', ''])).toBe('a bad key'));

  it('are those of its headers and of its URL', () => {
    const headers = { authorization: basic, 'D360-API-KEY': 'k3y!', cookie: 'id=1', accept: '*/*' };
    const url = 'http://ann:hu%2Fnter2@x.example/?api_key=qu%26ery&page=2';
    expect(credentialsOf(headers, url)).toEqual(['hu%2Fnter2', 'hu/nter2', basic, 'k3y!', 'id=1', 'qu&ery']);
    expect(credentialsOf({ authorization: 'a' }, 'http://ann:50%@x.example/')).toEqual(['50%', '50%', 'a']);
    expect(credentialsOf({ authorization: 'a' }, 'nowhere')).toEqual(['', '', 'a']);
  });
});
