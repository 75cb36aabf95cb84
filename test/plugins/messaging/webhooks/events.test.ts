import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseWebhook, type WhatsAppEvent } from '../../../../plugins/messaging/webhooks/events.js';

const PHONE = '106540352242922';
const ACCOUNT = '102290129340398';
const WAMID = 'wamid.HBgLMTYzMTU1NTEwMDIVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA';

const METADATA = { display_phone_number: '919876543210', phone_number_id: PHONE };
const webhook = (...changes: unknown[]) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: ACCOUNT, time: 1764300000, changes }],
});
const messages = (value: object) => ({ field: 'messages', value: { metadata: METADATA, ...value } });
const status = (given: object = {}) => ({ id: WAMID, status: 'sent', timestamp: '1764300000', ...given });
const dataOf = (json: unknown): WhatsAppEvent[] => parseWebhook(json).events.map(({ data }) => data);

describe('a status', () => {
  it('has its message, its customer and our reference', () => {
    const sent = status({
      recipient_id: '16315551002',
      recipient_user_id: 'US.13491208655302741918',
      biz_opaque_callback_data: 'ref-17',
      conversation: { id: 'c1' },
      pricing: { billable: true },
    });
    expect(parseWebhook(webhook(messages({ statuses: [sent] })))).toEqual({
      ignored: [],
      events: [
        {
          id: `${PHONE} sent ${WAMID}`,
          key: `${PHONE} ${WAMID}`,
          data: {
            type: 'status',
            phoneNumberId: PHONE,
            messageId: WAMID,
            status: 'sent',
            at: 1764300000,
            customer: { number: '16315551002', userId: 'US.13491208655302741918' },
            reference: 'ref-17',
            errors: [],
          },
        },
      ],
    });
  });

  it('that failed has its errors', () => {
    const errors = [
      { code: 131026, title: 'Message undeliverable', message: 'No', error_data: { details: 'Not on WhatsApp' } },
      { code: 131049, title: 'Cap' },
      { code: 'x' },
    ];
    expect(dataOf(webhook(messages({ statuses: [status({ status: 'failed', errors })] })))).toMatchObject([
      {
        status: 'failed',
        errors: [{ code: 131026, text: 'Not on WhatsApp' }, { code: 131049, text: 'Cap' }, { code: 0 }],
      },
    ]);
  });

  it('takes from its contact what it omits', () => {
    const [one, other] = [
      { wa_id: '16315551002', user_id: 'US.1' },
      { wa_id: '12195555358', user_id: 'US.2' },
    ];
    const customers = (contacts: object[], ...statuses: object[]) =>
      dataOf(webhook(messages({ contacts, statuses }))).map((data) => 'customer' in data && data.customer);
    expect(customers([one], status())).toEqual([{ number: '16315551002', userId: 'US.1' }]);
    expect(customers([one, other], status())).toEqual([{ number: undefined, userId: undefined }]);
    expect(customers([one], status(), status({ recipient_id: '12195555358' }))).toEqual([
      { number: undefined, userId: undefined },
      { number: '12195555358', userId: undefined },
    ]);
    expect(
      customers([{ wa_id: '16315551002', user_id: 'US.first' }, one], status({ recipient_id: '16315551002' })),
    ).toEqual([{ number: '16315551002', userId: 'US.first' }]);
    expect(customers([{}, other], status())).toEqual([{ number: undefined, userId: undefined }]);
    expect(customers([{ user_id: 'US.1' }, {}], status(), status({ recipient_user_id: 'US.3' }))).toEqual([
      { number: undefined, userId: undefined },
      { number: undefined, userId: 'US.3' },
    ]);
    expect(
      customers([one, other], status({ recipient_id: '12195555358' }), status({ recipient_user_id: 'US.1' })),
    ).toEqual([
      { number: '12195555358', userId: 'US.2' },
      { number: '16315551002', userId: 'US.1' },
    ]);
  });

  it('has no customer and no reference if it names none in the documented form', () => {
    const numbers = [
      '1234',
      '123456789012345678901',
      '+16315551002',
      '16315551002 ',
      'x16315551002',
      16315551002,
      null,
    ];
    for (const recipient_id of numbers)
      expect(dataOf(webhook(messages({ statuses: [status({ recipient_id })] })))).toMatchObject([
        { customer: { number: undefined, userId: undefined } },
      ]);
    for (const biz_opaque_callback_data of ['', 5, null, undefined])
      expect(dataOf(webhook(messages({ statuses: [status({ biz_opaque_callback_data })] })))).toMatchObject([
        { reference: undefined },
      ]);
  });

  it('has numbers of 5 to 20 digits, ids of up to 256 characters, and a reference of up to 512', () => {
    const of = (given: object) => dataOf(webhook(messages({ statuses: [status(given)] })))[0];
    for (const recipient_id of ['12345', '12345678901234567890'])
      expect(of({ recipient_id })).toMatchObject({ customer: { number: recipient_id } });
    expect(of({ id: 'a'.repeat(256) })).toMatchObject({ messageId: 'a'.repeat(256) });
    expect(of({ id: 4711 })).toMatchObject({ messageId: '4711' });
    for (const length of [512, 513])
      expect(of({ biz_opaque_callback_data: 'r'.repeat(length) })).toMatchObject({ reference: 'r'.repeat(512) });
  });

  it.each([
    ['1764300000', 1764300000],
    [1764300000, 1764300000],
    ['1', 1],
    ['0', 0],
    ['-1', 0],
    ['1.5', 0],
    ['1e300', 0],
    ['soon', 0],
    [undefined, 0],
  ])('at %j happened at %i', (timestamp, at) => {
    expect(dataOf(webhook(messages({ statuses: [status({ timestamp })] })))).toMatchObject([{ at }]);
  });

  it('has ten errors at most, each with a text of up to 300 characters', () => {
    const errorsOf = (...errors: unknown[]) => {
      const [data] = dataOf(webhook(messages({ statuses: [status({ status: 'failed', errors })] })));
      return data !== undefined && 'errors' in data ? data.errors : undefined;
    };
    const error = (code: number) => ({ code, title: 't' });
    expect(errorsOf(...Array.from({ length: 11 }, (_, code) => error(code)))?.map(({ code }) => code)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(errorsOf({ code: 1, message: 'm'.repeat(301), title: 't' })).toEqual([{ code: 1, text: 'm'.repeat(300) }]);
    expect(errorsOf({ code: 1.5, error_data: [] }, 'x')).toEqual([
      { code: 0, text: undefined },
      { code: 0, text: undefined },
    ]);
  });

  it.each([
    ['unknown', status({ status: 'played' }), 'status'],
    ['with an empty id', status({ id: '' }), 'form'],
    ['with a fraction as id', status({ id: 1.5 }), 'form'],
    ['without an id', status({ id: undefined }), 'form'],
    ['with a long id', status({ id: 'a'.repeat(257) }), 'form'],
  ])('%s is ignored, others are not', (_what, wrong, reason) => {
    const { events, ignored } = parseWebhook(webhook(messages({ statuses: [wrong, status({ status: 'read' })] })));
    expect([events.map(({ id }) => id), ignored]).toEqual([[`${PHONE} read ${WAMID}`], [reason]]);
  });
});

describe('a message', () => {
  it('of a customer has no content', () => {
    const message = { from: '16315551002', id: WAMID, timestamp: '1764300000', type: 'text', text: { body: 'Hello' } };
    const { events } = parseWebhook(webhook(messages({ messages: [message] })));
    expect(events).toEqual([
      {
        id: `${PHONE} message ${WAMID}`,
        key: `${PHONE} 16315551002`,
        data: {
          type: 'message',
          phoneNumberId: PHONE,
          messageId: WAMID,
          at: 1764300000,
          customer: { number: '16315551002', userId: undefined },
          kind: 'text',
        },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('Hello');
  });

  it('is one customer of a webhook only if it has no status beside', () => {
    const message = { id: WAMID, timestamp: '1764300000', type: 'text' };
    const contacts = [{ wa_id: '16315551002' }];
    const customers = (value: object) =>
      dataOf(webhook(messages({ contacts, ...value }))).map((data) => 'customer' in data && data.customer.number);
    expect(customers({ messages: [message] })).toEqual(['16315551002']);
    expect(customers({ messages: [message], statuses: [status()] })).toEqual([undefined, undefined]);
  });

  it('without a customer and a type has the key of its own id', () => {
    const { events } = parseWebhook(webhook(messages({ messages: [{ id: WAMID }, { id: 'wamid.2', type: '' }] })));
    expect(events).toMatchObject([
      { key: `${PHONE} ${WAMID}`, data: { kind: 'unknown', at: 0 } },
      { key: `${PHONE} wamid.2`, data: { kind: 'unknown' } },
    ]);
    const long = { id: WAMID, type: 'k'.repeat(41) };
    expect(dataOf(webhook(messages({ messages: [long] })))).toMatchObject([{ kind: 'k'.repeat(40) }]);
  });

  it('without an id is ignored', () => {
    expect(parseWebhook(webhook(messages({ messages: [{ from: '16315551002', type: 'text' }] })))).toEqual({
      events: [],
      ignored: ['form'],
    });
  });

  it('without a number has the user id', () => {
    const message = { from_user_id: 'US.1', id: WAMID, type: 'image' };
    const { events } = parseWebhook(webhook(messages({ messages: [message] })));
    expect(events).toMatchObject([{ key: `${PHONE} US.1`, data: { kind: 'image', customer: { userId: 'US.1' } } }]);
  });

  it.each([
    [
      'number',
      { from: '16315551002', system: { type: 'user_changed_number', wa_id: '12195555358' } },
      { before: { number: '16315551002' }, after: { number: '12195555358' } },
    ],
    [
      'number, of two the new one',
      { from: '16315551002', system: { wa_id: '12195555358', new_wa_id: '15162837151' } },
      { before: { number: '16315551002', userId: undefined }, after: { number: '15162837151', userId: undefined } },
    ],
    [
      'user id, whose former one is that of the message',
      { from_user_id: 'US.1', system: { user_id: 'US.2' } },
      { before: { userId: 'US.1' }, after: { number: undefined, userId: 'US.2' } },
    ],
    ['thing that is unknown', { system: 'x' }, { before: {}, after: {} }],
    [
      'user id',
      { system: { type: 'user_changed_user_id', previous_user_id: 'US.1', user_id: 'US.2' } },
      { before: { userId: 'US.1' }, after: { userId: 'US.2' } },
    ],
  ])('of the system reports another %s', (_what, given, changed) => {
    const message = { id: WAMID, timestamp: '1764300000', type: 'system', ...given };
    expect(dataOf(webhook(messages({ messages: [message] })))).toMatchObject([
      { type: 'customer-changed', ...changed },
    ]);
  });
});

describe('a change of the account', () => {
  it.each([
    [
      'message_template_status_update',
      { event: 'PAUSED', message_template_id: 1, message_template_name: 'hello', message_template_language: 'en_US' },
      { type: 'template', event: 'PAUSED', template: { name: 'hello', language: 'en_US' } },
    ],
    ['template_category_update', { new_category: 'MARKETING' }, { type: 'template', event: 'MARKETING' }],
    ['account_update', { event: 'DISABLED_UPDATE' }, { type: 'account', event: 'DISABLED_UPDATE' }],
    ['phone_number_quality_update', { event: 'FLAGGED' }, { type: 'account', event: 'FLAGGED' }],
  ])('%s is an event', (field, value, event) => {
    const want = { businessAccountId: ACCOUNT, field, at: 1764300000, ...event };
    expect(dataOf(webhook({ field, value }))).toMatchObject([want]);
  });

  it.each([
    ['message_template_status_update', 'template'],
    ['message_template_quality_update', 'template'],
    ['message_template_components_update', 'template'],
    ['template_category_update', 'template'],
    ['account_update', 'account'],
    ['account_alerts', 'account'],
    ['account_review_update', 'account'],
    ['business_capability_update', 'account'],
    ['phone_number_name_update', 'account'],
    ['phone_number_quality_update', 'account'],
    ['security', 'account'],
  ])('of the field %s is one of the %s', (field, type) => {
    const { events, ignored } = parseWebhook(webhook({ field, value: {} }));
    const data = { type, businessAccountId: ACCOUNT, field, at: 1764300000 };
    expect(events).toEqual([
      {
        id: expect.stringMatching(new RegExp(`^${ACCOUNT} ${field} 1764300000 [\\w-]{43}$`)),
        key: `${ACCOUNT} ${field}`,
        data,
      },
    ]);
    expect(ignored).toEqual([]);
  });

  it.each([
    [{ event: 'A', decision: 'B', new_quality_score: 'C', new_category: 'D', alert_type: 'E' }, { event: 'A' }],
    [{ decision: 'B', new_quality_score: 'C', new_category: 'D', alert_type: 'E' }, { event: 'B' }],
    [{ new_quality_score: 'C', new_category: 'D', alert_type: 'E' }, { event: 'C' }],
    [{ new_category: 'D', alert_type: 'E' }, { event: 'D' }],
    [{ alert_type: 'E' }, { event: 'E' }],
    [{ reason: 'why', alert_description: 'other' }, { reason: 'why' }],
    [{ alert_description: 'what' }, { reason: 'what' }],
    [{ message_template_language: 'en' }, { template: undefined }],
    [{ message_template_name: 'hello' }, { template: { name: 'hello', language: undefined } }],
    [{ event: 'e'.repeat(301) }, { event: 'e'.repeat(300) }],
  ])('%j says %j', (value, event) => {
    const given = { type: 'account', businessAccountId: ACCOUNT, field: 'account_update', at: 1764300000 };
    expect(dataOf(webhook({ field: 'account_update', value }))).toEqual([{ ...given, ...event }]);
  });

  it('has the same id whenever it is sent, and another one if it differs', () => {
    const idOf = (event: string) => parseWebhook(webhook({ field: 'account_update', value: { event } })).events[0]?.id;
    expect(idOf('A')).toBe(idOf('A'));
    expect(idOf('A')).not.toBe(idOf('B'));
  });
});

describe('what is not known', () => {
  it.each([
    ['another object', { object: 'page', entry: [] }, ['form']],
    ['no object', null, ['form']],
    ['a list', [], ['form']],
    ['no list of entries', { object: 'whatsapp_business_account', entry: {} }, ['form']],
    ['another object with changes', { ...webhook({ field: 'security', value: {} }), object: 'page' }, ['form']],
    ['an unknown field', webhook({ field: 'flows', value: {} }), ['field']],
    ['messages without a phone number', webhook({ field: 'messages', value: {} }), ['form']],
    [
      'an entry without an id',
      { object: 'whatsapp_business_account', entry: [{ changes: [{ field: 'security' }] }] },
      ['form'],
    ],
    ['no changes', { object: 'whatsapp_business_account', entry: [{}, 5, null] }, []],
  ])('%s is ignored', (_what, json, ignored) => {
    expect(parseWebhook(json)).toEqual({ events: [], ignored });
  });

  it('nested too deep is ignored', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 200_000; depth++) value = [value];
    const sent = webhook({ field: 'account_update', value: { event: value } }, messages({ statuses: [status()] }));
    expect(parseWebhook(sent)).toMatchObject({ ignored: ['form'], events: [{ id: `${PHONE} sent ${WAMID}` }] });
  });

  it('with as many contacts and statuses as fit into a body takes linear time', () => {
    const numbers = Array.from({ length: 100_000 }, (_, index) => String(16315550000 + index));
    const contacts = numbers.map((wa_id) => ({ wa_id, user_id: `US.${wa_id}` }));
    const statuses = numbers.map((number) => ({ id: `wamid.${number}`, status: 'sent', recipient_id: number }));
    const [last] = dataOf(webhook(messages({ contacts, statuses }))).slice(-1);
    expect(last).toMatchObject({ customer: { number: '16315649999', userId: 'US.16315649999' } });
  });

  it('never throws, and gives only events that can be stored', () => {
    const names = ['object', 'entry', 'changes', 'field', 'value', 'metadata', 'statuses', 'messages', 'id', 'status'];
    const leaf = fc.oneof(
      fc.constantFrom('whatsapp_business_account', 'messages', 'sent', 'security', PHONE, WAMID),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 8, withCrossShrink: true },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names, 'phone_number_id', 'contacts', 'errors', 'system'), tie('tree')),
      ),
    }));
    const anything = fc.oneof(
      tree,
      tree.map((value) => webhook({ field: 'messages', value })),
      tree.map((value) => webhook(messages({ statuses: [value], messages: value, contacts: value }))),
    );
    fc.assert(
      fc.property(anything, (json) => {
        for (const { id, key, data } of parseWebhook(json).events) {
          expect([id.length, (key ?? '').length].every((length) => length > 0 && length <= 1000)).toBe(true);
          expect(JSON.stringify(data).length).toBeLessThan(6000);
        }
      }),
      { numRuns: 500 },
    );
  });
});
