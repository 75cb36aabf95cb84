import { describe, expect, it } from '@jest/globals';
import {
  COLUMNS,
  type Column,
  columnsIn,
  isRemovable,
  tracksOf,
  USUAL,
  withColumn,
} from '../../../../mock-platform/console/journal/columns.js';

describe('the columns of the journal', () => {
  it.each<[saved: string | null, shown: readonly Column[]]>([
    [null, USUAL],
    ['', USUAL],
    ['time,id', USUAL],
    ['id,method,nothing,time', ['time', 'method', 'id']],
    [COLUMNS.join(), COLUMNS],
  ])('are read from a saved text: %j', (saved, shown) => {
    expect(columnsIn(saved)).toEqual(shown);
  });

  it('leave ReferenceId and id to those who want them', () => {
    expect(COLUMNS.filter((column) => !USUAL.includes(column))).toEqual(['reference', 'id']);
  });

  it('are added in their place, and removed', () => {
    expect(withColumn(['time', 'id'], 'method', true)).toEqual(['time', 'method', 'id']);
    expect(withColumn(['time', 'method', 'id'], 'time', false)).toEqual(['method', 'id']);
  });

  it('keep one that tells what a request was about', () => {
    const shown: readonly Column[] = ['time', 'client', 'reply'];
    expect(shown.map((column) => isRemovable(column, shown))).toEqual([true, true, false]);
    expect(isRemovable('reply', [...shown, 'method'])).toBe(true);
  });

  it('have a track each where they are shown, with the reply after the time in narrow lists', () => {
    expect(tracksOf(['time', 'client', 'parameters', 'reply', 'latency', 'id'])).toEqual({
      '--grid-wide': '106px 122px minmax(0, 1.3fr) minmax(0, 1fr) 70px 98px',
      '--grid-medium': '106px minmax(0, 1.25fr) minmax(0, 1fr) 70px 98px',
      '--grid-narrow': '66px 44px minmax(0, 1.1fr) 64px',
      '--grid-tiny': '66px 40px minmax(0, 1fr)',
    });
  });
});
