import { beforeEach, describe, expect, it } from '@jest/globals';
import { Reports, type SentRequest } from '../../../../../plugins/messaging/mock/cloud/reports.js';
import type { Behaviour, Webhook, Webhooks } from '../../../../../plugins/messaging/mock/cloud/webhooks.js';
import { Phone, type PhoneMessage } from '../../../../../plugins/messaging/mock/phones/phone.js';
import { Clock } from '../harness.js';

const BUSINESS = { businessAccountId: '1029', phoneNumberId: '1064', registeredNumber: '+919876543210' };
const CUSTOMER = { number: '+16315551002', userId: 'US.17' };
const clock = new Clock();
let sent: { webhooks: readonly Webhook[]; behaviour: Behaviour | undefined }[];
let reports: Reports;
let phone: Phone;

beforeEach(() => {
  sent = [];
  phone = new Phone(CUSTOMER);
  const webhooks: Pick<Webhooks, 'send'> = { send: (some, behaviour) => sent.push({ webhooks: some, behaviour }) };
  reports = new Reports(BUSINESS, webhooks as Webhooks, clock.now);
});

const message = (more: Partial<PhoneMessage> = {}): PhoneMessage =>
  phone.add({ id: 'm', at: clock.ms, from: 'business', text: '', state: 'delivered', ...more });
const request = (more: Partial<SentRequest> = {}): SentRequest => ({
  ...{ reference: 'r', category: 'UTILITY', isByUserId: false, behaviour: {}, ...more },
});
const about = () => sent.map(({ webhooks }) => webhooks.map((one) => one.about));
const of = (event: string) => ({ event, customer: '+16315551002', message: 'm' });
/** The first status or message of each body. */
const bodies = () =>
  sent.flatMap(({ webhooks }) =>
    webhooks.map(({ body }) => {
      const { statuses, messages } = JSON.parse(JSON.stringify(body)).entry[0].changes[0].value;
      return (statuses ?? messages)[0];
    }),
  );

describe('a message of the business', () => {
  it('that was delivered has been sent before', () => {
    const behaviour = { twice: true };
    reports.sent(phone, message(), request({ behaviour }));
    expect(about()).toEqual([[of('sent'), of('delivered')]]);
    expect(sent[0]?.behaviour).toBe(behaviour);
    expect(bodies()).toMatchObject([
      { id: 'm', status: 'sent', recipient_id: '16315551002', biz_opaque_callback_data: 'r' },
      { id: 'm', status: 'delivered', pricing: { category: 'utility' } },
    ]);
    expect(Number(bodies()[0].timestamp)).toBe(Math.floor(clock.ms / 1000));
  });

  it.each(['sent', 'failed'] as const)('that is %s is reported so', (state) => {
    reports.sent(phone, message({ state, code: 131049 }), request());
    expect(about()).toEqual([[of(state)]]);
    expect(bodies()).toMatchObject([state === 'failed' ? { errors: [{ code: 131049 }] } : { status: 'sent' }]);
  });

  it('is reported again when its state changes, as its request demands', () => {
    const one = message();
    const behaviour = { hold: true };
    reports.sent(phone, one, request({ isByUserId: true, behaviour }));
    one.state = 'read';
    reports.status(phone, one);
    expect(about()[1]).toEqual([of('read')]);
    expect(sent[1]?.behaviour).toBe(behaviour);
    expect(bodies()[2]).not.toHaveProperty('recipient_id');
  });

  it('has no webhooks if Cloud API did not send it, or the mock was reset', () => {
    const one = message();
    reports.status(phone, one);
    reports.sent(phone, one, request());
    reports.clear();
    reports.status(phone, one);
    expect(sent).toHaveLength(1);
  });

  it('knows what the host has accepted, once each', () => {
    const one = message();
    expect(one.told).toBeUndefined();
    reports.sent(phone, one, request());
    expect(one.told).toEqual([]);
    const [first, second] = sent[0]?.webhooks ?? [];
    for (const webhook of [first, first, second]) webhook?.accepted?.();
    expect(one.told).toEqual(['sent', 'delivered']);
  });
});

describe('a message of a customer', () => {
  const buttons = [
    { type: 'QUICK_REPLY', text: 'Later', payload: 'later' },
    { type: 'QUICK_REPLY', text: 'Now' },
  ];
  const written = (text: string) => message({ from: 'customer', state: 'received', text });

  it('is reported with its own time', () => {
    const one = written('Hello');
    clock.ms += 60_000;
    reports.wrote(phone, one, undefined);
    expect([about(), sent[0]?.behaviour]).toEqual([[[of('message')]], undefined]);
    expect(bodies()).toMatchObject([{ id: 'm', type: 'text', text: { body: 'Hello' } }]);
    expect(Number(bodies()[0].timestamp)).toBe(Math.floor(one.at / 1000));
    // Nobody asks what the host was told about it.
    sent[0]?.webhooks[0]?.accepted?.();
    expect(one.told).toBeUndefined();
  });

  it.each([
    ['Later', 'later'],
    ['Now', 'Now'],
  ])('that presses %s says %s', (text, payload) => {
    reports.wrote(phone, written(text), message({ id: 'asked', buttons }));
    expect(bodies()).toMatchObject([{ type: 'button', button: { payload, text }, context: { id: 'asked' } }]);
  });

  it('may answer a message without buttons', () => {
    reports.wrote(phone, written('Yes'), message({ id: 'asked' }));
    expect(bodies()).toMatchObject([{ button: { payload: 'Yes', text: 'Yes' } }]);
  });
});
