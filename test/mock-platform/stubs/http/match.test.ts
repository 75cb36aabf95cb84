import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { removeFolders } from '../../../support/files.js';
import { type Asked, httpStubs, said, why } from './sets.js';

afterAll(removeFolders);

/** How the one stub that has this `match` misses a request; empty if it matches. */
const misses = (match: string, asked?: Asked): string =>
  why(httpStubs(`stubs:\n  - { name: it, match: ${match}, answer: {} }\n`), asked).replace(
    /^no stub matched; the nearest was 'it' \(.*?\): /,
    '',
  );

describe('method and path', () => {
  it.each<[string, Asked, string]>([
    ['{ method: POST }', {}, ''],
    ['{ method: GET }', {}, "method is 'POST', not 'GET'"],
    ['{ path: /v1/balance }', {}, ''],
    ['{ path: /v1/balance }', { url: '/v1/balance?full=yes' }, ''],
    ['{ path: /v1/balances }', {}, "path is '/v1/balance', not '/v1/balances'"],
    [String.raw`{ path: { pattern: '^/v\d/' } }`, {}, ''],
    [String.raw`{ path: { pattern: '^/v\d$' } }`, {}, String.raw`path is '/v1/balance', expected a match for ^/v\d$`],
    ['{ method: GET, path: /v2 }', {}, "path is '/v1/balance', not '/v2'; method is 'POST', not 'GET'"],
  ])('%s of %j: %j', (match, asked, expected) => expect(misses(match, asked)).toBe(expected));

  it('weigh more than the rest in the nearest stub, the path most', () => {
    const set = httpStubs(`stubs:
  - { name: body, match: { path: /v1/balance, method: POST, json: { a: 1, b: 2, c: 3 } }, answer: {} }
  - { name: method, match: { path: /v1/balance, method: GET }, answer: {} }
  - { name: path, match: { path: /v1/balances, method: POST }, answer: {} }
`);
    expect(why(set)).toContain("the nearest was 'body' (POST /v1/balance): json.a is missing, not '1'; ");
    expect(why(set, { method: 'GET', url: '/v1/other' })).toContain("the nearest was 'method' (GET /v1/balance)");
  });
});

describe('a query parameter and a header', () => {
  it.each<[string, Asked, string]>([
    ['{ query: { currency: EUR } }', { url: '/?currency=EUR&currency=USD' }, ''],
    ['{ query: { currency: EUR } }', { url: '/?currency=USD' }, "query.currency is 'USD', not 'EUR'"],
    ['{ query: { page: 2 } }', { url: '/?page=2' }, ''],
    ['{ query: { page: { present: false } } }', { url: '/?page=2' }, "query.page is '2', not missing"],
    ['{ query: { name: "Ann Lee" } }', { url: '/?name=Ann%20Lee' }, ''],
    ['{ headers: { Content-Type: { pattern: json } } }', { headers: { 'content-type': 'application/json' } }, ''],
    ['{ headers: { X-Tenant: a } }', {}, "headers.X-Tenant is missing, not 'a'"],
    ['{ headers: { set-cookie: "a=1, b=2" } }', { headers: { 'set-cookie': ['a=1', 'b=2'] } }, ''],
    ['{ headers: { constructor: { present: true } } }', {}, 'headers.constructor is missing'],
  ])('%s of %j: %j', (match, asked, expected) => expect(misses(match, asked)).toBe(expected));

  it.each<[string, Asked, string]>([
    ['{ query: { access_token: mine } }', { url: '/?access_token=hunter2' }, 'query.access_token is ***, not ***'],
    [
      '{ headers: { authorization: mine } }',
      { headers: { authorization: 'hunter2' } },
      'headers.authorization is ***, not ***',
    ],
    ['{ headers: { cookie: mine } }', { headers: { cookie: 'hunter2' } }, 'headers.cookie is ***, not ***'],
    [
      '{ headers: { Cookie: { pattern: mine } } }',
      { headers: { cookie: 'hunter2' } },
      'headers.Cookie is ***, expected a match for ***',
    ],
    [
      '{ headers: { x-auth: Bearer mine1234 } }',
      { headers: { 'x-auth': 'Bearer eyJhunter2' } },
      "headers.x-auth is 'Bearer ***', not 'Bearer ***'",
    ],
    ['{ json: { auth: mine } }', { body: { auth: 'Bearer eyJhunter2' } }, "json.auth is 'Bearer ***', not 'mine'"],
    ['{ body: client_secret=mine }', { body: 'a=b' }, "body is 'a=b', not 'client_secret=***'"],
    [
      '{ body: { pattern: client_secret=mine } }',
      { body: 'a=b' },
      "body is 'a=b', expected a match for client_secret=***",
    ],
    [
      '{ json: { user.password: mine } }',
      { body: { user: { password: 'hunter2' } } },
      'json.user.password is ***, not ***',
    ],
    ['{ body: mine }', { body: 'password=hunter2&a=b' }, "body is 'password=***&a=b', not 'mine'"],
    ['{ body: mine }', { body: { password: 'hunter2' } }, `body is '{"password":"***"}', not 'mine'`],
  ])('that is secret is not shown: %s of %j', (match, asked, expected) => expect(misses(match, asked)).toBe(expected));
});

describe('a body', () => {
  const body = {
    account: '17',
    amount: 12.5,
    paid: false,
    note: null,
    customer: { name: 'Ann', 'e.mail': 'a@b.c', accounts: [{ id: 5 }, { id: 6 }] },
    'dotted.key': 'x',
    tenth: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  };

  it.each([
    ['{ account: "17" }', ''],
    ['{ account: 17 }', ''],
    ['{ account: "18" }', "json.account is '17', not '18'"],
    ['{ amount: 12.50 }', ''],
    ['{ paid: false }', ''],
    ['{ paid: true }', "json.paid is 'false', not 'true'"],
    ['{ note: null }', ''],
    ['{ note: { present: true } }', ''],
    ['{ nothing: { present: false } }', ''],
    ['{ customer.name: { pattern: "^A" } }', ''],
    ['{ customer.accounts.1.id: 6 }', ''],
    ['{ tenth.10: 10 }', ''],
    ['{ tenth.x1: 10 }', "json.tenth.x1 is missing, not '10'"],
    ['{ tenth.1x: 10 }', "json.tenth.1x is missing, not '10'"],
    ['{ account.0: "1" }', "json.account.0 is missing, not '1'"],
    ['{ customer.accounts.2.id: 6 }', "json.customer.accounts.2.id is missing, not '6'"],
    ['{ customer.accounts.length: 2 }', "json.customer.accounts.length is missing, not '2'"],
    ['{ customer.e.mail: a@b.c }', ''],
    ['{ dotted.key: x }', ''],
    ['{ customer: Ann }', "json.customer is an object, not 'Ann'"],
    ['{ customer.accounts: { pattern: . } }', 'json.customer.accounts is an array, expected a match for .'],
    ['{ constructor: { present: true } }', 'json.constructor is missing'],
    ['{ __proto__.constructor: { present: true } }', 'json.__proto__.constructor is missing'],
  ])('in JSON has %s: %j', (json, expected) => expect(misses(`{ json: ${json} }`, { body })).toBe(expected));

  it.each(['', 'account=17', '{"account":', '"text"', 'null'])('that is no object has no values: %j', (text) => {
    expect(misses('{ json: { account: 17 } }', { body: text })).toBe("json.account is missing, not '17'");
  });

  it.each([
    ['account=17', ''],
    ['{ pattern: "^account=" }', ''],
    ['account=18', "body is 'account=17', not 'account=18'"],
  ])('is matched as text: %s', (condition, expected) =>
    expect(misses(`{ body: ${condition} }`, { body: 'account=17' })).toBe(expected),
  );

  it('with deep or long values is matched in linear time', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(misses('{ json: { 0.0.0: 1 } }', { body: deep })).toBe("json.0.0.0 is an array, not '1'");
    const path = Array(200).fill('a').join('.');
    expect(misses(`{ json: { ${path}: 1 } }`, { body: `${'{"a":'.repeat(199)}{"a":1}${'}'.repeat(199)}` })).toBe('');
    expect(misses('{ body: { pattern: "(a+)+b$" } }', { body: 'b'.repeat(1 << 20) })).toMatch(/^body is 'b/);
  });

  it('finds each value of any JSON at its path', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const key = fc.string({ minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), scalar, (keys, value) => {
        const json = keys.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
        const set = httpStubs('stubs: []');
        set.add({ match: { json: { [keys.join('.')]: value } }, answer: {} });
        expect(said(set, { body: JSON.stringify(json) })).toBe('200');
      }),
      { numRuns: 200 },
    );
  });
});

describe('a state', () => {
  it('is required with match, and set by an answer', () => {
    const set = httpStubs(`stubs:
  - { scenario: bill, match: { method: POST, state: "" }, answer: { body: paid, state: paid } }
  - { scenario: bill, match: { method: POST, state: paid }, answer: { status: 409 } }
`);
    expect([said(set), said(set)]).toEqual(['200 paid', '409']);
    expect(set.states()).toEqual({ bill: 'paid' });
    set.setState('bill', 'closed');
    expect(why(set)).toContain("the state of scenario bill is 'closed', not ''");
    set.reset();
    expect(said(set)).toBe('200 paid');
  });
});
