import { afterEach, describe, expect, it } from '@jest/globals';
import { type JournalledCall, type MockAction, type MockRoute, MockRouteError, Secret, z } from 'esp-host';
import { startUpstream, type Upstream } from 'esp-host/mock';
import mock, {
  type SentMessage,
  type WhatsAppMock,
  type WhatsAppState,
} from '../../../../plugins/messaging/mock/index.js';
import { causesOf } from '../../../../plugins/messaging/mock/panel.js';
import { userIdOf } from '../../../../plugins/messaging/mock/phones/customer.js';
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

  it('is shown in sections', async () => {
    const { panel } = await start();
    const route = ({ method, path }: MockRoute): string => `${method} ${path}`;
    /** The panel as data, with its routes as method and path. */
    const shown = JSON.parse(
      JSON.stringify(panel, (key, value) =>
        key === 'route' || key === 'state' ? (value.path === undefined ? value : route(value)) : value,
      ),
    );
    const row = { customer: 'customer' };
    const time = { title: 'Time', value: 'at', as: 'time' };
    const version = { route: 'PUT ' };
    expect(shown).toEqual({
      title: 'WhatsApp',
      description: 'The mock WhatsApp Business API client, registered as +919876543210.',
      state: 'GET ',
      sections: [
        {
          title: 'Phones',
          conversations: {
            ...{ rows: 'phones', title: 'customer', messages: 'messages', empty: 'No customers yet.' },
            fields: [{ title: 'State', value: 'state', as: 'state', good: ['on'] }],
            actions: [
              { title: 'Read', route: 'POST /phones/:customer/read', row, when: { unread: true } },
              {
                ...{ title: 'Switch off', route: 'PUT /phones/:customer/off', values: { off: true } },
                ...{ row, when: { off: false } },
              },
              {
                ...{ title: 'Switch on', route: 'PUT /phones/:customer/off', values: { off: false } },
                ...{ row, when: { off: true } },
              },
              {
                ...{ title: 'Block', route: 'PUT /phones/:customer/blocked', values: { blocked: true } },
                ...{ row, when: { blocked: false } },
              },
              {
                ...{ title: 'Unblock', route: 'PUT /phones/:customer/blocked', values: { blocked: false } },
                ...{ row, when: { blocked: true } },
              },
            ],
            write: {
              ...{ title: 'Write', route: 'POST /phones/:customer/messages' },
              ...{ row, when: { off: false, blocked: false } },
            },
            choose: {
              ...{ title: 'Press', route: 'POST /phones/:customer/buttons', when: { off: false, blocked: false } },
              row: { ...row, message: 'message', button: 'choice' },
            },
          },
        },
        {
          title: 'Webhooks',
          description: expect.stringContaining('whatsapp.webhooks'),
          table: {
            rows: 'webhooks',
            columns: [
              time,
              { title: 'Event', value: 'event', as: 'code' },
              { title: 'Customer', value: 'customer' },
              { title: 'State', value: 'state', as: 'state', good: ['handled'] },
              { title: 'Attempts', value: 'attempts' },
              { title: 'Answer', value: 'answer' },
              { title: 'Next attempt', value: 'nextAt', as: 'time' },
            ],
            empty: 'No webhooks yet.',
          },
          actions: [
            { title: 'Release held', route: 'POST /webhooks/release' },
            { title: 'Retry now', route: 'POST /webhooks/retry' },
            { title: 'Fail next message', route: 'POST /cloud/fail-next' },
          ],
        },
        {
          title: 'Version',
          description: expect.stringContaining('remove ValidateContact from strategies'),
          fields: [
            { title: 'Version', value: 'version' },
            { title: 'Warning', value: 'warning', as: 'warning' },
          ],
          actions: [
            { title: '2.41.3', ...version, values: { version: '2.41.3' } },
            { title: '2.45.1', ...version, values: { version: '2.45.1' } },
            { title: 'Set version', ...version },
          ],
        },
        {
          title: 'Directory',
          table: {
            rows: 'numbers',
            columns: [{ title: 'Number', value: 'value', as: 'code' }],
            actions: [{ title: 'Remove', route: 'DELETE /numbers/:number', row: { number: 'value' } }],
            ...{ search: true, empty: 'No numbers yet.' },
          },
          actions: [{ title: 'Add number', route: 'POST /numbers' }],
        },
        {
          title: 'Tokens',
          table: {
            rows: 'tokens',
            columns: [
              { title: 'Expires', value: 'expiresAt', as: 'date' },
              { title: 'State', value: 'state', as: 'state', good: ['valid'] },
            ],
            empty: 'No logins yet.',
          },
          actions: [{ title: 'Expire all', route: 'POST /expire-tokens' }],
        },
        {
          title: 'Sent messages',
          table: {
            rows: 'messages',
            columns: [
              time,
              { title: 'To', value: 'to' },
              { title: 'Template', value: 'template', as: 'code' },
              { title: 'Language', value: 'language' },
              { title: 'Parameters', value: 'parameters' },
              { title: 'Text', value: 'text' },
              { title: 'Request', value: 'entry', as: 'entry' },
              { title: 'Id', value: 'id', as: 'code' },
            ],
            empty: 'No messages yet.',
          },
        },
        {
          title: 'Calls',
          table: {
            rows: 'calls',
            columns: [
              time,
              { title: 'Method', value: 'method' },
              { title: 'Path', value: 'path', as: 'code' },
              { title: 'Contacts', value: 'contacts' },
              { title: 'Status', value: 'status', as: 'status' },
              { title: 'Request', value: 'entry', as: 'entry' },
            ],
            empty: 'No calls yet.',
          },
        },
      ],
    });
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

  it('has the latest 200 webhooks, newest first', async () => {
    const whatsapp = await start();
    for (let sent = 0; sent < 201; sent++) {
      const about = { event: 'sent', customer: '+1', message: `m${sent}` };
      whatsapp.webhooks.send([{ body: {}, about }], { hold: true });
    }
    const { webhooks } = stateOf(whatsapp);
    expect(webhooks[0]).toEqual({
      ...{ at: clock.ms, event: 'sent', customer: '+1', message: 'm200', state: 'held', attempts: 0 },
    });
    expect([webhooks.length, webhooks.at(-1)?.message]).toEqual([200, 'm1']);
  });

  it('is that of a new mock', async () => {
    const whatsapp = await start();
    const phone = (customer: string) => ({
      ...{ customer, userId: userIdOf(customer), state: 'on', off: false, blocked: false, unread: false, messages: [] },
    });
    expect(stateOf(whatsapp)).toEqual({
      ...{ version: '2.41.3', registeredNumber: '+919876543210', numbers: NUMBERS, tokens: [], messages: [] },
      ...{ calls: [], phones: NUMBERS.map(phone), webhooks: [] },
    });
  });

  it('has a message with all that was sent, on its phone too', async () => {
    const whatsapp = await start(() => [
      {
        ...{ entry: 7, referenceId: null, url: 'http://x/v1/messages', at: 1, durationMs: 1 },
        ...{ responseBody: '{"messages":[{"id":"m"}]}' },
      },
    ]);
    const message = {
      ...{ id: 'm', at: 1, to: '+16315551002', namespace: 'n', template: 'hello', language: 'en' },
      ...{ parameters: ['Ann'], text: 'Hello Ann' },
    };
    whatsapp.messages.add({ ...message, header: 'H' });
    whatsapp.phones.receive(message);
    const entry = { id: 7, referenceId: null };
    const state = stateOf(whatsapp);
    expect(state.messages).toEqual([{ ...message, entry }]);
    expect(state.phones[0]?.messages).toMatchObject([{ id: 'm', entry }]);
    expect(whatsapp.panel.state.answer.parse(state)).toEqual(state);
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
    run(whatsapp, 'Set version', { body: { version: '12.345.678' } });
    expect(whatsapp.version).toBe('12.345.678');
    for (const version of ['3.0', 'v3.0.0', '3.0.0-1', 3])
      expect(() => run(whatsapp, 'Set version', { body: { version } })).toThrow(/must be a version such as 2\.41\.3/);
    expect(() => run(whatsapp, 'Set version', { body: { version: '3.0.0', more: 1 } })).toThrow(/more/);
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
    expect(run(whatsapp, 'Add number', { body: { number: '+49 (30)\t123-4.5/6' } })).toMatchObject({
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
    expect(() => run(whatsapp, 'Add number', { body: { number: 5 } })).toThrow(
      /must be a phone number such as \\"\+919876543210\\"/,
    );
    expect(() => run(whatsapp, 'Add number', { body: { number: '+1', more: 1 } })).toThrow(z.ZodError);
    expect(() => run(whatsapp, 'Remove', { params: { number: NUMBERS[0], more: 1 } })).toThrow(z.ZodError);
    whatsapp.directory.add = () => {
      throw new RangeError('broken');
    };
    expect(() => run(whatsapp, 'Add number', { body: { number: '+1' } })).toThrow(RangeError);
  });

  it('has an example of a number', async () => {
    const { route } = actionsOf(await start()).get('Add number') as MockAction;
    const { number } = (route.body as z.ZodObject).shape as { number: z.ZodPipe };
    expect((number.in as z.ZodType).meta()).toMatchObject({ examples: ['+1 631 555 1002'] });
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

  it('goes to an edge that sends messages', () => {
    const answer = { responseBody: '{"messages":[{"id":"a"}]}' };
    const idOf = (url: string) => ids([sent('a')], [journalled({ ...answer, url })])[0];
    expect(
      ['/v26.0/1/messages', '/v26.0/1/marketing_messages', '/v1/messages/1', '/v1/no_messages'].map((path) =>
        idOf(`http://x${path}`),
      ),
    ).toEqual([7, 7, undefined, undefined]);
  });

  it('is known by user id and time if its answer was lost', () => {
    const message = { ...sent('a'), to: 'US.1349' };
    expect(ids([message], [journalled({ requestBody: '{"recipient":"US.1349"}' })])).toEqual([7]);
    expect(ids([message], [journalled({ requestBody: '{"recipient":"US.1350"}' })])).toEqual([undefined]);
  });

  it('is the newest that may have sent it', () => {
    const twice = [journalled({ entry: 9, requestBody: body }), journalled({ entry: 8, requestBody: body })];
    expect(ids([sent('a')], twice)).toEqual([9]);
    const again = [9, 8].map((entry) => journalled({ entry, responseBody: '{"messages":[{"id":"a"}]}' }));
    expect(ids([sent('a'), sent('b')], again)).toEqual([9, undefined]);
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
