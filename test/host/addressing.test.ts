import { describe, expect, it } from '@jest/globals';
import { Application } from '../../src/config/index.js';
import { EspRequest, type JsonEntry, listFromJson } from '../../src/esp/index.js';
import { otherApplication } from '../../src/host/routing.js';

const DMS = new Application({ name: 'DMS', type: 171, tenant: 'Environment', addressing: 'strict' });

const other = (...list: JsonEntry[]): string | undefined =>
  otherApplication(
    new EspRequest({ messageId: 500, referenceId: 1, request: listFromJson(list), userData: undefined }),
    DMS,
  );

describe('a request is for this application', () => {
  it.each<[string, JsonEntry[]]>([
    ['without a target', []],
    ['by its name', [['AppName', 'str', 'DMS']]],
    ['by its name in UTF-16', [['AppName', 'utf16', 'DMS']]],
    [
      'by its name, whatever the type',
      [
        ['AppType', 'int', 23],
        ['AppName', 'str', 'DMS'],
      ],
    ],
    ['by its type as an int', [['AppType', 'int', 171]]],
    ['by its type as a number in a string', [['AppType', 'utf16', '171']]],
    ["by its type's name, in any case", [['AppType', 'str', ' socialms ']]],
    [
      'with an empty name and its type',
      [
        ['AppName', 'str', ''],
        ['AppType', 'int', 171],
      ],
    ],
    ['with an empty type', [['AppType', 'str', '']]],
    ['with a name that is not a string', [['AppName', 'int', 5]]],
  ])('%s', (_name, list) => expect(other(...list)).toBeUndefined());

  it('without a Request list', () => {
    const empty = new EspRequest({ messageId: 500, referenceId: 1, request: undefined, userData: undefined });
    expect(otherApplication(empty, DMS)).toBeUndefined();
  });
});

describe('a request is for another', () => {
  it.each<[string, JsonEntry[], string]>([
    ['name', [['AppName', 'str', 'Billing']], 'Billing'],
    ['name in other letters', [['AppName', 'str', 'dms']], 'dms'],
    [
      'name, whatever the type',
      [
        ['AppType', 'int', 171],
        ['AppName', 'str', 'Billing'],
      ],
      'Billing',
    ],
    ['type', [['AppType', 'int', 23]], '23'],
    ['type as a string', [['AppType', 'str', '23']], '23'],
    ['type by name', [['AppType', 'str', 'Chat Server']], 'Chat Server'],
    ['type that is neither int nor string', [['AppType', 'list', []]], 'list'],
  ])('%s', (_name, list, expected) => expect(other(...list)).toBe(expected));
});
