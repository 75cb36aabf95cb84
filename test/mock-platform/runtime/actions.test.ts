import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { charset, EspRequest, encodeMessage, responseTo } from '#wire';
import { WebhookTimeoutError } from '../../../mock-platform/errors.js';
import { Journal, type JournalCall } from '../../../mock-platform/journal/index.js';
import { journalKey } from '../../../mock-platform/journal/journal.js';
import {
  entryOf,
  exported,
  exportedTest,
  exportTarget,
  httpStubsIn,
  httpStubsOf,
  reset,
  stubbedServers,
  stubsFromJournal,
  stubsOf,
  upstreamOf,
  waitingFor,
} from '../../../mock-platform/runtime/actions.js';
import type { RunningPlatform } from '../../../mock-platform/runtime/index.js';
import type { Upstream } from '../../../mock-platform/upstreams/index.js';
import upstreamPlugin from '../../fixtures/plugins/upstream/index.js';
import { removeFolders } from '../../support/files.js';
import { request } from '../../support/raw-client.js';
import { stubsOf as espStubs } from '../stubs/esp/sets.js';
import { httpStubs } from '../stubs/http/sets.js';

afterAll(removeFolders);

const address = (port: number) => ({ host: '127.0.0.1', port });
const mail = { ...address(7121), stubs: espStubs('application: { name: Mail, type: 64 }\nstubs: []\n') };

let journal: Journal;
let done: string[];
beforeEach(() => {
  journal = new Journal();
  done = [];
});

const upstream = (name: string, more: object = {}): Upstream =>
  ({ name, url: `http://${name}.example:1`, mock: {}, reset: () => done.push(`reset ${name}`), ...more }) as never;
const set = httpStubs('stubs: []');
const billing = upstream('billing', { mock: { stubs: set } });
const orders = upstream('orders', { mock: { stubs: 'no stubs' } });

const APPLICATION = { name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' };

/** The parts of a platform that these functions read. */
const platform = (more: object = {}): RunningPlatform =>
  ({
    journal,
    applications: [
      { name: 'Far', type: 5 },
      { name: 'Mail', type: 64 },
    ],
    interactionServer: address(7110),
    esp: address(7120),
    stubServers: [mail],
    upstreams: [billing, orders],
    replay: undefined,
    prepared: {
      application: APPLICATION,
      plugins: [{ use: 'upstream', definition: upstreamPlugin, options: undefined }],
      channels: { list: () => [] },
      loaded: { config: { listeners: { esp: {} } }, directory: '/', given: () => undefined },
    },
    ...more,
  }) as never;

/** Adds an exchange about a URL, with calls. */
function exchange(application = 'DMS', calls: Partial<JournalCall>[] = [], via?: string): number {
  const message = request(journal.size, 'Upstream', 'Post', { Url: 'http://billing.example:1/a' });
  const asked = new EspRequest(message);
  const asker = { client: 'a', referenceId: journal.size };
  const key = journalKey('a', journal.size);
  const bytes = encodeMessage(message, charset());
  const id = journal.begin({ client: 'a', application, key, via, request: asked, frame: bytes });
  for (const call of calls) {
    const usual = { method: 'POST', url: 'http://billing.example:1/a', status: 200, durationMs: 1, startedAt: 1 };
    journal.upstream({ ...usual, ...call, ...asker });
  }
  const response = responseTo(asked, 171, asked.list?.list('Parameters') ?? (asked.userData as never));
  journal.answer(id, encodeMessage(response, charset()));
  return id;
}

describe('the server of an exchange', () => {
  const target = (application: string, via?: string, more?: object) =>
    exportTarget(platform(more), entryOf(platform(), exchange(application, [], via)));
  const to = (port: number) => ['--to', `127.0.0.1:${port}`];

  it.each<[string, string | undefined, object]>([
    ['DMS', undefined, { name: 'DMS', type: 171, options: to(7120) }],
    ['Mail', undefined, { name: 'Mail', type: 64, options: to(7121) }],
    ['Far', undefined, { name: 'Far', type: 5, options: to(7110) }],
    ['DMS', 'Interaction Server', { name: 'DMS', type: 171, options: to(7110) }],
    ['Nobody', undefined, { name: 'Interaction Server', type: 111, options: to(7110) }],
  ])('%s, via %s', (application, via, expected) => expect(target(application, via)).toEqual(expected));

  it('may need its certificate', () => {
    const tls = { tls: { certificate: '/host.pem' } };
    const prepared = { application: APPLICATION, loaded: { config: { listeners: { esp: tls } } } };
    expect(target('DMS', undefined, { prepared }).options).toEqual([...to(7120), '--tls-ca', '/host.pem']);
    expect(target('Mail', undefined, { prepared }).options).toEqual(to(7121));
  });

  it('is in the export', () => {
    expect(exported(platform(), exchange('Mail'), 'send')).toBe(
      'npx esp-host send Upstream Post Url=http://billing.example:1/a --to 127.0.0.1:7121\n',
    );
  });
});

describe('what is unknown', () => {
  it.each<[string, () => unknown, object]>([
    ['application', () => stubsOf(platform(), 'Mial'), { code: 'ESP_MOCK_UNKNOWN_APPLICATION', application: 'Mial' }],
    ['upstream', () => upstreamOf([billing], 'biling'), { code: 'ESP_MOCK_UNKNOWN_UPSTREAM', upstream: 'biling' }],
    ['entry', () => entryOf(platform(), 7), { code: 'ESP_MOCK_UNKNOWN_ENTRY', id: 7 }],
    [
      'stubbed upstream',
      () => httpStubsOf([orders, billing], 'orders'),
      { message: 'unknown stubbed upstream orders (platform.yaml has: billing)' },
    ],
    [
      'upstream of the journal',
      () => stubsFromJournal(platform(), 'biling'),
      { message: 'unknown upstream biling (platform.yaml has: billing, orders)' },
    ],
  ])('%s', (_what, work, error) => expect(work).toThrow(expect.objectContaining(error)));
});

describe('stubs', () => {
  it('are found by application and upstream', () => {
    expect(stubsOf(platform(), 'Mail')).toBe(mail.stubs);
    expect(upstreamOf([orders, billing], 'billing')).toBe(billing);
    expect(httpStubsIn(billing)).toBe(set);
    expect([httpStubsIn(orders), httpStubsIn(upstream('a'))]).toEqual([undefined, undefined]);
    expect(httpStubsOf([orders, billing], 'billing')).toBe(httpStubsIn(billing));
    expect(stubbedServers(platform())).toEqual([
      { application: 'Mail', stubs: mail.stubs },
      { upstream: 'billing', stubs: httpStubsIn(billing) },
    ]);
  });

  it('come from the calls to an upstream in the journal, oldest first', () => {
    exchange('DMS', [{ responseBody: 'first' }, { url: 'http://other.example/b', responseBody: 'other' }]);
    exchange('DMS', [{ url: 'no URL' }, { responseBody: 'second' }]);
    for (const name of ['billing', 'http://billing.example:1/any']) {
      const text = stubsFromJournal(platform(), name);
      expect(text).toContain('name: POST /a, call 1 of entry 1\n');
      expect(text).toMatch(/answers:\n +- body: first\n +- body: second\n$/);
    }
    expect(() => stubsFromJournal(platform(), 'orders')).toThrow(
      'the journal of orders has no upstream calls to export as HTTP stubs',
    );
  });
});

describe('an exported test', () => {
  const test = (id: number, more?: object) => exportedTest(platform(more), id);

  it('has replies of earlier exchanges with the same application, not of later or other ones', async () => {
    const without = exchange();
    exchange('DMS', [{ responseBody: 'later' }]);
    expect(await test(without)).toMatch(/This test fails: .* is not in the journal/);
    expect(await test(exchange())).toContain('// From entry 2: the plugin had it cached.');
    journal.clear();
    exchange('Other', [{ responseBody: 'other' }]);
    expect(await test(exchange())).toMatch(/This test fails: .* is not in the journal/);
  });

  it('needs a host that answered with a plugin', async () => {
    const noPlugin = /calls Upstream\.Post, which no plugin has/;
    await expect(test(exchange('Mail'))).rejects.toThrow(noPlugin);
    await expect(test(exchange(), { replay: 'r.jsonl' })).rejects.toThrow(noPlugin);
  });
});

describe('waiting for a webhook of an upstream', () => {
  const waiting = (until: () => Promise<unknown>) => {
    const asked: unknown[] = [];
    const webhooks = {
      until: (...given: unknown[]) => {
        asked.push(...given);
        return until();
      },
    };
    const waitFor = waitingFor([upstream('billing', { webhooks })]);
    return { asked, wait: (name = 'billing') => waitFor({ upstream: name, webhook: { order: '17' } }, 5) };
  };

  it('ends with whether it came', async () => {
    const came = waiting(async () => ({}));
    expect([await came.wait(), came.asked]).toEqual([true, [{ about: { order: '17' } }, { timeoutMs: 5 }]]);
    expect(await waiting(() => Promise.reject(new WebhookTimeoutError(5, {}, []))).wait()).toBe(false);
  });

  it('fails for any other reason', async () => {
    await expect(waiting(() => Promise.reject(new RangeError('x'))).wait()).rejects.toThrow(RangeError);
    expect(() => waiting(async () => ({})).wait('orders')).toThrow('unknown upstream orders');
  });
});

it('a reset restores faults, stubs, upstreams, journal and charts', () => {
  exchange();
  const stubs = { restore: () => done.push('restore stubs') };
  const clear = (what: string) => ({ clear: () => done.push(`clear ${what}`) });
  const more = { stubServers: [{ stubs }], faults: clear('faults'), charts: clear('charts') };
  reset(platform(more));
  expect(done.sort()).toEqual(['clear charts', 'clear faults', 'reset billing', 'reset orders', 'restore stubs']);
  expect(journal.size).toBe(0);
});
