import { describe, expect, it } from '@jest/globals';
import type { KeyValueEntry } from '#wire';
import { type Application, Applications } from '../../../mock-platform/configuration/index.js';

const application = (name: string, type: number, typeName?: string): Application => ({
  name,
  type,
  typeName,
  address: { host: '127.0.0.1', port: 7120 },
});

const applications = new Applications([
  application('DMS', 171),
  application('DMS_2', 171, 'Messenger'),
  application('Mail', 64),
  application('Custom', 23, 'Billing Server'),
]);

const text = (value: string, type: 'str' | 'utf16' = 'str'): KeyValueEntry => ({ key: 'AppType', type, value });
const ofType = (entry: KeyValueEntry): string[] => applications.ofType(entry).map(({ name }) => name);

describe('Applications', () => {
  it('finds one by its exact name', () => {
    expect(applications.find('Mail')?.type).toBe(64);
    expect(applications.find('mail')).toBeUndefined();
  });

  it('finds all of a type by int, by a string of digits and by name', () => {
    expect(ofType({ key: 'AppType', type: 'int', value: 171 })).toEqual(['DMS', 'DMS_2']);
    expect(ofType(text('171'))).toEqual(['DMS', 'DMS_2']);
    expect(ofType(text('SOCIALMS', 'utf16'))).toEqual(['DMS', 'DMS_2']);
    expect(ofType(text('Third Party Server'))).toEqual(['Custom']);
  });

  it('also finds a type by its name in the configuration', () => {
    expect(ofType(text('billing server'))).toEqual(['Custom']);
    expect(ofType(text('Messenger'))).toEqual(['DMS', 'DMS_2']);
  });

  it('finds none of an unknown type', () => {
    expect(ofType(text('Chat Server'))).toEqual([]);
    expect(ofType({ key: 'AppType', type: 'int', value: 59 })).toEqual([]);
  });
});
