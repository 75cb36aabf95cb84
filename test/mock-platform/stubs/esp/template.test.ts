import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type EspMessage, EspRequest, KeyValueList, messageFromJson } from '#wire';
import { TemplateError } from '../../../../mock-platform/errors.js';
import { templates } from '../../../../mock-platform/stubs/esp/template.js';
import { anyMessage } from '../../../wire/arbitraries.js';

const message: EspMessage = {
  messageId: 500,
  referenceId: 17,
  request: KeyValueList.from({
    AppName: 'Billing',
    Service: 'Billing',
    Method: 'GetBalance',
    Parameters: {
      Account: '17',
      Amount: -5,
      Contact: { Name: 'Ann', Address: { City: 'Brest' } },
      'tkv.multibytes': 'false',
      Bytes: Buffer.from('ab'),
      Again: ['first', 'second'],
      Sly: '{{service}}',
    },
  }),
  userData: KeyValueList.from({ Segment: 'gold' }),
};

const rendered = (text: string, of: EspMessage = message): string => templates.parse(text)(new EspRequest(of));

describe('a template', () => {
  it.each([
    ['', ''],
    ['plain', 'plain'],
    ['{{service}}.{{method}} of {{appName}}', 'Billing.GetBalance of Billing'],
    ['{{ service }}', 'Billing'],
    ['{{referenceId}}', '17'],
    ['no account {{parameters.Account}}!', 'no account 17!'],
    ['{{parameters.Amount}}', '-5'],
    ['{{parameters.Contact.Name}} of {{parameters.Contact.Address.City}}', 'Ann of Brest'],
    ['{{parameters.tkv.multibytes}}', 'false'],
    ['{{parameters.Again}}', 'first'],
    ['{{userData.Segment}}', 'gold'],
    ['[{{parameters.Missing}}{{parameters.Account.Deeper}}{{userData.Missing}}]', '[]'],
    ['[{{parameters.Contact}}{{parameters.Bytes}}]', '[]'],
    ['{{parameters.Sly}}', '{{service}}'],
    ['{{braces}}service}}', '{{service}}'],
    ['{"a":{"b":1}}', '{"a":{"b":1}}'],
    ['{ {service} }', '{ {service} }'],
  ])('%j: %j', (text, expected) => expect(rendered(text)).toBe(expected));

  it('has a new id each time it uses one, and the time', () => {
    const [one, other] = rendered('{{uuid}} {{uuid}}').split(' ');
    expect(one).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(other).not.toBe(one);
    expect(rendered('{{now}}')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('is empty for values that the request does not have', () => {
    const bare = { messageId: 500, referenceId: undefined, request: undefined, userData: undefined };
    expect(rendered('[{{service}}{{method}}{{appName}}{{referenceId}}{{parameters.A}}{{userData.A}}]', bare)).toBe(
      '[]',
    );
  });

  it.each([
    ['{{paramters.Account}}', 'unknown reference {{paramters.Account}}; known references: service,'],
    ['{{}}', 'unknown reference {{}};'],
    ['{{parameters}}', 'unknown reference {{parameters}};'],
    ['{{parameters.}}', 'unknown reference {{parameters.}};'],
    ['{{Service}}', 'unknown reference {{Service}};'],
    ['{{constructor}}', 'unknown reference {{constructor}};'],
    ['ok {{service}} {{method', '{{ without }};'],
    ['{{service {{method}}', '{{ without }};'],
  ])('%j is wrong: it %s', (text, wrong) => {
    expect(() => templates.parse(text)).toThrow(TemplateError);
    expect(() => templates.parse(text)).toThrow(wrong);
  });
});

const part = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '{{',
    '}}',
    '{',
    'service',
    'uuid',
    'braces',
    'parameters.',
    'userData.',
    '{{parameters.',
    '{{service}}',
  ),
  fc.constantFrom('k', 'Key', '.', '{{parameters.Key}}', '{{userData.k.Key}}', '{{parameters.k.k.k}}'),
);
const texts = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));

describe('for any text and request', () => {
  it('a text is rejected with a TemplateError, or never fails', () => {
    fc.assert(
      fc.property(texts, anyMessage, (text, json) => {
        let template: ReturnType<typeof templates.parse>;
        try {
          template = templates.parse(text);
        } catch (error) {
          if (error instanceof TemplateError) return true;
          throw error;
        }
        return typeof template(new EspRequest(messageFromJson(json))) === 'string';
      }),
      { numRuns: 1000 },
    );
  });
});
