import { describe, expect, it } from '@jest/globals';
import {
  applicationTypeName,
  type EspMessage,
  EspRequest,
  IncorrectParameterError,
  isApplicationType,
  type KeyValueEntry,
  KeyValueList,
  messageFromJson,
  messageName,
} from '../../src/esp/index.js';
import { layouts } from './layouts.js';

/** A Request3rdServer as its receiver reads it. */

const message = (list: KeyValueEntry[] | undefined, more: Partial<EspMessage> = {}): EspMessage => ({
  messageId: 500,
  referenceId: 7,
  request: list && new KeyValueList(list),
  userData: undefined,
  ...more,
});

const request = (...list: KeyValueEntry[]): EspRequest => new EspRequest(message(list));

const str = (key: string, value: string): KeyValueEntry => ({ key, type: 'str', value });
const utf16 = (key: string, value: string): KeyValueEntry => ({ key, type: 'utf16', value });

describe('a request', () => {
  const parameters = new KeyValueList([str('Id', '1')]);
  const userData = new KeyValueList([str('_umsChannel', 'x')]);
  const whole = new EspRequest(
    message(
      [
        str('Version', '1.0'),
        str('AppName', 'DMS'),
        { key: 'AppType', type: 'int', value: 171 },
        str('Service', 'Messaging'),
        str('Method', 'ValidateContact'),
        { key: 'Parameters', type: 'list', value: parameters },
      ],
      { userData },
    ),
  );

  it('is read whole', () => {
    expect(whole).toMatchObject({ referenceId: 7, service: 'Messaging', method: 'ValidateContact', text: 'str' });
    expect([whole.name, whole.appName]).toEqual(['Messaging.ValidateContact', 'DMS']);
    expect(whole.appType).toEqual({ key: 'AppType', type: 'int', value: 171 });
    expect([whole.parameters, whole.userData]).toEqual([parameters, userData]);
  });

  it('keeps its list unchanged', () => expect(whole.list?.length).toBe(6));

  it('may come without ReferenceId', () => {
    expect(new EspRequest(message([], { referenceId: undefined })).referenceId).toBeUndefined();
  });

  it.each([
    [0, 'str', 'Email.CreateWebEmailIn'],
    [4, 'utf16', 'OMContacts.IdentifyContact'],
  ])('of a real client (captured, %i) is of its kind: %s', (index, text, name) => {
    const captured = new EspRequest(messageFromJson(layouts[index]));
    expect([captured.text, captured.name]).toEqual([text, name]);
  });
});

describe('Service and Method', () => {
  it.each([
    ['no Request list', new EspRequest(message(undefined))],
    ['an empty list', request()],
    ['empty strings', request(str('Service', ''), str('Method', ''))],
    ['ints', request({ key: 'Service', type: 'int', value: 5 }, { key: 'Method', type: 'int', value: 5 })],
    ['bytes', request({ key: 'Service', type: 'bin', value: Buffer.from('Messaging') })],
    ['lists', request({ key: 'Service', type: 'list', value: new KeyValueList() })],
    ['another case', request(str('service', 'Messaging'), str('METHOD', 'ValidateContact'))],
  ])('are empty: %s', (_what, asked) => {
    expect([asked.service, asked.method, asked.name, asked.text]).toEqual(['', '', '.', 'str']);
  });

  it('are read one without the other', () => {
    expect(request(str('Service', 'Messaging')).name).toBe('Messaging.');
    expect(request(str('Method', 'ValidateContact')).name).toBe('.ValidateContact');
  });

  it('may be UTF-16: the kind of Service is the kind of the replies', () => {
    const asked = request(utf16('Service', 'Messaging'), str('Method', 'ValidateContact'));
    expect([asked.name, asked.text]).toEqual(['Messaging.ValidateContact', 'utf16']);
    expect(request(str('Service', 'Messaging'), utf16('Method', 'x')).text).toBe('str');
    expect(request(utf16('Service', '')).text).toBe('utf16');
  });

  it('show the valid text of invalid bytes', () => {
    expect(request({ key: 'Service', type: 'strx', value: Uint8Array.of(0x4d, 0xff) }).name).toBe('M\ufffd.');
  });

  it('are the first ones', () => expect(request(str('Service', 'A'), str('Service', 'B')).service).toBe('A'));
});

describe('AppName and AppType', () => {
  it.each([
    ['left out', request()],
    ['empty', request(str('AppName', ''))],
    ['an int', request({ key: 'AppName', type: 'int', value: 1 })],
    ['no Request list', new EspRequest(message(undefined))],
  ])('are undefined: %s', (_what, asked) => expect([asked.appName, asked.appType]).toEqual([undefined, undefined]));

  it('may be UTF-16', () => {
    const asked = request(utf16('AppName', 'DMS'), utf16('AppType', '171'));
    expect([asked.appName, asked.appType]).toEqual(['DMS', utf16('AppType', '171')]);
  });
});

describe('Parameters and UserData', () => {
  it('are empty lists if they are missing', () => {
    expect([request().parameters.length, request().userData.length]).toEqual([0, 0]);
    expect(new EspRequest(message(undefined)).parameters.length).toBe(0);
  });

  it('Parameters that are not a list are an incorrect parameter when they are read', () => {
    const asked = request(str('Parameters', 'x'));
    expect(() => asked.parameters).toThrow(new IncorrectParameterError('Parameters', 'not a list'));
  });
});

it.each([
  [500, 'Request3rdServer'],
  [501, 'Event3rdServerResponse'],
  [502, 'Event3rdServerFault'],
  [17, 'message 17'],
])('message %i is called %s', (id, name) => expect(messageName(id)).toBe(name));

/** Whom an AppType means: it comes as an int or as a string, a number or a name. */

const int = (value: number): KeyValueEntry => ({ key: 'AppType', type: 'int', value });
const strType = (value: string): KeyValueEntry => str('AppType', value);
const utf16Type = (value: string): KeyValueEntry => utf16('AppType', value);

describe('type 171 is meant by', () => {
  it.each([
    [int(171)],
    [strType('171')],
    [utf16Type('171')],
    [strType('SocialMS')],
    [strType('socialms')],
    [strType('SOCIALMS')],
    [utf16Type('SocialMS')],
    [strType(' SocialMS ')],
    [strType('Digital Messaging Server')],
  ])('%j', (appType) => expect(isApplicationType(appType, 171)).toBe(true));
});

describe('type 171 is not meant by', () => {
  it.each([
    [int(64)],
    [int(-171)],
    [strType('64')],
    [strType('1711')],
    [strType('')],
    [strType('Social')],
    [strType('SocialMS2')],
    [strType('E-Mail Server Java')],
    [{ key: 'AppType', type: 'bin', value: Buffer.from('171') } as KeyValueEntry],
    [{ key: 'AppType', type: 'list', value: new KeyValueList([strType('SocialMS')]) } as KeyValueEntry],
  ])('%j', (appType) => expect(isApplicationType(appType, 171)).toBe(false));
});

describe('other types', () => {
  it.each([
    [22, 'Third Party Application'],
    [23, 'Third Party Server'],
    [59, 'Chat Server'],
    [63, 'Contact Server'],
    [64, 'E-Mail Server Java'],
    [90, 'Classification Server'],
    [111, 'Interaction Server'],
    [171, 'SocialMS'],
    [7, '7'],
  ])('%i is shown as %s, and meant by its name', (type, name) => {
    expect(applicationTypeName(type)).toBe(name);
    expect(isApplicationType(strType(name), type)).toBe(true);
    expect(isApplicationType(int(type), type)).toBe(true);
  });

  it('64 has several names', () => {
    for (const name of ['E-Mail Server Java', 'E-mail Server', 'e-mail server']) {
      expect(isApplicationType(strType(name), 64)).toBe(true);
    }
  });

  it('may bring names of their own', () => {
    expect(isApplicationType(strType('my type'), 500, ['My Type'])).toBe(true);
    expect(isApplicationType(strType('SocialMS'), 171, ['My Type'])).toBe(false);
  });
});
