import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
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

it('/api/panels is empty without a panel', async () => {
  expect((await (await start('{}')).get('/api/panels')).json).toEqual([]);
});
