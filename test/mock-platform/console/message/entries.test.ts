import { describe, expect, it } from '@jest/globals';
import type { JsonEntry } from '../../../../mock-platform/console/api/types.js';
import {
  asEntries,
  find,
  findList,
  isRightToLeft,
  listText,
  messageEntries,
  messageName,
  oneLine,
  visible,
} from '../../../../mock-platform/console/message/entries.js';

const LIST: readonly JsonEntry[] = [
  ['Id', 'str', '+1\n2'],
  [{ hex: 'fffe' }, 'int', 5],
  ['Raw', 'bin', '00ff'],
  ['Address', 'list', [['City', 'utf16', 'Córk']]],
  ['Id', 'str', 'second'],
];

describe('a list', () => {
  it('is written on one line', () => {
    expect(listText(LIST)).toBe('Id=+1\\n2 0xfffe=5 Raw=0x00ff Address={City=Córk} Id=second');
    expect(listText(LIST, 8)).toBe('Id=+1\\n2…');
    expect(listText([])).toBe('');
  });

  it('escapes control characters', () => {
    expect(listText([['a', 'str', '\u0000\u007f\t\u2028']])).toBe('a=\\u0000\\u007f\\t\\u2028');
  });

  it('gives the first value of a key', () => {
    expect(find(LIST, 'Id')).toBe('+1\n2');
    expect(find(LIST, 'Address')).toBeUndefined();
    expect(find(null, 'Id')).toBeUndefined();
    expect(findList(LIST, 'Address')).toEqual([['City', 'utf16', 'Córk']]);
    expect(findList(LIST, 'Nothing')).toEqual([]);
  });
});

describe('a value converted to a list', () => {
  it('is used unchanged, or by the kinds of its values', () => {
    expect(asEntries(LIST)).toBe(LIST);
    expect(asEntries({ Id: '1', Count: 2, Part: 0.5, In: { a: 'b' }, Flags: [true] })).toEqual([
      ['Id', 'str', '1'],
      ['Count', 'int', 2],
      ['Part', 'str', '0.5'],
      ['In', 'list', [['a', 'str', 'b']]],
      ['Flags', 'list', [['0', 'str', 'true']]],
    ]);
    expect(asEntries(undefined)).toEqual([]);
    expect(asEntries('text')).toEqual([]);
  });
});

describe('a text from outside', () => {
  it('shows characters that cannot be seen or that change the order of others', () => {
    expect(oneLine('a\u202eb\u2066c\u200b\ufeff\u0085\n')).toBe('a\\u202eb\\u2066c\\u200b\\ufeff\\u0085\\n');
    expect(visible('a\u202eb\tc\nd\r\u0000')).toBe('a\\u202eb\tc\nd\\r\\u0000');
    expect(listText([['k\u202e', 'str', 'v']])).toBe('k\\u202e=v');
  });

  it('keeps everything else, such as joined emoji', () => {
    const text = 'Jos\u00e9 \ud83d\udc69\u200d\ud83d\ude80 \u0645\u06cc\u200c\u0634\u0648\u062f';
    expect([oneLine(text), visible(text)]).toEqual([text, text]);
  });

  it('is written from right to left, or not', () => {
    expect(['\u05e9', 'a \u0634', '\ufb2a'].every(isRightToLeft)).toBe(true);
    expect(['José', '中村', '', '\u202e'].some(isRightToLeft)).toBe(false);
  });
});

describe('a message', () => {
  it('shows the lists that it has', () => {
    const message = {
      messageId: 500,
      referenceId: 1,
      request: [['Service', 'str', 'S']] as JsonEntry[],
      userData: null,
    };
    expect(messageEntries(message)).toEqual([['Request', 'list', [['Service', 'str', 'S']]]]);
    expect([500, 501, 502, 7].map(messageName)).toEqual([
      'Request3rdServer',
      'Event3rdServerResponse',
      'Event3rdServerFault',
      'Message 7',
    ]);
  });
});
