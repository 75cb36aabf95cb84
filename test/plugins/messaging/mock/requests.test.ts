import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../../../../plugins/messaging/mock/api-error.js';
import { contactsIn, readContactsRequest, readMessagesRequest } from '../../../../plugins/messaging/mock/requests.js';

/** Kind and details of the error that reading throws. */
function problemOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof ApiError ? `${error.kind}: ${error.details}` : error;
  }
}

describe('the body of POST /v1/contacts', () => {
  it.each<[object, object]>([
    [{ contacts: ['a'] }, { blocking: 'no_wait', contacts: ['a'], forceCheck: false }],
    [
      { contacts: ['a', 'b'], blocking: 'wait', force_check: true, more: 1 },
      { blocking: 'wait', contacts: ['a', 'b'], forceCheck: true },
    ],
  ])('%j', (given, expected) => {
    expect(readContactsRequest(JSON.stringify(given))).toEqual(expected);
    expect(contactsIn(JSON.stringify(given))).toEqual((given as { contacts: string[] }).contacts);
  });

  it.each<[string, string]>([
    ['  ', 'parameterMissing: contacts: must be an array of phone numbers'],
    ['{}', 'parameterMissing: contacts: must be an array of phone numbers'],
    ['{"contacts":"a"}', 'parameterNotValid: contacts: must be an array of phone numbers, not string'],
    ['{"contacts":null}', 'parameterNotValid: contacts: must be an array of phone numbers, not null'],
    ['{"contacts":[]}', 'parameterNotValid: contacts: must have at least one phone number'],
    ['{"contacts":["a",1]}', 'parameterNotValid: contacts[1]: must be a string, not number'],
    ['{"contacts":[["a"]]}', 'parameterNotValid: contacts[0]: must be a string, not an array'],
    ['{"contacts":["a"],"blocking":"yes"}', 'parameterNotValid: blocking: must be "wait" or "no_wait", not "yes"'],
    ['{"contacts":["a"],"force_check":1}', 'parameterNotValid: force_check: must be true or false, not number'],
    ['[]', 'parameterNotValid: body: must be a JSON object, not an array'],
    ['null', 'parameterNotValid: body: must be a JSON object, not null'],
    ['17', 'parameterNotValid: body: must be a JSON object, not number'],
  ])('is refused: %s', (body, problem) => expect(problemOf(() => readContactsRequest(body))).toBe(problem));

  it('is refused if it is not JSON', () => {
    expect(problemOf(() => readContactsRequest('{'))).toMatch(/^invalidRequest: body: invalid JSON: ./);
  });

  it.each([
    ['{"contacts":["a",1,"b"]}', ['a', 'b']],
    ['{"contacts":"a"}', []],
    ['{', []],
    ['', []],
  ])('of %j shows the contacts %j', (body, contacts) => expect(contactsIn(body)).toEqual(contacts));
});

describe('the body of POST /v1/messages', () => {
  const text = (value: unknown) => ({ type: 'text', text: value });
  const template = (more: object = {}) => ({
    ...{ namespace: 'n', name: 'hello', language: { code: 'en', policy: 'fallback' }, ...more },
  });
  const message = (more: object = {}) => ({ to: '16315551002', type: 'template', template: template(), ...more });
  const read = (body: object) => readMessagesRequest(JSON.stringify(body));

  it('has the parameters of the body alone', () => {
    const components = [
      { type: 'header', parameters: [text('picture')] },
      { type: 'body', parameters: [text('Ann'), { type: 'currency', currency: { fallback_value: '$10' } }] },
      { type: 'body' },
      { type: 'footer' },
      { type: 'body', parameters: [{ type: 'date_time', date_time: { fallback_value: 'noon' } }] },
      { type: 'button', parameters: [text('no')] },
    ];
    const expected = { to: '16315551002', namespace: 'n', name: 'hello', language: 'en', parameters: [] };
    expect(read(message({ template: template({ components }) }))).toEqual({
      ...expected,
      parameters: ['Ann', '$10', 'noon'],
    });
    expect(read(message())).toEqual(expected);
  });

  const component = (one: object) => message({ template: template({ components: [one] }) });
  const parameter = (one: object) => component({ type: 'body', parameters: [one] });
  const language = (more: object) =>
    message({ template: template({ language: { code: 'en', policy: 'fallback', ...more } }) });

  it.each<[object, string]>([
    [message({ to: undefined }), 'parameterMissing: to: must be a string'],
    [message({ to: 1 }), 'parameterNotValid: to: must be a string'],
    [message({ to: '+1631' }), 'parameterNotValid: to: must be a wa_id: digits only'],
    [message({ to: '1631 ' }), 'parameterNotValid: to: must be a wa_id: digits only'],
    [message({ to: '' }), 'parameterNotValid: to: must be a wa_id: digits only'],
    [message({ type: 'text' }), 'parameterNotValid: type: must be "template": other types are not supported'],
    [
      message({ template: 'hello' }),
      'parameterNotValid: template: must be an object with namespace, name and language',
    ],
    [message({ template: template({ namespace: 1 }) }), 'parameterNotValid: template.namespace: must be a string'],
    [message({ template: template({ namespace: '' }) }), 'parameterNotValid: template.namespace: must not be empty'],
    [message({ template: template({ name: undefined }) }), 'parameterMissing: template.name: must be a string'],
    [
      message({ template: template({ language: 'en' }) }),
      'parameterNotValid: template.language: must be an object with code and policy',
    ],
    [language({ code: '' }), 'parameterNotValid: template.language.code: must not be empty'],
    [language({ policy: 'any' }), 'parameterNotValid: template.language.policy: must be "deterministic" or "fallback"'],
    [message({ template: template({ components: {} }) }), 'parameterNotValid: template.components: must be an array'],
    [
      component({ type: 'legs' }),
      'parameterNotValid: template.components[0].type: must be "header", "body", "footer" or "button"',
    ],
    [
      component({ type: 'body', parameters: {} }),
      'parameterNotValid: template.components[0].parameters: must be an array',
    ],
    [
      parameter({ type: 'image' }),
      'parameterNotValid: template.components[0].parameters[0].type: must be "text", "currency" or "date_time"',
    ],
    [parameter(text('')), 'parameterNotValid: template.components[0].parameters[0].text: must not be empty'],
    [
      parameter({ type: 'currency', currency: {} }),
      'parameterMissing: template.components[0].parameters[0].currency.fallback_value: must be a string',
    ],
    [
      parameter({ type: 'date_time', date_time: { fallback_value: '' } }),
      'parameterNotValid: template.components[0].parameters[0].date_time.fallback_value: must not be empty',
    ],
  ])('is refused: %j', (body, problem) => expect(problemOf(() => read(body))).toBe(problem));

  it('takes a policy that is deterministic', () => {
    expect(read(language({ policy: 'deterministic' }))).toMatchObject({ language: 'en' });
  });
});
