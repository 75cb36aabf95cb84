import { expect, it } from '@jest/globals';
import { hadNoEffect, outcomeOfError, outcomeOfStatus } from '../../../../plugins/messaging/api/outcomes.js';

/** An error as got throws it. */
const error = (code: string, syscall: string | undefined, connect: number | undefined, name = 'RequestError') =>
  Object.assign(new Error(code, { cause: Object.assign(new Error(code), { syscall }) }), {
    name,
    code,
    timings: { connect },
  });

it.each([
  ['ECONNREFUSED', 'connect', undefined, 'unreachable'],
  ['EAI_AGAIN', 'getaddrinfo', undefined, 'unreachable'],
  ['EHOSTUNREACH', 'connect', undefined, 'unreachable'],
  ['ECONNRESET', 'connect', undefined, 'unreachable'],
  ['ENOTFOUND', 'getaddrinfo', undefined, 'unreachable'],
  ['CERT_HAS_EXPIRED', undefined, 1, 'unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, 1, 'unreachable'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined, 1, 'unreachable'],
  ['EUNABLE_TO_SAY', undefined, 1, 'broken'],
  ['XENOTFOUND', undefined, 1, 'broken'],
  // The kernel ends a connection with these, too, where what was written is not acknowledged for long.
  ['EHOSTUNREACH', 'read', 1, 'broken'],
  ['ENETUNREACH', 'write', 1, 'broken'],
  ['ECONNRESET', 'read', 1, 'broken'],
  ['EPIPE', 'write', 1, 'broken'],
])('%s of %s, connected at %s: %s', (code, syscall, connect, outcome) => {
  expect(outcomeOfError(error(code, syscall, connect))).toBe(outcome);
});

it.each([
  ['ECONNRESET', 'read', 'RequestError'],
  ['EPROTO', undefined, 'RequestError'],
  ['ETIMEDOUT', undefined, 'TimeoutError'],
])('%s of %s before the TLS handshake: unreachable', (code, syscall, name) => {
  const failed = error(code, syscall, 1, name);
  expect(outcomeOfError(failed, true)).toBe('unreachable');
  expect(outcomeOfError(failed, false)).not.toBe('unreachable');
  const ready = Object.assign(failed, { timings: { connect: 1, secureConnect: 2 } });
  expect(outcomeOfError(ready, true)).not.toBe('unreachable');
});

it('a timeout before the connection was established: unreachable', () => {
  expect(outcomeOfError(error('ETIMEDOUT', undefined, undefined, 'TimeoutError'))).toBe('unreachable');
  expect(outcomeOfError(error('ETIMEDOUT', undefined, 1, 'TimeoutError'))).toBe('timeout');
});

it.each([
  ['ECONNREFUSED', 'unreachable'],
  ['ENOTFOUND', 'unreachable'],
  ['EAI_AGAIN', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'unreachable'],
  ['ECONNRESET', 'broken'],
  [undefined, 'broken'],
])('%s, of which nothing else is known: %s', (code, outcome) => {
  const error = Object.assign(new Error('failed'), code === undefined ? {} : { code });
  for (const secure of [false, true]) expect(outcomeOfError(error, secure)).toBe(outcome);
});

it('the outcome of an answer is that of its status', () => {
  const statuses = [199, 200, 299, 300, 400, 401, 402, 403, 404, 428, 429, 430, 499, 500, 599];
  expect(statuses.map((status) => [status, outcomeOfStatus(status)])).toEqual([
    [199, 'client_error'],
    [200, 'answered'],
    [299, 'answered'],
    [300, 'client_error'],
    [400, 'client_error'],
    [401, 'refused'],
    [402, 'client_error'],
    [403, 'refused'],
    [404, 'client_error'],
    [428, 'client_error'],
    [429, 'throttled'],
    [430, 'client_error'],
    [499, 'client_error'],
    [500, 'server_error'],
    [599, 'server_error'],
  ]);
});

it('a call had no effect if it was redirected or refused by the upstream itself', () => {
  const statuses = [200, 302, 306, 307, 308, 309, 399, 400, 407, 408, 409, 410, 450, 451, 452, 499, 500];
  expect(statuses.filter(hadNoEffect)).toEqual([307, 308, 400, 407, 410, 450, 451]);
});
