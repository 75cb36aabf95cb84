import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { ExportError } from '../../../mock-platform/errors.js';
import { httpStubFile } from '../../../mock-platform/export/index.js';
import type { JournalCall } from '../../../mock-platform/journal/index.js';
import { HttpStubSet, loadHttpStubs } from '../../../mock-platform/stubs/index.js';
import { file, removeFolders } from '../../support/files.js';
import { httpRequest, said } from '../stubs/http/sets.js';

afterAll(removeFolders);

const call = (more: Partial<JournalCall> = {}): JournalCall => ({
  ...{ at: 5, durationMs: 1, method: 'POST', url: 'https://api.example.com/v1/balance', status: 200 },
  ...more,
});

const exported = (...calls: JournalCall[]): string =>
  httpStubFile(
    calls.map((one, index) => ({ call: one, place: `call ${index + 1} of entry 2` })),
    'entry 2',
  );

const stubsIn = (text: string): Record<string, unknown>[] => parse(text).stubs;
const load = (text: string): HttpStubSet => new HttpStubSet(loadHttpStubs(file('exported.http.yaml', text)).config);

const deepArray = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

describe('upstream calls as HTTP stubs', () => {
  it('match the request and give the same response', () => {
    const text = exported(
      call({
        url: 'https://api.example.com/v1/balance?currency=EUR&currency=USD',
        requestBody: '{"account":"17","deep":{"list":[{"id":5},null,true]}}',
        status: 201,
        responseHeaders: { ...JSON_HEADERS, etag: '"a"' },
        responseBody: '{ "balance": "12.50", "note": "{{x}} ${HOME}" }',
      }),
    );
    expect(stubsIn(text)).toEqual([
      {
        name: 'POST /v1/balance, call 1 of entry 2',
        match: {
          ...{ method: 'POST', path: '/v1/balance', query: { currency: 'EUR' } },
          json: { account: '17', 'deep.list.0.id': 5, 'deep.list.1': null, 'deep.list.2': true },
        },
        answer: {
          status: 201,
          headers: { etag: '"a"' },
          json: { balance: '12.50', note: '{{braces}}x}} $${HOME}' },
        },
      },
    ]);
    const asked = { url: '/v1/balance?currency=EUR', body: { account: '17', deep: { list: [{ id: 5 }, null, true] } } };
    expect(said(load(text), asked)).toBe('201 {"balance":"12.50","note":"{{x}} ${HOME}"}');
  });

  it.each<[string, Partial<JournalCall>, object]>([
    [
      'a text',
      { responseHeaders: { 'content-type': 'text/xml' }, responseBody: '<a/>' },
      { headers: { 'content-type': 'text/xml' }, body: '<a/>' },
    ],
    [
      'numbers that JavaScript rounds',
      { responseHeaders: JSON_HEADERS, responseBody: '[12345678901234567890]' },
      { headers: JSON_HEADERS, body: '[12345678901234567890]' },
    ],
    ['no content', { status: 204, responseBody: '' }, { status: 204 }],
    [
      'a redirect',
      { status: 302, responseHeaders: { location: '/v2' } },
      { status: 302, headers: { location: '/v2' } },
    ],
    [
      'JSON too deep for a template',
      { responseHeaders: JSON_HEADERS, responseBody: deepArray(102) },
      { headers: JSON_HEADERS, body: deepArray(102) },
    ],
    [
      'deep JSON',
      { responseHeaders: JSON_HEADERS, responseBody: deepArray(101) },
      { json: JSON.parse(deepArray(101)) },
    ],
    ['a timeout', { status: undefined, failure: 'timeout' }, { none: true }],
    ['a call that the host abandoned', { status: undefined, failure: 'abandoned' }, { none: true }],
    ['the highest status', { status: 599 }, { status: 599 }],
    ['not modified', { status: 304, responseBody: 'x' }, { status: 304 }],
    ['an empty body', { responseHeaders: JSON_HEADERS, responseBody: '' }, { headers: JSON_HEADERS }],
    [
      'JSON without a charset',
      { responseHeaders: { 'content-type': 'Application/JSON' }, responseBody: '{"a":1}' },
      { json: { a: 1 } },
    ],
    [
      'JSON of another charset',
      { responseHeaders: { 'content-type': 'application/json; charset=latin1' }, responseBody: '5' },
      { headers: { 'content-type': 'application/json; charset=latin1' }, json: 5 },
    ],
    [
      'JSON of another type',
      { responseHeaders: { 'content-type': 'application/problem+json' }, responseBody: '["{{a}}",null,{"b":"{{"}]' },
      {
        headers: { 'content-type': 'application/problem+json' },
        json: ['{{braces}}a}}', null, { b: '{{braces}}' }],
      },
    ],
    [
      'a text that only looks like JSON',
      { responseHeaders: { 'content-type': 'text/plain' }, responseBody: '{"a":1}' },
      { headers: { 'content-type': 'text/plain' }, body: '{"a":1}' },
    ],
    [
      'a type of JSON, and no JSON',
      { responseHeaders: JSON_HEADERS, responseBody: '{{' },
      { headers: JSON_HEADERS, body: '{{braces}}' },
    ],
    ['no type', { responseBody: '5' }, { body: '5' }],
    ['a header with braces', { responseHeaders: { etag: '{{a' } }, { headers: { etag: '{{braces}}a' } }],
  ] as never)('answer with %s', (_, more, answer) => {
    const text = exported(call(more));
    expect(stubsIn(text)[0]?.answer).toEqual(answer);
    load(text);
  });

  it.each<[string, Partial<JournalCall>, object]>([
    ['a form', { requestBody: 'a=b' }, { body: 'a=b' }],
    ['a form with a secret', { requestBody: 'a=b&password=***' }, {}],
    ['a text that is whole', { requestBody: 'x'.repeat(4095) }, { body: 'x'.repeat(4095) }],
    ['a text that may be cut', { requestBody: 'x'.repeat(4096) }, {}],
    ['bytes, not characters', { requestBody: 'é'.repeat(2048) }, {}],
    ['an empty body', { requestBody: '' }, {}],
    ['JSON that is not an object', { requestBody: '5' }, { body: '5' }],
    ['null', { requestBody: 'null' }, { body: 'null' }],
    ['an array', { requestBody: '[{"a":1},2]' }, { json: { '0.a': 1, 1: 2 } }],
    ['a secret in a value', { requestBody: '{"url":"http://a/?token=***"}' }, { json: { url: { present: true } } }],
    ['a query twice', { url: 'https://a.example/v1?a=1&a=2' }, { path: '/v1', query: { a: '1' } }],
    ['JSON that was cut off', { requestBody: `["${'x'.repeat(4094)}` }, {}],
    ['JSON with dotted keys', { requestBody: '{"a":{"b":1},"a.b":2}' }, { body: '{"a":{"b":1},"a.b":2}' }],
    ['JSON without values', { requestBody: '{"a":{}}' }, {}],
    [
      'a secret in JSON',
      { requestBody: '{"user":"Ann","password":"***","token":{"a":1}}' },
      { json: { user: 'Ann', password: { present: true }, token: { present: true } } },
    ],
    [
      'a secret in the query',
      { url: 'https://a.example/v1?api_key=***&b=1' },
      { path: '/v1', query: { api_key: { present: true }, b: '1' } },
    ],
  ])('match %s', (_, more, match) => {
    const text = exported(call(more));
    expect(stubsIn(text)[0]?.match).toEqual({ method: 'POST', path: '/v1/balance', ...match });
    load(text);
  });

  it('of one request are a sequence if the answers differ', () => {
    const calls = [503, 503, 200].map((status) => call({ status }));
    expect(stubsIn(exported(...calls))).toMatchObject([{ answers: [{ status: 503 }, { status: 503 }, {}] }]);
    expect(stubsIn(exported(call(), call()))).toMatchObject([{ answer: {} }]);
    expect(stubsIn(exported(call(), call()))[0]).not.toHaveProperty('answers');
    expect(stubsIn(exported(...calls))[0]).not.toHaveProperty('answer');
  });

  it('with more conditions come first: each of the query and of the JSON counts, and a text', () => {
    const calls = [
      call({ url: 'http://a/none' }),
      call({ url: 'http://a/query?a=1&b=2' }),
      call({ url: 'http://a/text', requestBody: 'x' }),
      call({ url: 'http://a/json?a=1', requestBody: '{"a":1,"b":2}' }),
    ];
    expect(stubsIn(exported(...calls)).map(({ match }) => (match as { path: string }).path)).toEqual([
      ...['/json', '/query', '/text', '/none'],
    ]);
  });

  it('with a condition come first', () => {
    const text = exported(call(), call({ requestBody: '{"a":1}', responseBody: 'first' }));
    expect(said(load(text), { body: { a: 1 } })).toBe('200 first');
    expect(said(load(text), { body: '' })).toBe('200');
  });

  it('mention what they leave out', () => {
    const text = exported(
      call({ responseCut: true, responseBody: 'beginn' }),
      call({ status: undefined as never, failure: 'ECONNRESET' }),
      call({ requestBody: '{"a":1}', responseHeaders: JSON_HEADERS, responseBody: '{"token":"***"}' }),
    );
    expect(text.split('\n').slice(0, 3)).toEqual([
      '# Secret values are masked: fill them in.',
      '# The response body of call 1 of entry 2 is incomplete.',
      '# call 2 of entry 2 got no response (ECONNRESET): inject a fault of the upstream instead',
    ]);
    expect(stubsIn(text)).toHaveLength(2);
  });

  it('leave out calls whose answer no stub can repeat', () => {
    const text = exported(
      call({ failure: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' }),
      call({ failure: 'too_large' }),
      call({ status: 600 }),
      call({ url: 'no URL' }),
      call({ status: 199 }),
      call({ status: undefined as never }),
      call({ status: 204 }),
    );
    expect(text.split('\n').slice(0, 6)).toEqual([
      '# call 1 of entry 2 got no complete response (ERR_HTTP_CONTENT_LENGTH_MISMATCH): inject a fault of the upstream instead',
      '# call 2 of entry 2 got no complete response (too_large): inject a fault of the upstream instead',
      '# call 3 of entry 2 got status 600, which stubs cannot send',
      '# call 4 of entry 2 has an invalid URL',
      '# call 5 of entry 2 got status 199, which stubs cannot send',
      '# call 6 of entry 2 got no response (no status): inject a fault of the upstream instead',
    ]);
    expect(stubsIn(text)).toMatchObject([{ answer: { status: 204 } }]);
    load(text);
  });

  it('need a response', () => {
    expect(() => exported()).toThrow(new ExportError('entry 2 has no upstream calls to export as HTTP stubs'));
    expect(() => exported(call({ status: undefined as never, failure: 'ECONNREFUSED' }))).toThrow(
      new ExportError('no upstream call of entry 2 got a response: inject faults instead'),
    );
  });

  it('repeat any exchange', () => {
    const key = fc.string({ minLength: 1, maxLength: 5 }).filter((text) => text !== '__proto__');
    const json = fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
    fc.assert(
      fc.property(json, json, fc.webPath(), (asked, answer, path) => {
        const [requestBody, responseBody] = [JSON.stringify(asked), JSON.stringify(answer)];
        const url = `https://api.example.com${path || '/'}`;
        const text = exported(call({ url, requestBody, responseHeaders: JSON_HEADERS, responseBody }));
        const { response } = load(text).answer(httpRequest({ url: new URL(url).pathname, body: requestBody }));
        expect(response?.body).toBe(responseBody);
      }),
      { numRuns: 100 },
    );
  });
});
