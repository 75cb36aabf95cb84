/** What compiles, and what does not, for the author of a mock. `npm run typecheck` checks it. Nothing runs it. */
import { defineMock, mockMessage, mockPanel, mockRoute, z } from 'esp-host';
import { equal } from './equal.js';

const answer = z.strictObject({
  total: z.int(),
  accounts: z.array(z.strictObject({ account: z.string(), balance: z.string().optional() })),
  names: z.array(z.string()).optional(),
});

const state = mockRoute({
  ...{ method: 'GET', path: '', summary: 'The accounts.' },
  answer,
  // @ts-expect-error: the answer lacks its accounts
  handle: () => ({ total: 1 }),
});

const setBalance = mockRoute({
  ...{ method: 'PUT', path: '/:account', summary: 'Sets a balance.' },
  params: z.strictObject({ account: z.string() }),
  body: z.strictObject({ cents: z.int() }),
  answer,
  handle: ({ params, body }) => {
    equal<{ account: string }>()(params);
    equal<{ cents: number }>()(body);
    return { total: body.cents, accounts: [] };
  },
});

export const panel = mockPanel({
  title: 'Billing',
  state,
  sections: [
    {
      title: 'Accounts',
      fields: [{ title: 'Total', value: 'total' }],
      table: {
        rows: 'accounts',
        columns: [
          { title: 'Account', value: 'account', as: 'code' },
          { title: 'Balance', value: 'balance' },
        ],
        actions: [{ title: 'Set', route: setBalance, row: { account: 'account' } }],
      },
      actions: [{ title: 'Set', route: setBalance, values: { cents: 5 } }],
    },
    { title: 'Names', table: { rows: 'names', columns: [{ title: 'Name', value: 'value' }] } },
  ],
});

const talks = mockRoute({
  ...{ method: 'GET', path: '/talks', summary: 'The talks.' },
  answer: z.strictObject({
    talks: z.array(z.strictObject({ who: z.string(), isOff: z.boolean(), said: z.array(mockMessage) })),
    total: z.int(),
  }),
  handle: async () => ({ talks: [], total: 0 }),
});

mockPanel({
  title: 'Talks',
  state: talks,
  sections: [
    {
      title: 'Talks',
      conversations: {
        ...{ rows: 'talks', title: 'who', messages: 'said' },
        write: { title: 'Write', route: setBalance, row: { account: 'who' }, when: { isOff: false } },
        choose: { title: 'Choose', route: setBalance, row: { account: 'who', cents: 'choice' } },
      },
    },
    // @ts-expect-error: these are no messages
    { title: 'Talks', conversations: { rows: 'talks', title: 'who', messages: 'who' } },
    // @ts-expect-error: the total is no array
    { title: 'Talks', conversations: { rows: 'total', title: 'who', messages: 'said' } },
    {
      title: 'Talks',
      conversations: {
        ...{ rows: 'talks', title: 'who', messages: 'said' },
        // @ts-expect-error: the conversations have no such value
        actions: [{ title: 'Set', route: setBalance, row: { account: 'name' } }],
      },
    },
  ],
});

mockPanel({
  title: 'Billing',
  state,
  sections: [
    // @ts-expect-error: the state has no such value
    { title: 'Totals', fields: [{ title: 'Sum', value: 'sum' }] },
    // @ts-expect-error: the total is no array
    { title: 'Totals', table: { rows: 'total', columns: [] } },
    // @ts-expect-error: the rows have no such value
    { title: 'Accounts', table: { rows: 'accounts', columns: [{ title: 'Name', value: 'name' }] } },
    // @ts-expect-error: the value of a plain row is called value
    { title: 'Names', table: { rows: 'names', columns: [{ title: 'Name', value: 'name' }] } },
    // @ts-expect-error: no such format
    { title: 'Totals', fields: [{ title: 'Total', value: 'total', as: 'money' }] },
  ],
});

export default defineMock({
  name: 'billing',
  settings: z.strictObject({ rate: z.int() }),
  start: async ({ settings, serve }) => {
    equal<{ rate: number }>()(settings);
    const url = await serve({ respond: () => ({ status: 200 }), error: (status) => ({ status }) });
    return {
      env: { BILLING_URL: url },
      panel,
      configure: (changed) => equal<Partial<{ rate: number }>>()(changed),
      reset: () => undefined,
    };
  },
});
