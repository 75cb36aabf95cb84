import { expect, it } from '@jest/globals';
import { outcomeOfError } from '../../../../plugins/messaging/api/outcomes.js';

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
