import { expect, it } from '@jest/globals';
import type { Entry } from '../../../../mock-platform/console/api/types.js';
import { entryLines } from '../../../../mock-platform/console/diff/entry-lines.js';
import { summary } from '../summary.js';

const call = { method: 'POST', url: 'http://a/b', at: 1, durationMs: 2 };
const entry = {
  ...summary(),
  request: {
    message: {
      messageId: 500,
      referenceId: 17,
      request: [
        ['Service', 'str', 'Billing'],
        ['Parameters', 'list', [['Name', 'str', 'A\nB']]],
      ],
      userData: null,
    },
  },
  reply: { message: { messageId: 501, referenceId: 17, request: [['N', 'int', 1]], userData: null } },
  upstream: [
    { ...call, status: 200 },
    { ...call, error: 'refused' },
    { ...call, durationMs: null },
  ],
  logs: [],
} as object as Entry;

it('an exchange is written as lines, without what is new in each', () => {
  expect(entryLines(entry)).toEqual([
    'Request to DMS',
    '  Request',
    '    Service str Billing',
    '    Parameters',
    '      Name str A\\nB',
    'Upstream POST http://a/b',
    '  200',
    'Upstream POST http://a/b',
    '  refused',
    'Upstream POST http://a/b',
    '  no answer',
    'Event3rdServerResponse',
    '  Request',
    '    N int 1',
  ]);
});

it('an exchange without a reply says how it ended', () => {
  const { request } = entry;
  const lines = entryLines({
    ...entry,
    outcome: 'lost',
    reply: null,
    upstream: [],
    request: { ...request, message: null },
  });
  expect(lines).toEqual(['Request to DMS', '  invalid lists', 'Reply: lost']);
});
