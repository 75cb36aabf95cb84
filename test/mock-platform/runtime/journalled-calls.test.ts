import { expect, it } from '@jest/globals';
import { type Charset, charset, EspRequest, encodeMessage } from '#wire';
import { Journal } from '../../../mock-platform/journal/index.js';
import { journalledCalls } from '../../../mock-platform/runtime/index.js';
import { request } from '../../support/raw-client.js';

const CLIENT = '127.0.0.1:50123';

it('lists the upstream calls in the journal, and decodes only the requests whose ReferenceId is read', () => {
  const utf8 = charset();
  let decoded = 0;
  const counting: Charset = {
    ...{ name: utf8.name, ascii: false, encode: (text) => utf8.encode(text) },
    decode: (bytes, start, end) => {
      decoded++;
      return utf8.decode(bytes, start, end);
    },
  };
  const journal = new Journal({ charset: counting });
  const upstream = { client: CLIENT, method: 'GET', startedAt: 5, durationMs: 2, status: 200 };
  for (const referenceId of [1, 2]) {
    const message = request(referenceId, 'Billing', 'GetBalance', { Account: '17' });
    const frame = encodeMessage(message, utf8);
    const key = `${CLIENT}#${referenceId}`;
    journal.begin({ client: CLIENT, application: 'Own', request: new EspRequest(message), frame, key });
    journal.upstream({ ...upstream, referenceId, url: `http://x/${referenceId}` });
  }
  decoded = 0;
  const calls = journalledCalls(journal);
  expect(calls.map(({ entry, url }) => [entry, url])).toEqual([
    [2, 'http://x/2'],
    [1, 'http://x/1'],
  ]);
  expect(decoded).toBe(0);
  expect(calls[1]).toMatchObject({ entry: 1, referenceId: 1, at: 5, durationMs: 2 });
  expect(decoded).toBeGreaterThan(0);
});
