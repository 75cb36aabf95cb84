import { expect, it } from '@jest/globals';
import { requestOf } from '../../../src/adapters/http/request.js';
import { KeyValueList, listToJson } from '../../../src/esp/index.js';

const LIMITS = { listDepth: 8, listEntries: 100 };
const NAMES = [
  ['Service', 'str', 'Test'],
  ['Method', 'str', 'Echo'],
];

/** The request of a body, as JSON. */
function made(json: unknown, bytes = 1000) {
  const body = json === undefined ? undefined : { json, bytes };
  const sized = requestOf({ service: 'Test', method: 'Echo', body }, 7, LIMITS);
  const { list = new KeyValueList(), userData, referenceId } = sized.request;
  return { referenceId, list: listToJson(list), userData: listToJson(userData), bytes: sized.bytes };
}

it.each([
  [undefined, [...NAMES, ['Parameters', 'list', []]], [], 0],
  [{ a: 'x' }, [...NAMES, ['Parameters', 'list', [['a', 'str', 'x']]]], [], 1064],
  [
    { a: ['x', 1], b: { c: 'y' } },
    [
      ...NAMES,
      [
        'Parameters',
        'list',
        [
          ['a', 'str', 'x'],
          ['a', 'int', 1],
          ['b', 'list', [['c', 'str', 'y']]],
        ],
      ],
    ],
    [],
    1256,
  ],
  [
    { parameters: [['a', 'list', [['b', 'bin', '00']]]], userData: [['c', 'int', 1]], appName: 'DMS', appType: 171 },
    [
      ['AppName', 'str', 'DMS'],
      ['AppType', 'int', 171],
      ...NAMES,
      ['Parameters', 'list', [['a', 'list', [['b', 'bin', '00']]]]],
    ],
    [['c', 'int', 1]],
    1192,
  ],
  [
    { parameters: [], appType: 'SocialMS' },
    [['AppType', 'str', 'SocialMS'], ...NAMES, ['Parameters', 'list', []]],
    [],
    1000,
  ],
])('%j is a request with its size in memory', (json, list, userData, bytes) => {
  expect(made(json)).toEqual({ referenceId: 7, list, userData, bytes });
});
