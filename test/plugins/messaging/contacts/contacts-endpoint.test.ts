import { expect, it } from '@jest/globals';
import { callsEveryNumberValid } from '../../../../plugins/messaging/contacts/contacts-endpoint.js';

it.each([
  ['2.41.3', false],
  ['2.42.99', false],
  ['2.43', true],
  ['2.43.0', true],
  ['2.45.1', true],
  ['v2.45.1', true],
  ['2.5.1', false],
  ['3.0', true],
  ['1.99.0', false],
  ['latest', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s: %s', (version, expected) => expect(callsEveryNumberValid(version)).toBe(expected));
