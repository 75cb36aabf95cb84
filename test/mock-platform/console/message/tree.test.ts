import { describe, expect, it } from '@jest/globals';
import type { JsonEntry } from '../../../../mock-platform/console/api/types.js';
import { copiedText, treeMove, treeRows } from '../../../../mock-platform/console/message/tree.js';

const LIST: readonly JsonEntry[] = [
  ['Service', 'str', 'Messaging'],
  [
    'Parameters',
    'list',
    [
      ['Id', 'str', '1'],
      ['Address', 'list', [['City', 'str', 'Cork']]],
      ['Empty', 'list', []],
    ],
  ],
  ['Version', 'str', '1.0'],
];

const rowsOf = (closed: readonly string[] = []) => treeRows(LIST, new Set(closed)).rows;
const paths = (closed?: readonly string[]): string[] => rowsOf(closed).map(({ path }) => path);

describe('a tree', () => {
  it('has a line for each entry, with its path', () => {
    expect(paths()).toEqual(['0', '1', '1.0', '1.1', '1.1.0', '1.2', '2']);
    expect(rowsOf()[4]).toEqual({
      path: '1.1.0',
      depth: 3,
      key: 'City',
      type: 'str',
      content: 'Cork',
      value: 'Cork',
      position: 1,
      siblings: 1,
    });
    expect(rowsOf()[1]).toMatchObject({ children: 3, open: true, position: 2, siblings: 3 });
  });

  it.each<[content: JsonEntry[2], copied: string]>([
    ['two\nlines \u202e', 'two\nlines \u202e'],
    [4711, '4711'],
    ['00ff', '00ff'],
    [[['City', 'str', 'Cork']], '[["City","str","Cork"]]'],
  ])('copies a value as it is, and a list as JSON: %j', (content, copied) => {
    const { rows } = treeRows([['Key', typeof content === 'object' ? 'list' : 'str', content]], new Set());
    expect(rows.map(copiedText)[0]).toBe(copied);
  });

  it('leaves out the entries of a closed list', () => {
    expect(paths(['1'])).toEqual(['0', '1', '2']);
    expect(paths(['1.1'])).toEqual(['0', '1', '1.0', '1.1', '1.2', '2']);
  });

  it('shows where it was cut off', () => {
    expect(treeRows(LIST, new Set(), 3)).toMatchObject({ more: true, rows: { length: 3 } });
    expect(treeRows(LIST, new Set(), 7).more).toBe(false);
  });

  it.each([
    ['0', 'ArrowDown', { go: '1' }],
    ['0', 'ArrowUp', { go: '0' }],
    ['2', 'ArrowDown', { go: '2' }],
    ['1', 'ArrowLeft', { close: '1' }],
    ['1', 'ArrowRight', { go: '1.0' }],
    ['1.0', 'ArrowLeft', { go: '1' }],
    ['1.0', 'ArrowRight', undefined],
    ['1.2', 'ArrowRight', undefined],
    ['1.2', 'ArrowLeft', { go: '1' }],
    ['0', 'ArrowLeft', undefined],
    ['1.1', 'Home', { go: '0' }],
    ['1.1', 'End', { go: '2' }],
    ['1.1', 'Enter', undefined],
  ])('at %s, %s', (path, key, move) => {
    expect(treeMove(rowsOf(), paths().indexOf(path), key)).toEqual(move);
  });

  it('opens a closed list', () => {
    expect(treeMove(rowsOf(['1']), 1, 'ArrowRight')).toEqual({ open: '1' });
  });
});
