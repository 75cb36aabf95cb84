import { beforeEach, describe, expect, it } from '@jest/globals';
import { PhoneError } from '../../../../../plugins/messaging/mock/errors.js';
import type { MessageButton, SentMessage } from '../../../../../plugins/messaging/mock/outbox.js';
import { Directory } from '../../../../../plugins/messaging/mock/phone-number.js';
import { keyOf, userIdOf } from '../../../../../plugins/messaging/mock/phones/customer.js';
import { Phones } from '../../../../../plugins/messaging/mock/phones/phones.js';
import { Clock } from '../harness.js';

const CUSTOMER = '+16315551002';
const NOBODY = '+16315559999';
const clock = new Clock();
let told: string[];
let directory: Directory;
let phones: Phones;

beforeEach(() => {
  told = [];
  directory = new Directory();
  directory.add(CUSTOMER);
  phones = new Phones(directory, clock.now);
  phones.listen({
    status: ({ customer }, { id, state }) => told.push(`${keyOf(customer)}: ${id} ${state}`),
    wrote: ({ customer }, { text }, answered) => told.push(`${keyOf(customer)}: '${text}' to ${answered?.id}`),
  });
});

const sent = (id: string, more: Partial<SentMessage> = {}): SentMessage => ({
  ...{ id, at: clock.ms, to: CUSTOMER, namespace: 'n', template: 'hello', language: 'en', parameters: [], text: 'Hi' },
  ...more,
});
const states = (to = CUSTOMER) => phones.of(to).messages.map(({ state }) => state);

describe('a customer', () => {
  it('is known by the user id, if the directory has the number', () => {
    expect(phones.customer(CUSTOMER)).toEqual({ number: CUSTOMER, userId: userIdOf(CUSTOMER) });
    expect(phones.customer(userIdOf(CUSTOMER))).toEqual({ number: CUSTOMER, userId: userIdOf(CUSTOMER) });
    expect(phones.customer('US.1349')).toEqual({ number: undefined, userId: 'US.1349' });
    expect(phones.of(userIdOf(CUSTOMER))).toBe(phones.of(CUSTOMER));
    expect(phones.of('US.1349')).toBe(phones.of('US.1349'));
  });
});

describe('a message of the business', () => {
  it('is delivered with all that the customer sees', () => {
    const buttons: MessageButton[] = [{ type: 'QUICK_REPLY', text: 'Later' }];
    const message = phones.receive(sent('m', { header: 'H', buttons }));
    expect(message).toEqual({
      ...{ id: 'm', at: clock.ms, text: 'Hi', header: 'H', buttons, state: 'delivered', code: undefined },
      from: 'business',
    });
    expect(phones.of(CUSTOMER).messages).toEqual([message]);
    // Who sends it reports it.
    expect(told).toEqual([]);
  });

  it('fails at a number that is not on WhatsApp, or blocks the business', () => {
    expect(phones.receive(sent('m', { to: NOBODY }))).toMatchObject({ state: 'failed', code: 131026 });
    phones.setBlocking(CUSTOMER, true);
    expect(phones.receive(sent('m'))).toMatchObject({ state: 'failed', code: 131026 });
    phones.setBlocking(CUSTOMER, false);
    expect(phones.receive(sent('m'))).toMatchObject({ state: 'delivered' });
    expect(phones.receive(sent('m', { to: 'US.1349' }))).toMatchObject({ state: 'delivered' });
  });

  it('fails with the given code, whatever it is', () => {
    expect(phones.receive(sent('m'), 0)).toMatchObject({ state: 'failed', code: 0 });
    phones.setBlocking(CUSTOMER, true);
    expect(phones.receive(sent('m'), 131049)).toMatchObject({ code: 131049 });
  });

  it('waits while the phone is off', () => {
    phones.receive(sent('before'));
    phones.setOff(CUSTOMER, true);
    phones.receive(sent('m'));
    phones.receive(sent('failed'), 1);
    expect([states(), told]).toEqual([['delivered', 'sent', 'failed'], []]);
    phones.setOff(CUSTOMER, false);
    expect([states(), told]).toEqual([['delivered', 'delivered', 'failed'], [`${CUSTOMER}: m delivered`]]);
    phones.setOff(CUSTOMER, false);
    expect(told).toHaveLength(1);
  });

  it('is read, once, unless the phone is off', () => {
    phones.receive(sent('m'));
    phones.receive(sent('failed'), 1);
    phones.setOff(CUSTOMER, true);
    expect(() => phones.read(CUSTOMER)).toThrow(new PhoneError('the phone is off'));
    phones.setOff(CUSTOMER, false);
    phones.read(CUSTOMER);
    phones.read(CUSTOMER);
    expect([states(), told]).toEqual([['read', 'failed'], [`${CUSTOMER}: m read`]]);
  });
});

describe('a customer writes', () => {
  it('after reading what has come', () => {
    phones.receive(sent('m'));
    const message = phones.write(CUSTOMER, 'Hello');
    expect(message).toEqual({
      ...{ id: expect.stringMatching(/^wamid\.[\w+/]{32}$/), at: clock.ms, from: 'customer', text: 'Hello' },
      state: 'received',
    });
    expect(states()).toEqual(['read', 'received']);
    expect(told).toEqual([`${CUSTOMER}: m read`, `${CUSTOMER}: 'Hello' to undefined`]);
  });

  it('with a phone that is on, to a business that is not blocked', () => {
    phones.setOff(CUSTOMER, true);
    expect(() => phones.write(CUSTOMER, 'Hello')).toThrow(new PhoneError('the phone is off'));
    phones.setOff(CUSTOMER, false);
    phones.setBlocking(CUSTOMER, true);
    expect(() => phones.write(CUSTOMER, 'Hello')).toThrow(
      new PhoneError('the customer has blocked the business: unblock it first'),
    );
    expect([states(), told]).toEqual([[], []]);
  });

  it('or has written before, even if the business is blocked now', () => {
    phones.receive(sent('m'));
    phones.setBlocking(CUSTOMER, true);
    expect(phones.wroteBefore(CUSTOMER, 'Hello', 5)).toMatchObject({ at: 5, text: 'Hello', state: 'received' });
    expect([states(), told]).toEqual([['delivered', 'received'], [`${CUSTOMER}: 'Hello' to undefined`]]);
    expect(phones.of(CUSTOMER).wroteAt).toBe(5);
  });

  it('at a time that the phone knows', () => {
    const phone = phones.of(CUSTOMER);
    phones.receive(sent('m'));
    expect(phone.wroteAt).toBeUndefined();
    phones.write(CUSTOMER, 'Hello');
    const { ms } = clock;
    clock.ms += 5;
    phones.receive(sent('n'));
    expect(phone.wroteAt).toBe(ms);
    phones.write(CUSTOMER, 'Hello?');
    expect(phone.wroteAt).toBe(ms + 5);
  });

  it('even if nobody listens', () => {
    const alone = new Phones(directory, clock.now);
    alone.receive(sent('m'));
    expect(alone.write(CUSTOMER, 'Hello')).toMatchObject({ text: 'Hello' });
  });
});

describe('a customer presses a button', () => {
  const buttons: MessageButton[] = [
    { type: 'URL', text: 'Open', url: 'https://x.example' },
    { type: 'QUICK_REPLY', text: 'Later' },
  ];

  it('of a message, which the answer names', () => {
    phones.receive(sent('other', { buttons }));
    phones.receive(sent('m', { buttons }));
    expect(phones.press(CUSTOMER, 'm', 'Later')).toMatchObject({ from: 'customer', text: 'Later' });
    expect(told.at(-1)).toBe(`${CUSTOMER}: 'Later' to m`);
  });

  it.each<[string, string, Partial<SentMessage>, number | undefined]>([
    ['of an unknown message', 'x', { buttons }, undefined],
    ['that opens a page', 'm', { buttons: buttons.slice(0, 1) }, undefined],
    ['that does not exist', 'm', { buttons: [{ type: 'QUICK_REPLY', text: 'Now' }] }, undefined],
    ['of a message without any', 'm', {}, undefined],
    ['of a message that failed', 'm', { buttons }, 131026],
  ])('but not one %s', (_what, id, message, code) => {
    phones.receive(sent('m', message), code);
    expect(() => phones.press(CUSTOMER, id, 'Later')).toThrow(
      new PhoneError(`message ${id} has no button 'Later' for a reply`),
    );
    expect(told).toEqual([]);
  });
});

describe('the phones', () => {
  it('are listed, the last used first, and forgotten by clear', () => {
    phones.of('US.1');
    phones.of('US.2');
    phones.of('US.1');
    expect(phones.list().map(({ customer }) => customer.userId)).toEqual(['US.1', 'US.2']);
    phones.clear();
    expect(phones.list()).toEqual([]);
  });

  it('are the last 1,000', () => {
    for (let count = 0; count < 1000; count++) phones.of(`US.${count}`);
    expect([phones.list().length, phones.list().at(-1)?.customer.userId]).toEqual([1000, 'US.0']);
    phones.of('US.new');
    expect([phones.list().length, phones.list().at(-1)?.customer.userId]).toEqual([1000, 'US.1']);
  });
});
