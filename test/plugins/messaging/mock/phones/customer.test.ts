import { describe, expect, it } from '@jest/globals';
import { keyOf, nameOf, USER_ID, userIdOf } from '../../../../../plugins/messaging/mock/phones/customer.js';

const CUSTOMER = '+16315551002';

describe('a customer', () => {
  it('has a user id that belongs to the number', () => {
    expect(userIdOf(CUSTOMER)).toMatch(/^US\.\d{20}$/);
    expect(userIdOf('+4930123456')).toMatch(/^DE\.\d{20}$/);
    expect(userIdOf('+4930123457')).not.toBe(userIdOf('+4930123456'));
    // No number of a region, and no possible number.
    for (const number of ['+883510000000091', '+12', '+99912']) expect(userIdOf(number)).toMatch(/^US\.\d{20}$/);
  });

  it('is named after the last four characters', () => {
    expect(nameOf({ number: CUSTOMER, userId: 'US.1' })).toBe('Customer 1002');
    expect(nameOf({ number: undefined, userId: 'US.1349' })).toBe('Customer 1349');
  });

  it('is known by the number, or the user id', () => {
    expect(keyOf({ number: CUSTOMER, userId: 'US.1' })).toBe(CUSTOMER);
    expect(keyOf({ number: undefined, userId: 'US.1349' })).toBe('US.1349');
  });

  it.each([
    ['US.1349', true],
    [`US.${'aZ9'.repeat(42)}01`, true],
    [`US.${'1'.repeat(129)}`, false],
    ['US.', false],
    ['us.1', false],
    ['USA.1', false],
    ['US1', false],
    ['US.1-2', false],
    [CUSTOMER, false],
  ])('can have the user id %s: %s', (id, expected) => expect(USER_ID.test(id)).toBe(expected));
});
