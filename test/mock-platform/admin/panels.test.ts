import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type MockPanel, mockRoute, z } from 'esp-host';
import { answer, panelRoutes } from '../../../mock-platform/admin/routes/panels.js';
import { ROOT, removeFolders } from '../../support/files.js';
import { PlatformSetting } from '../platform-setting.js';
import { AdminClient } from './setting.js';

const setting = new PlatformSetting();
afterEach(async () => {
  await setting.end();
  removeFolders();
});

const start = async (upstreams: string): Promise<AdminClient> => {
  const config = 'application: { name: Own, type: 23 }\nlisteners: { esp: { port: 0 } }\n';
  const world = `interactionServer: { port: 0 }\nconsole: { port: 0 }\napplications: []\nupstreams: ${upstreams}\n`;
  return AdminClient.of(await setting.platform(config, world));
};

const PLUGIN = join(ROOT, 'test/fixtures/plugins/billing');

it('/api/panels has the panel of each upstream, with its routes as paths and its forms as schemas', async () => {
  const api = await start(`{ bills: { plugin: ${PLUGIN} } }`);
  const { json } = await api.get('/api/panels');
  const text = { as: 'text', good: [] };
  expect(json).toEqual([
    {
      name: 'bills',
      title: 'Billing',
      description: 'The accounts and what they owe.',
      state: 'bills/accounts',
      sections: [
        {
          title: 'Totals',
          fields: [
            { title: 'Overdue', value: 'overdue', ...text },
            { title: 'Reminder', value: 'reminder', ...text, as: 'warning' },
          ],
          actions: [
            { title: 'Close all', method: 'POST', path: 'bills/close', values: {}, row: {}, when: {}, form: null },
          ],
        },
        {
          title: 'Accounts',
          fields: [],
          table: {
            rows: 'accounts',
            columns: [
              { title: 'Account', value: 'account', ...text, as: 'code' },
              { title: 'Balance', value: 'balance', ...text },
              { title: 'State', value: 'state', as: 'state', good: ['paid'] },
            ],
            actions: [
              {
                ...{ title: 'Set balance', method: 'PUT', path: 'bills/:account', values: {} },
                row: { account: 'account' },
                when: {},
                form: { type: 'object', properties: { balance: { type: 'string' } }, required: ['balance'], $defs: {} },
              },
            ],
            search: true,
            empty: 'Nothing yet.',
          },
          actions: [
            {
              ...{ title: 'Add account', method: 'POST', path: 'bills/accounts', values: {}, row: {}, when: {} },
              form: {
                type: 'object',
                properties: { account: { type: 'string' }, balance: { type: 'string', pattern: expect.any(String) } },
                required: ['account', 'balance'],
                $defs: {},
              },
            },
          ],
        },
      ],
    },
  ]);
});

it('routes of a panel need no entry in the routes of the mock', async () => {
  const api = await start(`{ bills: { plugin: ${PLUGIN} } }`);
  await api.post('/api/bills/accounts', { account: '18', balance: '-1.00' });
  expect((await api.get('/api/bills/accounts')).json).toEqual({
    accounts: [
      { account: '17', balance: '10.00', state: 'paid' },
      { account: '18', balance: '-1.00', state: 'overdue' },
    ],
    ...{ overdue: 1, reminder: '1 to remind' },
  });
});

describe('a panel', () => {
  const nothing = z.strictObject({});
  const state = mockRoute({ method: 'GET', path: '/state', summary: '', answer: nothing, handle: () => ({}) });
  const write = mockRoute({
    ...{ method: 'POST', path: '/people/:name/:kind', summary: '', answer: nothing },
    params: z.strictObject({ name: z.string(), kind: z.string() }),
    body: z.strictObject({ text: z.string(), loud: z.boolean().optional(), own: z.string().optional() }),
    handle: () => ({}),
  });
  const panelOf = async (...sections: MockPanel['sections']) => {
    const mock = { panel: { title: 'Chat', state, sections } };
    const platform = {
      upstreams: [
        { name: 'chat', mock },
        { name: 'none', mock: {} },
      ],
      panels: async () => [],
    };
    const [route] = panelRoutes({ platform } as never);
    const input = { params: undefined, query: undefined, body: undefined };
    return answer.parse(await route?.handle(input));
  };

  it('may have conversations, with actions and forms of what is not known', async () => {
    const row = { name: 'name' };
    const conversations = {
      ...{ rows: 'people', title: 'name', messages: 'messages', empty: 'Nobody.' },
      fields: [{ title: 'State', value: 'state', as: 'state', good: ['on'] }],
      actions: [{ title: 'Shout', route: write, values: { loud: true, text: 'Hey' }, row, when: { on: true } }],
      write: { title: 'Write', route: write, row },
      choose: { title: 'Choose', route: write, row: { ...row, text: 'choice', kind: 'message' } },
    } as const;
    const action = { method: 'POST', path: 'chat/people/:name/:kind', values: {}, row, when: {} };
    const form = (properties: object, ...required: string[]) => ({ type: 'object', properties, required, $defs: {} });
    const [kind, text] = [{ kind: { type: 'string' } }, { text: { type: 'string' } }];
    const [loud, own] = [{ loud: { type: 'boolean' } }, { own: { type: 'string' } }];
    expect(await panelOf({ title: 'People', description: 'All.', conversations })).toEqual([
      {
        ...{ name: 'chat', title: 'Chat', state: 'chat/state' },
        sections: [
          {
            ...{ title: 'People', description: 'All.', fields: [], actions: [] },
            conversations: {
              ...{ rows: 'people', title: 'name', messages: 'messages', empty: 'Nobody.' },
              fields: [{ title: 'State', value: 'state', as: 'state', good: ['on'] }],
              actions: [
                {
                  ...{ ...action, title: 'Shout', values: { loud: true, text: 'Hey' }, when: { on: true } },
                  form: form({ ...kind, ...own }, 'kind'),
                },
              ],
              write: { ...action, title: 'Write', form: form({ ...kind, ...text, ...loud, ...own }, 'kind', 'text') },
              choose: {
                ...{ ...action, title: 'Choose', row: { name: 'name', text: 'choice', kind: 'message' } },
                form: form({ ...loud, ...own }),
              },
            },
          },
        ],
      },
    ]);
  });

  it('has defaults for missing members', async () => {
    const conversations = { rows: 'people', title: 'name', messages: 'messages' };
    const table = { rows: 'people', columns: [{ title: 'Name', value: 'name' }] };
    expect(await panelOf({ title: 'A', conversations }, { title: 'B', table }, { title: 'C' })).toMatchObject([
      {
        sections: [
          {
            title: 'A',
            conversations: {
              ...{ ...conversations, fields: [], actions: [], write: null, choose: null, empty: 'Nothing yet.' },
            },
          },
          {
            title: 'B',
            table: {
              ...{ rows: 'people', actions: [], search: false, empty: 'Nothing yet.' },
              columns: [{ title: 'Name', value: 'name', as: 'text', good: [] }],
            },
          },
          { title: 'C', fields: [], actions: [] },
        ],
      },
    ]);
  });
});

it('/api/panels is empty without a panel', async () => {
  expect((await (await start('{}')).get('/api/panels')).json).toEqual([]);
});
