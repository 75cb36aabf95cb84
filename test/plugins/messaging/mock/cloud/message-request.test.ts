import { describe, expect, it } from '@jest/globals';
import { readMessageRequest } from '../../../../../plugins/messaging/mock/cloud/message-request.js';

const CUSTOMER = '+16315551002';
const body = (...values: string[]) => ({ type: 'body', parameters: values.map((text) => ({ type: 'text', text })) });

const message = (to: object, template: object = {}, more: object = {}) => ({
  ...{ messaging_product: 'whatsapp', ...to, type: 'template' },
  template: { name: 'hello', language: { code: 'en' }, components: [body('Ann')], ...template },
  ...more,
});
const read = (json: object) => readMessageRequest(JSON.stringify(json));

function problemOf(json: object): unknown {
  try {
    return read(json);
  } catch (error) {
    return error;
  }
}

describe('the body of a message', () => {
  it('has what is to be sent', () => {
    const components = [
      body('Ann'),
      { type: 'header', parameters: [{ type: 'image', image: { id: '5' } }] },
      { type: 'button', sub_type: 'url', index: '9', more: 1 },
    ];
    const language = { code: 'en', policy: 'deterministic' };
    const more = { biz_opaque_callback_data: 'x'.repeat(512), recipient_type: 'individual', more: 1 };
    expect(read(message({ to: '16315551002' }, { language, components }, more))).toEqual({
      ...{ input: '16315551002', to: CUSTOMER, name: 'hello', language: 'en', reference: 'x'.repeat(512) },
      components: [components[0], components[1], { ...components[2], index: 9, parameters: [] }],
    });
    expect(read(message({ to: CUSTOMER }, { components: undefined }))).toEqual({
      ...{ input: CUSTOMER, to: CUSTOMER, name: 'hello', language: 'en', reference: undefined, components: [] },
    });
  });

  it.each([
    [{ to: '12345' }, '12345', '+12345'],
    [{ to: '1'.repeat(20) }, '1'.repeat(20), `+${'1'.repeat(20)}`],
    [{ recipient: 'US.1349' }, 'US.1349', 'US.1349'],
    [{ to: CUSTOMER, recipient: 'US.1349' }, CUSTOMER, CUSTOMER],
  ])('goes to %j', (recipient, input, to) => {
    expect(read(message(recipient))).toMatchObject({ input, to });
  });

  it('is an error if it is not JSON', () => {
    expect(() => readMessageRequest('{')).toThrow(
      expect.objectContaining({ number: 100, details: 'the body is not JSON' }),
    );
  });

  it.each<[string, object, number, string]>([
    ['no product', message({ messaging_product: undefined }), 131008, 'messaging_product: '],
    ['another product', message({ messaging_product: 'sms' }), 131009, 'messaging_product: '],
    ['a group', message({ to: CUSTOMER, recipient_type: 'group' }), 131009, 'recipient_type: '],
    ['four digits', message({ to: '1234' }), 131009, 'to: '],
    ['21 digits', message({ to: '1'.repeat(21) }), 131009, 'to: '],
    ['something around a number', message({ to: `to ${CUSTOMER}` }), 131009, 'to: '],
    ['something behind a number', message({ to: `${CUSTOMER} ` }), 131009, 'to: '],
    ['no user id', message({ recipient: 'Ann' }), 131009, 'recipient: '],
    ['an empty name', message({ to: CUSTOMER }, { name: '' }), 131009, 'template.name: '],
    ['no language', message({ to: CUSTOMER }, { language: undefined }), 131008, 'template.language: '],
    ['an empty language', message({ to: CUSTOMER }, { language: { code: '' } }), 131009, 'template.language.code: '],
    [
      'another policy',
      message({ to: CUSTOMER }, { language: { code: 'en', policy: 'fallback' } }),
      131009,
      'template.language.policy: ',
    ],
    [
      'a footer',
      message({ to: CUSTOMER }, { components: [{ type: 'footer' }] }),
      131009,
      'template.components.0.type: ',
    ],
    [
      'button 10',
      message({ to: CUSTOMER }, { components: [{ type: 'button', index: 10 }] }),
      131009,
      'template.components.0.index: ',
    ],
    [
      'button -1',
      message({ to: CUSTOMER }, { components: [{ type: 'button', index: -1 }] }),
      131009,
      'template.components.0.index: ',
    ],
    [
      'an empty parameter',
      message({ to: CUSTOMER }, { components: [body('')] }),
      131009,
      'template.components.0.parameters.0.text: ',
    ],
    [
      'a parameter without a type',
      message({ to: CUSTOMER }, { components: [{ type: 'body', parameters: [{ text: 'a' }] }] }),
      131008,
      'template.components.0.parameters.0.type: ',
    ],
    [
      '513 characters for webhooks',
      message({ to: CUSTOMER }, {}, { biz_opaque_callback_data: 'x'.repeat(513) }),
      131009,
      'biz_opaque_callback_data: ',
    ],
    [
      'another type',
      message({ to: CUSTOMER }, {}, { type: 'image' }),
      131051,
      'type: image is not supported: only template is',
    ],
    [
      'no type',
      message({ to: CUSTOMER }, {}, { type: undefined }),
      131051,
      'type: text is not supported: only template is',
    ],
    ['no recipient', message({}), 131008, 'to: missing, and so is recipient'],
    ['no template', message({ to: CUSTOMER }, {}, { template: undefined }), 131008, 'template: missing'],
    ['an array', [], 131009, ': '],
  ])('is an error with %s', (_what, json, code, details) => {
    expect(problemOf(json)).toMatchObject({
      ...{ number: code, details: expect.stringMatching(`^${details.replaceAll('.', '\\.')}`) },
    });
  });
});
