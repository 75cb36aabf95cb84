import { afterEach, describe, expect, it } from '@jest/globals';
import { type JournalledCall, type MockAction, type MockRoute, MockRouteError, Secret, z } from 'esp-host';
import { startUpstream, type Upstream } from 'esp-host/mock';
import mock, {
  type SentMessage,
  type WhatsAppMock,
  type WhatsAppState,
} from '../../../../plugins/messaging/mock/index.js';
import { causesOf } from '../../../../plugins/messaging/mock/panel.js';
import { basic, bearer, Clock, NUMBERS } from './harness.js';

let upstream: Upstream<WhatsAppMock> | undefined;
afterEach(() => upstream?.close());

const clock = new Clock();

async function start(journal: () => readonly JournalledCall[] = () => []): Promise<WhatsAppMock> {
  const settings = {
    ...{ version: '2.41.3', registeredNumber: '+919876543210', username: 'admin', password: new Secret('secret') },
    ...{ numbers: [...NUMBERS], templates: [{ namespace: 'n', name: 'hello', language: 'en', body: 'Hello {{1}}' }] },
    cloud: mock.settings.shape.cloud.parse({}),
  };
  upstream = await startUpstream(mock, { name: 'whatsapp', now: clock.now, settings, journal });
  return upstream.mock;
}

const post = (path: string, headers: Record<string, string>, body?: object): Promise<Response> =>
  fetch(`${upstream?.url}${path}`, { method: 'POST', headers, ...(body ? { body: JSON.stringify(body) } : {}) });

const message = (to: string): object => ({
  to,
  type: 'template',
  template: {
    namespace: 'n',
    name: 'hello',
    language: { policy: 'deterministic', code: 'en' },
    components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ann' }] }],
  },
});

const stateOf = ({ panel }: WhatsAppMock): WhatsAppState =>
  panel.state.handle({ params: undefined, body: undefined }) as WhatsAppState;

/** The actions of a panel, by title, with those of rows. */
const actionsOf = ({ panel }: WhatsAppMock): Map<string, MockAction> =>
  new Map(
    panel.sections
      .flatMap(({ actions = [], table, conversations }) => [
        ...actions,
        ...(table?.actions ?? []),
        ...(conversations?.actions ?? []),
        ...[conversations?.write, conversations?.choose].filter((one) => one !== undefined),
      ])
      .map((action) => [action.title, action]),
  );

/** What the admin API does with a call of a route. */
function call({ params, body, answer, handle }: MockRoute, input: { params?: unknown; body?: unknown }): unknown {
  return answer.parse(handle({ params: params?.parse(input.params), body: body?.parse(input.body) }));
}

describe('the state of the panel', () => {
  it('has a value for each field and column, if there is one', async () => {
    const whatsapp = await start();
    whatsapp.setVersion('2.45.1');
    const { token } = whatsapp.tokens.issue();
    whatsapp.tokens.expireAll();
    await post('/v1/users/login', basic('admin', 'secret'));
    await post('/v1/contacts', bearer(token), { contacts: ['+16315551002'] });
    const fresh = whatsapp.tokens.issue().token;
    expect((await post('/v1/messages', bearer(fresh), message('16315551002'))).status).toBe(200);
    const cloud = { ...message('16315551002'), messaging_product: 'whatsapp' };
    expect((await post('/v26.0/106540352242922/messages', bearer('secret'), cloud)).status).toBe(200);
    // There is no host: the webhook waits for another attempt.
    await upstream?.webhooks.until({ about: { event: 'sent' }, outcome: 'failed' });
    const state: Record<string, unknown> = { ...stateOf(whatsapp) };
    expect(call(whatsapp.panel.state, {})).toEqual(state);
    for (const { fields = [], table } of whatsapp.panel.sections) {
      for (const { value } of fields) expect(state[value]).toEqual(expect.any(String));
      if (table === undefined) continue;
      const rows = state[table.rows] as unknown[];
      expect(rows.length).toBeGreaterThan(0);
      const keys = new Set(rows.flatMap((row) => (typeof row === 'object' ? Object.keys(row ?? {}) : ['value'])));
      // Only the journal of a platform knows the entry of a message.
      const shown = table.columns.map(({ value }) => value).filter((key) => key !== 'entry');
      expect(shown.filter((key) => !keys.has(key))).toEqual([]);
      for (const { row } of table.actions ?? []) expect(Object.values(row).filter((key) => !keys.has(key))).toEqual([]);
    }
  });

  it('is shown in sections, whose values have titles and formats', async () => {
    const { panel } = await start();
    const shown = panel.sections.map(({ title, fields = [], table, actions = [] }) => [
      title,
      [...fields, ...(table?.columns ?? [])].map(({ title: of, value, as = 'text' }) => `${of}: ${value} as ${as}`),
      [...(table?.actions ?? []), ...actions].map((action) => action.title),
    ]);
    expect(shown).toEqual([
      ['Phones', [], []],
      [
        'Webhooks',
        [
          'Time: at as time',
          'Event: event as code',
          'Customer: customer as text',
          'State: state as state',
          'Attempts: attempts as text',
          'Answer: answer as text',
          'Next attempt: nextAt as time',
        ],
        ['Release held', 'Retry now', 'Fail next message'],
      ],
      ['Version', ['Version: version as text', 'Warning: warning as warning'], ['2.41.3', '2.45.1', 'Set version']],
      ['Directory', ['Number: value as code'], ['Remove', 'Add number']],
      ['Tokens', ['Expires: expiresAt as date', 'State: state as state'], ['Expire all']],
      [
        'Sent messages',
        [
          'Time: at as time',
          'To: to as text',
          'Template: template as code',
          'Language: language as text',
          'Parameters: parameters as text',
          'Text: text as text',
          'Request: entry as entry',
          'Id: id as code',
        ],
        [],
      ],
      [
        'Calls',
        [
          'Time: at as time',
          'Method: method as text',
          'Path: path as code',
          'Contacts: contacts as text',
          'Status: status as status',
        ],
        [],
      ],
    ]);
    expect([panel.title, panel.description]).toEqual(['WhatsApp', expect.stringContaining('+919876543210')]);
    expect(panel.sections.map(({ table }) => [table?.search, typeof table?.empty])).toEqual([
      [undefined, 'undefined'],
      [undefined, 'string'],
      [undefined, 'undefined'],
      [true, 'string'],
      ...Array(3).fill([undefined, 'string']),
    ]);
  });

  it('warns about a version that reports every number as valid', async () => {
    const whatsapp = await start();
    expect(stateOf(whatsapp)).not.toHaveProperty('warning');
    whatsapp.setVersion('2.43.0');
    expect(stateOf(whatsapp).warning).toMatch(/^2\.43\.0 reports every number as valid/);
  });

  it('has the latest 200 calls and messages, newest first', async () => {
    const whatsapp = await start();
    const { token } = whatsapp.tokens.issue();
    for (let sent = 0; sent < 205; sent++) {
      whatsapp.messages.add({
        ...{ id: `m${sent}`, at: sent, to: '+1', namespace: 'n', template: 'hello', language: 'en' },
        ...{ parameters: [], text: '' },
      });
      await post('/v1/contacts', bearer(token), { contacts: [`${sent}`] });
    }
    const { messages, calls } = stateOf(whatsapp);
    expect([messages.length, messages[0]?.id, messages.at(-1)?.id]).toEqual([200, 'm204', 'm5']);
    expect([calls.length, calls[0]?.contacts, calls.at(-1)?.contacts]).toEqual([200, ['204'], ['5']]);
  });

  it('can have calls that were reset or hang, and expired tokens', async () => {
    const whatsapp = await start();
    const { answer } = whatsapp.panel.state;
    const calls = [200, 'reset', 'hang', undefined].map((status) => ({ at: 1, method: 'POST', path: '/', status }));
    const tokens = ['valid', 'expired'].map((state) => ({ expiresAt: 1, state }));
    const state = { ...stateOf(whatsapp), tokens };
    expect(answer.safeParse({ ...state, calls }).success).toBe(true);
    expect(answer.safeParse({ ...state, calls: [{ ...calls[0], status: 'lost' }] }).success).toBe(false);
    expect(answer.safeParse({ ...state, more: 1 }).success).toBe(false);
    expect(answer.meta()).toMatchObject({ id: 'WhatsApp' });
  });
});

describe('the mock', () => {
  it('sets the URL of the channel, and turns the cache of the plugin off', async () => {
    const whatsapp = await start();
    expect(whatsapp.env).toEqual({ WHATSAPP_URL: upstream?.url });
    expect(whatsapp.defaultEnv).toEqual({ CONTACTS_CACHE_SIZE: '0' });
  });

  it('reports its address and the numbers on WhatsApp', async () => {
    const whatsapp = await start();
    expect(whatsapp.summary()).toEqual([
      ['WhatsApp API', `${upstream?.url}, version 2.41.3, registered under +919876543210`],
      ['On WhatsApp', NUMBERS.join(', ')],
    ]);
    expect(whatsapp.examples()).toEqual({ 'Messaging.ValidateContact': `Id=${NUMBERS[0]}` });
    whatsapp.configure({ numbers: [] });
    expect(whatsapp.summary()[1]).toEqual(['On WhatsApp', 'none']);
    expect(whatsapp.examples()).toEqual({ 'Messaging.ValidateContact': 'Id=+16315551002' });
  });

  it('can be reconfigured and reset', async () => {
    const whatsapp = await start();
    whatsapp.configure({ version: '2.45.1', password: new Secret('other') });
    expect([whatsapp.version, whatsapp.directory.list()]).toEqual(['2.45.1', [...NUMBERS]]);
    expect((await post('/v1/users/login', basic('admin', 'other'))).status).toBe(200);
    whatsapp.configure({ numbers: ['+4930123456'] });
    expect([whatsapp.version, whatsapp.directory.list()]).toEqual(['2.45.1', ['+4930123456']]);
    whatsapp.reset();
    expect([whatsapp.version, whatsapp.directory.list(), whatsapp.messages.list()]).toEqual(['2.41.3', NUMBERS, []]);
    expect((await post('/v1/users/login', basic('admin', 'secret'))).status).toBe(200);
  });
});

describe('an action of the panel', () => {
  const run = (whatsapp: WhatsAppMock, title: string, input: { params?: unknown; body?: unknown } = {}) => {
    const { route, values } = actionsOf(whatsapp).get(title) as MockAction;
    return call(route, { ...input, body: values ?? input.body });
  };

  it('sets the version', async () => {
    const whatsapp = await start();
    for (const version of ['2.45.1', '2.41.3']) expect(run(whatsapp, version)).toMatchObject({ version });
    expect(run(whatsapp, 'Set version', { body: { version: '3.0.0' } })).toEqual(stateOf(whatsapp));
    expect(whatsapp.version).toBe('3.0.0');
    for (const version of ['3.0', 'v3.0.0', '3.0.0-1', 3])
      expect(() => run(whatsapp, 'Set version', { body: { version } })).toThrow(/must be a version such as 2\.41\.3/);
  });

  it('adds and removes a number, and clears earlier lookups', async () => {
    const whatsapp = await start();
    const { token } = whatsapp.tokens.issue();
    const status = async () => {
      const body = { blocking: 'wait', contacts: ['+4930123456'] };
      const { contacts } = (await (await post('/v1/contacts', bearer(token), body)).json()) as {
        contacts: { status: string }[];
      };
      return contacts[0]?.status;
    };
    expect(await status()).toBe('invalid');
    expect(run(whatsapp, 'Add number', { body: { number: '+49 (30) 123-456' } })).toMatchObject({
      numbers: [...NUMBERS, '+4930123456'],
    });
    expect(await status()).toBe('valid');
    const { row } = actionsOf(whatsapp).get('Remove') as MockAction & { row: unknown };
    expect(row).toEqual({ number: 'value' });
    expect(run(whatsapp, 'Remove', { params: { number: '+4930123456' } })).toMatchObject({ numbers: NUMBERS });
    expect(await status()).toBe('invalid');
  });

  it('is refused for invalid and unknown numbers', async () => {
    const whatsapp = await start();
    const statusOf = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return error instanceof MockRouteError ? [error.status, error.message] : error;
      }
    };
    expect(statusOf(() => run(whatsapp, 'Add number', { body: { number: '123' } }))).toEqual([
      400,
      expect.stringMatching(/^body\.number: '123' is not in E\.164/),
    ]);
    expect(statusOf(() => run(whatsapp, 'Remove', { params: { number: '+1' } }))).toEqual([
      404,
      '+1 is not on WhatsApp',
    ]);
    expect(() => run(whatsapp, 'Add number', { body: { number: 5 } })).toThrow(z.ZodError);
  });

  it('expires all tokens', async () => {
    const whatsapp = await start();
    whatsapp.tokens.issue();
    expect(stateOf(whatsapp).tokens).toMatchObject([{ state: 'valid' }]);
    expect(run(whatsapp, 'Expire all')).toMatchObject({ tokens: [{ state: 'expired', expiresAt: clock.ms }] });
  });

  it('has a route', async () => {
    const whatsapp = await start();
    const routes = [...new Set([...actionsOf(whatsapp).values()].map(({ route }) => route)), whatsapp.panel.state];
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /phones/:customer/read',
      'PUT /phones/:customer/off',
      'PUT /phones/:customer/blocked',
      'POST /phones/:customer/messages',
      'POST /phones/:customer/buttons',
      'POST /webhooks/release',
      'POST /webhooks/retry',
      'POST /cloud/fail-next',
      'PUT ',
      'POST /numbers',
      'DELETE /numbers/:number',
      'POST /expire-tokens',
      'GET ',
    ]);
  });
});

describe('the request of a message', () => {
  const sent = (id: string, at = 100): SentMessage => ({
    ...{ id, at, to: '+16315551002', namespace: 'n', template: 'hello', language: 'en', parameters: [], text: '' },
  });
  const journalled = (more: Partial<JournalledCall>): JournalledCall => ({
    ...{ entry: 7, referenceId: 17, method: 'POST', url: 'http://x/v1/messages', at: 90, durationMs: 20, ...more },
  });
  const ids = (messages: readonly SentMessage[], calls: readonly JournalledCall[]): unknown[] => {
    const causes = causesOf(messages, calls);
    return messages.map((one) => causes.get(one)?.id);
  };
  const body = '{"to":"16315551002"}';

  it('is identified by the id in its answer', () => {
    const calls = [
      journalled({ entry: 1, responseBody: '{"messages":[{"id":"b"}]}' }),
      journalled({ entry: 2, responseBody: '{"messages":[{"id":"a"}]}' }),
      journalled({ entry: 3, responseBody: '{"messages":[{"id":"c"}]}', url: 'http://x/v1/contacts' }),
    ];
    expect(ids([sent('a'), sent('b'), sent('c')], calls)).toEqual([2, 1, undefined]);
    expect(
      causesOf([sent('a')], calls)
        .values()
        .next().value,
    ).toEqual({ id: 2, referenceId: 17 });
    expect(ids([], calls)).toEqual([]);
    const quote = journalled({ entry: 4, responseBody: '{"note":"5\\" wide","messages":[{"id":"a"}]}' });
    expect(ids([sent('a')], [quote])).toEqual([4]);
    expect(ids([sent('a'), sent('b'), sent('c')], [quote, ...calls])).toEqual([4, 1, undefined]);
  });

  it.each([
    ['before it', 89, undefined],
    ['at its start', 90, 7],
    ['at its end', 110, 7],
    ['after it', 111, undefined],
  ])('is known by number and time if its answer was lost: a message %s', (_name, at, id) => {
    expect(ids([sent('a', at)], [journalled({ requestBody: body })])).toEqual([id]);
  });

  it('is found without reading more of the journal than necessary', async () => {
    const read: unknown[] = [];
    const lazy = (call: JournalledCall): JournalledCall => ({
      ...call,
      get url() {
        read.push(`url of ${call.entry}`);
        return call.url;
      },
      get referenceId() {
        read.push(`ReferenceId of ${call.entry}`);
        return call.referenceId;
      },
    });
    const calls = [
      lazy(journalled({ entry: 9, url: 'http://x/v1/contacts' })),
      lazy(journalled({ entry: 8, responseBody: '{"messages":[{"id":"other"}]}' })),
      lazy(journalled({ entry: 7, responseBody: '{"messages":[{"id":"a"}]}' })),
      lazy(journalled({ entry: 6, responseBody: '{"messages":[{"id":"older"}]}' })),
    ];
    const whatsapp = await start(() => {
      read.push('journal');
      return calls;
    });
    expect(stateOf(whatsapp).messages).toEqual([]);
    expect(read).toEqual([]);
    whatsapp.messages.add(sent('a'));
    expect(stateOf(whatsapp).messages).toMatchObject([{ id: 'a', entry: { id: 7, referenceId: 17 } }]);
    expect(read).toEqual(['journal', 'url of 9', 'url of 8', 'url of 7', 'ReferenceId of 7']);
  });

  it('is not one for another number, without a body, or for two messages', () => {
    expect(ids([sent('a')], [journalled({ requestBody: '{"to":"4930"}' })])).toEqual([undefined]);
    expect(ids([sent('a')], [journalled({})])).toEqual([undefined]);
    expect(ids([sent('a'), sent('b')], [journalled({ requestBody: body })])).toEqual([7, undefined]);
    const two = [journalled({ entry: 1, requestBody: body }), journalled({ entry: 2, requestBody: body })];
    expect(ids([sent('a'), sent('b')], two)).toEqual([1, 2]);
  });
});
