import { afterAll, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { StubError } from '../../../../mock-platform/errors.js';
import { HttpStubSet, startHttpStubServer } from '../../../../mock-platform/stubs/index.js';
import { removeFolders } from '../../../support/files.js';
import { type Asked, ask, httpRequest, httpStubs, said, why } from './sets.js';

afterAll(removeFolders);

const answering = (answer: string): HttpStubSet => httpStubs(`stubs: [{ answer: ${answer} }]`);
const stubbed = (answer: object): HttpStubSet => {
  const set = httpStubs('stubs: []');
  set.add({ answer });
  return set;
};
const JSON_TYPE = 'application/json; charset=utf-8';

describe('an answer', () => {
  it.each([
    ['{}', { status: 200, headers: {}, body: undefined }],
    ['{ status: 204 }', { status: 204, headers: {}, body: undefined }],
    [
      '{ json: { a: [1, true, null, 1.5] } }',
      { status: 200, headers: { 'content-type': JSON_TYPE }, body: '{"a":[1,true,null,1.5]}' },
    ],
    ['{ json: null }', { status: 200, headers: { 'content-type': JSON_TYPE }, body: 'null' }],
    ['{ json: text }', { status: 200, headers: { 'content-type': JSON_TYPE }, body: '"text"' }],
    [
      '{ status: 503, headers: { Retry-After: 5, Content-Type: text/html }, body: <p>busy</p> }',
      { status: 503, headers: { 'retry-after': '5', 'content-type': 'text/html' }, body: '<p>busy</p>' },
    ],
    ['{ none: true }', undefined],
  ])('%s', (answer, expected) => expect(ask(answering(answer)).response).toEqual(expected));

  it.each<[string, Asked, string]>([
    ['{{method}} {{path}}', {}, 'POST /v1/balance'],
    ['{{path.2}} of {{path.1}}{{path.3}}{{path.0}}{{path.x}}', {}, 'balance of v1'],
    ['{{path.1}}', { url: '/Ann%20Lee' }, 'Ann Lee'],
    ['{{path.1}}', { url: '/%zz' }, '%zz'],
    ['{{path.10}}{{path.1x}}{{path.x1}}{{path.01}}', { url: '/1/2/3/4/5/6/7/8/9/a' }, 'a'],
    ['{{query.none}}{{path.1.2}}', { url: '/a/b' }, ''],
    ['{{body}}{{ json.a }}', { body: '{"a":1}' }, '{"a":1}1'],
    ['{{query.a}}{{query.b}}', { url: '/?a=1&a=2' }, '1'],
    ['{{headers.X-Id}}{{headers.none}}', { headers: { 'x-id': '7' } }, '7'],
    ['{{json.a.b}} {{json.c}} {{json.d}} {{json.e}}', { body: { a: { b: 'x' }, c: 5, d: null, e: [] } }, '5 null'],
    ['{{json.toString}}{{headers.toString}}{{query.toString}}', { body: {} }, ''],
    ['{{body}}', { body: 'a=b' }, 'a=b'],
    ['{{braces}}json.a}}', {}, '{{json.a}}'],
  ])('contains parts of the request: %s of %j', (body, asked, expected) => {
    const set = answering(`{ body: '${body}' }`);
    expect(String(ask(set, asked).response?.body).replace(/^x /, '').trim()).toBe(expected);
  });

  it('renders templates in the strings of JSON and in headers, which stay valid', () => {
    const set = answering(
      '{ headers: { X-Account: "{{json.a}}" }, json: { all: ["{{json.a}}", { b: "-{{json.a}}-" }] } }',
    );
    const hostile = '"}\r\nset-cookie: a=b';
    const { response } = ask(set, { body: { a: hostile } });
    expect(response?.headers).toEqual({ 'content-type': JSON_TYPE, 'x-account': '"}??set-cookie: a=b' });
    expect(JSON.parse(String(response?.body))).toEqual({ all: [hostile, { b: `-${hostile}-` }] });
  });

  it('renders any request without failing', () => {
    const set = answering(
      '{ headers: { x: "{{headers.a}}{{path.1}}" }, json: ["{{json.a}}", "{{query.a}}", "{{body}}"] }',
    );
    fc.assert(
      fc.property(fc.string(), fc.webPath(), fc.string(), fc.webQueryParameters(), (body, path, header, query) => {
        const { response } = ask(set, { url: `${path}?${query}`, headers: { a: header }, body });
        expect(response?.headers?.x).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
        expect(JSON.parse(String(response?.body))[2]).toBe(body);
      }),
    );
  });

  it('is one of a sequence, with a delay', () => {
    const set = httpStubs('stubs: [{ answers: [{ status: 503, delayMs: 5 }, { none: true }, { body: ok }] }]');
    expect(ask(set).delayMs).toBe(5);
    expect([said(set), said(set), said(set)]).toEqual(['none', '200 ok', '200 ok']);
    expect(set.list()).toMatchObject([{ id: '1', name: '* *', hits: 4 }]);
  });
});

describe('a request that no stub matches', () => {
  it('is answered with 404 and the nearest stub', () => {
    const set = httpStubs(`stubs: [{ name: "{{method}}", match: { path: { pattern: ^/v2 } }, answer: {} }]`);
    const text =
      "no stub matched; the nearest was '{{method}}' (* /^/v2/): path is '/v1/balance', expected a match for ^/v2";
    expect(ask(set)).toMatchObject({ unmatched: text, stub: undefined, response: { status: 404 } });
    expect(JSON.parse(String(ask(set).response?.body))).toEqual({ error: text });
  });

  it('is answered as configured in the file', () => {
    const set = httpStubs('stubs: []\nunmatched: { status: 400, json: { wrong: "{{path}}" }, delayMs: 5 }');
    expect(ask(set)).toMatchObject({ unmatched: 'no stub matched; there are no stubs', delayMs: 5 });
    expect(said(set)).toBe('400 {"wrong":"/v1/balance"}');
    expect(said(httpStubs('stubs: []\nunmatched: { body: no }'))).toBe('404 no');
  });
});

describe('the requests of a set', () => {
  const YAML = `stubs:
  - { name: balance, match: { path: /v1/balance, json: { account: "17" } }, answer: {} }
  - { name: other, match: { path: /v1/other }, answer: {} }
`;

  it('are listed with their stubs and near misses, until it is reset', () => {
    const set = httpStubs(YAML);
    const seen: unknown[] = [];
    const unsubscribe = set.subscribe((request) => seen.push(request));
    set.answer(httpRequest({ body: { account: '17' } }), 5);
    set.answer(httpRequest({ url: '/v1/else' }), 6);
    expect(set.requests()).toEqual([
      { at: 5, method: 'POST', path: '/v1/balance', stub: 'balance', unmatched: undefined },
      {
        at: 6,
        method: 'POST',
        path: '/v1/else',
        stub: undefined,
        unmatched: expect.stringContaining('the nearest was'),
      },
    ]);
    expect(seen).toEqual(set.requests());
    unsubscribe();
    set.restore();
    expect(set.requests()).toEqual([]);
    ask(set);
    expect(seen).toHaveLength(2);
  });

  it('are counted', () => {
    const set = httpStubs(YAML);
    for (const account of ['17', '17', '18']) ask(set, { body: { account } });
    ask(set, { method: 'GET', url: '/v1/other?a=b', headers: { 'x-a': 'b' } });
    expect(set.verify({ path: '/v1/balance' })).toMatchObject({ count: 3, ok: true });
    expect(set.verify({ json: { account: '18' }, times: 1 })).toMatchObject({ count: 1, ok: true });
    expect(set.verify({ query: { a: 'b' }, headers: { 'X-A': 'b' }, method: 'GET' })).toMatchObject({ count: 1 });
    expect(set.verify({ stub: 'balance', times: 1 })).toMatchObject({ count: 2, ok: false });
    expect(set.verify({ unmatched: true, atMost: 0 })).toMatchObject({ count: 1, ok: false });
    expect(set.verify({ unmatched: false, atLeast: 3 })).toMatchObject({ count: 3, ok: true });
    expect(set.verify({ path: '/none' })).toEqual({ count: 0, ok: false, requests: [] });
    expect(() => set.verify({ path: 'none' })).toThrow(
      new StubError('expected.path: must be a path such as /v1/balance or { pattern: REGEXP }'),
    );
  });

  it('are the last 1,000, and fewer with long bodies', () => {
    const set = httpStubs('stubs: []');
    for (let at = 0; at < 1005; at++) set.answer(httpRequest(), at);
    expect(set.requests().map(({ at }) => at)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 5));
    const body = 'x'.repeat(1 << 20);
    for (let at = 0; at < 20; at++) set.answer(httpRequest({ body }), at);
    expect(set.requests()).toHaveLength(15);
    set.reset();
    for (let at = 0; at < 15; at++) set.answer(httpRequest({ body }), at);
    expect(set.requests()).toHaveLength(15);
    // A single longer one is kept, up to the next.
    set.answer(httpRequest({ body: body.repeat(17) }), 15);
    expect(set.requests().map(({ at }) => at)).toEqual([15]);
    set.answer(httpRequest(), 16);
    expect(set.requests().map(({ at }) => at)).toEqual([16]);
  });

  it('may have 16 Mi characters in bodies and paths', () => {
    const set = httpStubs('stubs: []');
    const whole = 'x'.repeat((16 << 20) - 2);
    const add = (body: string, at: number) => set.answer(httpRequest({ url: '/', body }), at);
    add(whole.slice(1), 0);
    add('', 1);
    expect(set.requests()).toHaveLength(2);
    add('', 2);
    expect(set.requests().map(({ at }) => at)).toEqual([0, 1, 2]);
    add('', 3);
    expect(set.requests().map(({ at }) => at)).toEqual([1, 2, 3]);
  });
});

describe('the requests that are kept', () => {
  it('are kept without their parsed JSON', () => {
    const set = httpStubs('stubs: [{ match: { json: { "0.a": 1 } }, answer: {} }]');
    const parse = jest.spyOn(JSON, 'parse');
    try {
      ask(set, { body: [{ a: 1 }] });
      for (let times = 0; times < 2; times++) expect(set.verify({ json: { '0.a': 1 } })).toMatchObject({ count: 1 });
      expect(parse).toHaveBeenCalledTimes(3);
    } finally {
      parse.mockRestore();
    }
  });
});

describe('a stub in JSON', () => {
  it('is added and removed', () => {
    const set = httpStubs('stubs: [{ answer: { body: old } }]');
    const added = set.add({ match: { path: '/v1/balance' }, answer: { body: 'new' } }, 'first');
    expect(added).toMatchObject({ id: '2', name: '* /v1/balance', hits: 0 });
    expect(said(set)).toBe('200 new');
    expect(set.remove('2')).toBe(true);
    expect(said(set)).toBe('200 old');
  });

  it.each(['query', 'headers', 'json'])('is refused with a condition on __proto__ in %s', (key) => {
    const set = httpStubs('stubs: []');
    const match = { [key]: JSON.parse('{ "__proto__": "x" }') };
    expect(() => set.add({ match, answer: {} })).toThrow(`stub.match.${key}.__proto__: must have another name`);
    expect(() => set.verify(match)).toThrow(`expected.${key}.__proto__: must have another name`);
  });

  it('is refused if its JSON contains itself', () => {
    const json: Record<string, unknown> = { list: [] };
    json.a = json;
    (json.list as unknown[]).push(json.list);
    expect(() => httpStubs('stubs: []').add({ answer: { json } })).toThrow(
      new StubError('stub.answer.json.list.0: must not contain itself\nstub.answer.json.a: must not contain itself'),
    );
    const shared = { b: 1 };
    expect(said(stubbed({ json: [shared, shared] }))).toBe('200 [{"b":1},{"b":1}]');
  });

  it('is refused with all its errors', () => {
    const set = httpStubs('stubs: []');
    const wrong = { match: { method: 'post' }, answer: { body: '{{x}}', json: 1 } };
    expect(() => set.add(wrong)).toThrow(StubError);
    expect(() => set.add(wrong)).toThrow(/^stub\.match\.method: must be .*\nstub\.answer\.body: unknown reference/);
    expect(why(set)).toBe('no stub matched; there are no stubs');
  });
});

describe('a server of HTTP stubs', () => {
  it('sends a body with its type and length, and neither of them without a body', async () => {
    const stubs = httpStubs(`stubs:
  - { match: { path: /none }, answer: { status: 204 } }
  - { match: { path: /empty }, answer: {} }
  - { match: { path: /text }, answer: { body: "é" } }
  - { match: { path: /json }, answer: { headers: { content-type: application/problem+json }, json: [1] } }
`);
    const server = await startHttpStubServer({ stubs });
    try {
      const got = async (path: string): Promise<unknown> => {
        const response = await fetch(server.url + path);
        const header = (name: string) => response.headers.get(name);
        return [response.status, header('content-type'), header('content-length'), await response.text()];
      };
      expect(await got('/none')).toEqual([204, null, null, '']);
      expect(await got('/empty')).toEqual([200, null, '0', '']);
      expect(await got('/text')).toEqual([200, 'text/plain; charset=utf-8', '2', 'é']);
      expect(await got('/json')).toEqual([200, 'application/problem+json', '3', '[1]']);
      expect(await got('/other')).toEqual([
        404,
        'application/json; charset=utf-8',
        expect.any(String),
        expect.any(String),
      ]);
    } finally {
      await server.close();
    }
  });
});
