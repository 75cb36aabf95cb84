import { describe, expect, it } from '@jest/globals';
import { applicationTypeName, isApplicationType, type KeyValueEntry, KeyValueList } from '../../src/esp/index.js';

/** Whom an AppType means: it comes as an int or as a string, a number or a name. */

const int = (value: number): KeyValueEntry => ({ key: 'AppType', type: 'int', value });
const str = (value: string): KeyValueEntry => ({ key: 'AppType', type: 'str', value });
const utf16 = (value: string): KeyValueEntry => ({ key: 'AppType', type: 'utf16', value });

describe('type 171 is meant by', () => {
  it.each([
    [int(171)],
    [str('171')],
    [utf16('171')],
    [str('SocialMS')],
    [str('socialms')],
    [str('SOCIALMS')],
    [utf16('SocialMS')],
    [str(' SocialMS ')],
    [str('Digital Messaging Server')],
  ])('%j', (appType) => expect(isApplicationType(appType, 171)).toBe(true));
});

describe('type 171 is not meant by', () => {
  it.each([
    [int(64)],
    [int(-171)],
    [str('64')],
    [str('1711')],
    [str('')],
    [str('Social')],
    [str('SocialMS2')],
    [str('E-Mail Server Java')],
    [{ key: 'AppType', type: 'bin', value: Buffer.from('171') } as KeyValueEntry],
    [{ key: 'AppType', type: 'list', value: new KeyValueList([str('SocialMS')]) } as KeyValueEntry],
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
    expect(isApplicationType(str(name), type)).toBe(true);
    expect(isApplicationType(int(type), type)).toBe(true);
  });

  it('64 has several names', () => {
    for (const name of ['E-Mail Server Java', 'E-mail Server', 'e-mail server']) {
      expect(isApplicationType(str(name), 64)).toBe(true);
    }
  });

  it('may bring names of their own', () => {
    expect(isApplicationType(str('my type'), 500, ['My Type'])).toBe(true);
    expect(isApplicationType(str('SocialMS'), 171, ['My Type'])).toBe(false);
  });
});
