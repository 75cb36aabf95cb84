import { beforeEach, expect, it } from '@jest/globals';
import { Phone, type PhoneMessage } from '../../../../../plugins/messaging/mock/phones/phone.js';

let phone: Phone;
beforeEach(() => {
  phone = new Phone({ number: '+16315551002', userId: 'US.1' });
});

const message = (id: string, more: Partial<PhoneMessage> = {}): PhoneMessage => ({
  ...{ id, at: 1, from: 'business', text: '', state: 'delivered' },
  ...more,
});

it('a phone is on, and blocks nobody, at first', () => {
  expect(phone).toMatchObject({ isOff: false, isBlocking: false, messages: [], wroteAt: undefined });
});

it('a phone keeps the last 200 messages, oldest first', () => {
  for (let count = 0; count < 200; count++) phone.add(message(`m${count}`));
  expect([phone.messages.length, phone.messages[0]?.id]).toEqual([200, 'm0']);
  phone.add(message('new'));
  expect([phone.messages.length, phone.messages[0]?.id, phone.messages.at(-1)?.id]).toEqual([200, 'm1', 'new']);
});

it('messages of the business change their state, those of the customer do not', () => {
  for (const state of ['sent', 'delivered', 'read', 'failed'] as const) phone.add(message(state, { state }));
  phone.add(message('own', { from: 'customer', state: 'received' }));
  expect(phone.advance(['sent', 'delivered', 'received'], 'read').map(({ id }) => id)).toEqual(['sent', 'delivered']);
  expect(phone.messages.map(({ state }) => state)).toEqual(['read', 'read', 'read', 'failed', 'received']);
});
