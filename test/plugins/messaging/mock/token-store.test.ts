import { describe, expect, it } from '@jest/globals';
import { TokenStore } from '../../../../plugins/messaging/mock/token-store.js';
import { Clock } from './harness.js';

const setUp = () => {
  const clock = new Clock();
  return { clock, tokens: new TokenStore(60_000, clock.now) };
};

describe('tokens', () => {
  it('are unique, and valid concurrently until they expire', () => {
    const { clock, tokens } = setUp();
    const first = tokens.issue();
    clock.ms += 30_000;
    const second = tokens.issue();
    expect(second.token).not.toBe(first.token);
    expect(first.expiresAt).toBe(clock.ms + 30_000);
    clock.ms += 29_999;
    expect([first, second].map(({ token }) => tokens.check(token))).toEqual(['valid', 'valid']);
    clock.ms += 1;
    expect([first, second].map(({ token }) => tokens.check(token))).toEqual(['expired', 'valid']);
  });

  it('are listed with their state, oldest first', () => {
    const { clock, tokens } = setUp();
    const first = tokens.issue();
    clock.ms += 30_000;
    const second = tokens.issue();
    clock.ms = first.expiresAt;
    expect(tokens.list()).toEqual([
      { expiresAt: first.expiresAt, state: 'expired' },
      { expiresAt: second.expiresAt, state: 'valid' },
    ]);
  });

  it('are revoked individually', () => {
    const { tokens } = setUp();
    const [revoked, kept] = [tokens.issue(), tokens.issue()];
    expect(tokens.revoke(revoked.token)).toBe(true);
    expect(tokens.revoke(revoked.token)).toBe(false);
    expect([revoked, kept].map(({ token }) => tokens.check(token))).toEqual(['unknown', 'valid']);
  });

  it('can all be expired; later ones are valid', () => {
    const { tokens } = setUp();
    const before = tokens.issue();
    tokens.expireAll();
    expect(tokens.check(before.token)).toBe('expired');
    expect(tokens.check(tokens.issue().token)).toBe('valid');
  });

  it('are limited in number: the newest are kept', () => {
    const { tokens } = setUp();
    const first = tokens.issue();
    const second = tokens.issue();
    for (let count = 2; count <= 10_000; count += 1) tokens.issue();
    expect([first, second].map(({ token }) => tokens.check(token))).toEqual(['unknown', 'valid']);
  });
});
