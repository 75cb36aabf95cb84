import { beforeEach, describe, expect, it } from '@jest/globals';
import { type MockRoute, MockRouteError } from 'esp-host';
import { Directory } from '../../../../../plugins/messaging/mock/phone-number.js';
import { userIdOf } from '../../../../../plugins/messaging/mock/phones/customer.js';
import { Phones } from '../../../../../plugins/messaging/mock/phones/phones.js';
import { phoneRoutes, phoneShape, phonesView } from '../../../../../plugins/messaging/mock/phones/routes.js';
import { Clock } from '../harness.js';

const CUSTOMER = '+16315551002';
const OTHER = '+15162837151';
const clock = new Clock();
let directory: Directory;
let phones: Phones;
beforeEach(() => {
  directory = new Directory();
  phones = new Phones(directory, clock.now);
});

const receive = (id: string, more: { to?: string; at?: number } = {}, code?: number) =>
  phones.receive(
    {
      ...{ id, to: CUSTOMER, at: clock.ms, namespace: '', template: 't', language: 'en', parameters: [], text: 'Hi' },
      ...more,
    },
    code,
  );
const view = () => phonesView(phones, directory, new Map());

describe('the phones on the page', () => {
  it('are those with messages, the latest first, and then those of the directory', () => {
    for (const number of ['+4930123456', CUSTOMER, OTHER]) directory.add(number);
    receive('old', { to: OTHER, at: 1 });
    receive('new', { to: CUSTOMER, at: 2 });
    phones.of('US.1');
    expect(view().map(({ customer, userId }) => [customer, userId])).toEqual([
      [CUSTOMER, userIdOf(CUSTOMER)],
      [OTHER, userIdOf(OTHER)],
      ['US.1', 'US.1'],
      ['+4930123456', userIdOf('+4930123456')],
    ]);
  });

  it('are 200 at most, each with its last 50 messages', () => {
    for (let count = 0; count < 51; count++) receive(`m${count}`);
    for (let count = 0; count < 200; count++) phones.of(`US.${count}`);
    const [first, ...others] = view();
    expect(first?.messages.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => `m${index + 1}`));
    expect(others).toHaveLength(199);
  });

  it('are on, off, or block the business', () => {
    phones.of(CUSTOMER);
    expect(view().map((phone) => phoneShape.parse(phone))).toEqual([
      {
        ...{ customer: CUSTOMER, userId: userIdOf(CUSTOMER), state: 'on', off: false, blocked: false, unread: false },
        messages: [],
      },
    ]);
    phones.setOff(CUSTOMER, true);
    expect(view()).toMatchObject([{ state: 'off', off: true, blocked: false }]);
    phones.setBlocking(CUSTOMER, true);
    expect(view()).toMatchObject([{ state: 'blocks the business', off: true, blocked: true }]);
  });

  it('have something to read if a message was delivered and the phone is on', () => {
    receive('failed', {}, 1);
    expect(view()).toMatchObject([{ unread: false }]);
    directory.add(CUSTOMER);
    receive('m');
    expect(view()).toMatchObject([{ unread: true }]);
    phones.setOff(CUSTOMER, true);
    expect(view()).toMatchObject([{ unread: false }]);
    phones.setOff(CUSTOMER, false);
    phones.read(CUSTOMER);
    expect(view()).toMatchObject([{ unread: false }]);
  });
});

describe('a message on the page', () => {
  const shown = () => view()[0]?.messages;

  it('has only what it has', () => {
    directory.add(CUSTOMER);
    receive('m');
    phones.write(CUSTOMER, 'Hello');
    expect(shown()).toEqual([
      { id: 'm', at: clock.ms, text: 'Hi', own: false, state: 'read', choices: [] },
      { id: expect.any(String), at: clock.ms, text: 'Hello', own: true, choices: [] },
    ]);
  });

  it('has a header, buttons, and the request that sent it', () => {
    directory.add(CUSTOMER);
    phones.receive({
      ...{ id: 'm', to: CUSTOMER, at: 1, namespace: '', template: 't', language: 'en', parameters: [], text: 'Hi' },
      header: '[image] a.png',
      buttons: [
        { type: 'URL', text: 'Open', url: 'https://x.example' },
        { type: 'QUICK_REPLY', text: 'Later', payload: 'later' },
      ],
    });
    const entry = { id: 7, referenceId: 17 };
    expect(phonesView(phones, directory, new Map([['m', entry]]))[0]?.messages).toEqual([
      {
        ...{ id: 'm', at: 1, text: 'Hi', own: false, state: 'delivered', title: '[image] a.png', entry },
        choices: [
          { title: 'Open', answers: false, note: 'https://x.example' },
          { title: 'Later', answers: true },
        ],
      },
    ]);
  });

  it('says why it failed', () => {
    receive('m', {}, 131049);
    receive('n', {}, 0);
    expect(shown()).toMatchObject([
      { state: 'failed', note: '131049 Meta chose not to deliver: the customer does not see it' },
      { state: 'failed', note: '0 AuthException: the customer does not see it' },
    ]);
  });

  it('says what the host was told', () => {
    directory.add(CUSTOMER);
    const message = receive('m');
    message.told = [];
    expect(shown()).toMatchObject([{ note: 'the host was told nothing yet' }]);
    message.told = ['sent', 'delivered'];
    expect(shown()).toMatchObject([{ note: 'the host was told: sent, delivered' }]);
  });
});

describe('what a customer can do', () => {
  let changes = 0;
  const routes = () =>
    phoneRoutes(phones, () => {
      changes++;
    });
  const run = ({ params, body, answer, handle }: MockRoute, input: { params?: unknown; body?: unknown }): unknown =>
    answer.parse(handle({ params: params?.parse(input.params), body: body?.parse(input.body) }));
  const problemOf = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (error) {
      return error instanceof MockRouteError ? [error.status, error.message] : error;
    }
  };
  const params = { customer: CUSTOMER };

  it('changes the page each time', () => {
    directory.add(CUSTOMER);
    const { read, write, press, setOff, setBlocked } = routes();
    phones.receive({
      ...{ id: 'm', to: CUSTOMER, at: 1, namespace: '', template: 't', language: 'en', parameters: [], text: 'Hi' },
      buttons: [{ type: 'QUICK_REPLY', text: 'Later' }],
    });
    const before = changes;
    expect(run(read, { params })).toEqual({});
    expect(phones.of(CUSTOMER).messages).toMatchObject([{ state: 'read' }]);
    run(write, { params, body: { text: 'x'.repeat(4096) } });
    run(press, { params, body: { message: 'm', button: 'Later' } });
    run(setOff, { params, body: { off: true } });
    run(setBlocked, { params, body: { blocked: true } });
    expect(phones.of(CUSTOMER)).toMatchObject({ isOff: true, isBlocking: true, messages: { length: 3 } });
    expect(changes).toBe(before + 5);
  });

  it('can be impossible', () => {
    const { read, write } = routes();
    const before = changes;
    phones.setOff(CUSTOMER, true);
    expect(problemOf(() => run(read, { params }))).toEqual([400, 'the phone is off']);
    expect(problemOf(() => run(read, { params: { customer: 'Ann' } }))).toEqual([
      400,
      expect.stringMatching(/^path\.customer: 'Ann' is not in E\.164 format/),
    ]);
    for (const text of ['', 'x'.repeat(4097)]) expect(() => run(write, { params, body: { text } })).toThrow();
    expect(run(read, { params: { customer: 'US.1349' } })).toEqual({});
    phones.of = () => {
      throw new RangeError('broken');
    };
    expect(problemOf(() => run(read, { params }))).toBeInstanceOf(RangeError);
    expect(changes).toBe(before + 1);
  });

  it('takes nothing but its own values', () => {
    const { read, write, press, setOff, setBlocked } = routes();
    const more = { more: 1 };
    expect(() => run(read, { params: { ...params, ...more } })).toThrow();
    const bodies: [MockRoute, object][] = [
      [write, { text: 'a' }],
      [press, { message: 'm', button: 'b' }],
      [setOff, { off: true }],
      [setBlocked, { blocked: true }],
    ];
    for (const [route, body] of bodies) {
      expect(() => run(route, { params, body: {} })).toThrow();
      expect(() => run(route, { params, body: { ...body, ...more } })).toThrow();
    }
  });
});
