import { describe, expect, it } from '@jest/globals';
import {
  type InboundReport,
  inboundBody,
  type StatusReport,
  statusBody,
} from '../../../../../plugins/messaging/mock/cloud/webhook-body.js';

const BUSINESS = { businessAccountId: '1029', phoneNumberId: '1064', registeredNumber: '+919876543210' };
const BY_NUMBER = { number: '+16315551002', userId: 'US.17' };
const BY_ID = { number: undefined, userId: 'US.1349' };
const AT = 1_700_000_000_999;

/** The value of the only change of a body as JSON, with what is around it checked. */
function changeOf(body: object): Record<string, unknown> {
  const { entry, ...rest } = JSON.parse(JSON.stringify(body));
  expect(rest).toEqual({ object: 'whatsapp_business_account' });
  expect(entry).toEqual([{ id: '1029', changes: [{ field: 'messages', value: expect.any(Object) }] }]);
  const { messaging_product: product, metadata, ...value } = entry[0].changes[0].value;
  expect(product).toBe('whatsapp');
  expect(metadata).toEqual({ display_phone_number: '919876543210', phone_number_id: '1064' });
  return value;
}

describe('the webhook of a status', () => {
  const status = (more: Partial<StatusReport>) => {
    const report = { id: 'wamid.1', status: 'sent', at: AT, customer: BY_NUMBER, isByUserId: false };
    return changeOf(statusBody(BUSINESS, { ...report, reference: undefined, category: 'MARKETING', ...more }));
  };
  const pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'marketing' };
  const id = expect.stringMatching(/^[\da-f]{32}$/);
  const contact = { profile: { name: 'Customer 1002' }, wa_id: '16315551002', user_id: 'US.17' };
  const ids = { id: 'wamid.1', timestamp: '1700000000', recipient_id: '16315551002', recipient_user_id: 'US.17' };

  it('sent has the price, and when the conversation expires', () => {
    expect(status({ reference: 'r' })).toEqual({
      contacts: [contact],
      statuses: [
        {
          ...{ ...ids, status: 'sent', biz_opaque_callback_data: 'r', pricing },
          conversation: { id, expiration_timestamp: '1700086400', origin: { type: 'marketing' } },
        },
      ],
    });
  });

  it('delivered has the price', () => {
    expect(status({ status: 'delivered' })).toEqual({
      contacts: [contact],
      statuses: [{ ...ids, status: 'delivered', pricing, conversation: { id, origin: { type: 'marketing' } } }],
    });
  });

  it('read has no price', () => {
    expect(status({ status: 'read' })).toEqual({ contacts: [contact], statuses: [{ ...ids, status: 'read' }] });
  });

  it('of one message has one conversation', () => {
    const conversationOf = (more: Partial<StatusReport>) =>
      (status(more).statuses as [{ conversation: { id: string } }])[0].conversation.id;
    expect(conversationOf({ status: 'delivered' })).toBe(conversationOf({}));
    expect(conversationOf({ id: 'wamid.2' })).not.toBe(conversationOf({}));
  });

  it.each([
    [131026, 131026, 'Message undeliverable'],
    [undefined, 131000, 'Something went wrong'],
  ])('failed with code %s says only the number, and why', (code, told, title) => {
    const { recipient_user_id: _none, ...number } = ids;
    expect(status({ status: 'failed', code, reference: 'r' })).toEqual({
      statuses: [
        {
          ...{ ...number, status: 'failed', biz_opaque_callback_data: 'r' },
          errors: [
            {
              ...{ code: told, title, message: title, error_data: { details: `${title}: reported by the mock` } },
              href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
            },
          ],
        },
      ],
    });
  });

  it('of a message to a user id has no number, even if it is known', () => {
    const byId = { customer: BY_NUMBER, isByUserId: true };
    const about = { id: 'wamid.1', timestamp: '1700000000', recipient_user_id: 'US.17' };
    expect(status({ ...byId, status: 'read' })).toEqual({
      contacts: [{ profile: { name: 'Customer 1002' }, user_id: 'US.17' }],
      statuses: [{ ...about, status: 'read' }],
    });
    expect(status({ ...byId, status: 'failed' })).toEqual({
      statuses: [{ ...about, status: 'failed', errors: [expect.objectContaining({ code: 131000 })] }],
    });
    expect(status({ customer: BY_ID, isByUserId: true, status: 'read' })).toMatchObject({
      contacts: [{ profile: { name: 'Customer 1349' }, user_id: 'US.1349' }],
    });
  });
});

describe('the webhook of a message of a customer', () => {
  const inbound = (more: Partial<InboundReport>) =>
    changeOf(inboundBody(BUSINESS, { id: 'wamid.2', at: AT, customer: BY_NUMBER, text: 'Hello', ...more }));

  it('has the text', () => {
    expect(inbound({})).toEqual({
      contacts: [{ profile: { name: 'Customer 1002' }, wa_id: '16315551002', user_id: 'US.17' }],
      messages: [
        {
          ...{ from: '16315551002', from_user_id: 'US.17', id: 'wamid.2', timestamp: '1700000000' },
          ...{ type: 'text', text: { body: 'Hello' } },
        },
      ],
    });
  });

  it('has the button that was pressed, and the message that it belongs to', () => {
    expect(inbound({ customer: BY_ID, answered: { id: 'wamid.1', payload: 'later' } })).toEqual({
      contacts: [{ profile: { name: 'Customer 1349' }, user_id: 'US.1349' }],
      messages: [
        {
          ...{ from_user_id: 'US.1349', id: 'wamid.2', timestamp: '1700000000' },
          context: { from: '919876543210', id: 'wamid.1' },
          ...{ type: 'button', button: { payload: 'later', text: 'Hello' } },
        },
      ],
    });
  });
});
