import type { MockPanel, PanelAction, PanelField } from '../../../../mock-platform/console/api/types.ts';
import type { Summary } from './journal.ts';

/** A mock of a ledger, and the panel that it brings: a value of each format, and each kind of action. */
export interface Ledger {
  currency: string;
  readonly openedAt: number;
  readonly warning?: string;
  accounts: {
    account: string;
    owner?: string;
    state: 'open' | 'closed';
  }[];
  readonly calls: readonly {
    readonly at: number;
    readonly path: string;
    readonly accounts: readonly string[];
    readonly status?: number | string;
    readonly entry?: { readonly id: number; readonly referenceId: number | null };
  }[];
}

export const ledgerOf = ([first]: readonly Summary[], now: number): Ledger => ({
  currency: 'EUR',
  openedAt: now - 86_400_000,
  warning: 'The year is not closed. <img src=x onerror="document.title=1">',
  accounts: [
    { account: '17', owner: 'Ada', state: 'open' },
    { account: '18', owner: '<b>Bob</b>', state: 'closed' },
    ...Array.from({ length: 250 }, (_, index) => ({ account: `${1000 + index}`, state: 'open' as const })),
  ],
  calls: [
    { at: now - 1000, path: '/v1/balance', accounts: ['17', '18'], status: 200 },
    { at: now - 2000, path: '/v1/balance', accounts: [], status: 503, ...entryOf(first, 17) },
    { at: now - 3000, path: '/v1/balance', accounts: ['x'.repeat(5000)], status: 'reset', ...entryOf(first, null) },
    { at: now - 4000, path: '/v1/balance', accounts: [] },
  ],
});

const entryOf = (entry: Summary | undefined, referenceId: number | null) =>
  entry === undefined ? {} : { entry: { id: entry.id, referenceId } };

const field = (title: string, value: string, as: PanelField['as'] = 'text', good: string[] = []): PanelField => ({
  ...{ title, value, as, good },
});

const action = (
  title: string,
  method: PanelAction['method'],
  path: string,
  more: Partial<PanelAction>,
): PanelAction => ({
  ...{ title, method, path, values: {}, row: {}, when: {}, form: null },
  ...more,
});

const form = (properties: Record<string, object>, required: readonly string[] = []) => ({
  type: 'object',
  ...{ properties, required },
});

export const LEDGER: MockPanel = {
  name: 'ledger',
  title: 'Ledger',
  description: 'The mock of the ledger.',
  state: 'ledger',
  sections: [
    {
      title: 'Settings',
      description: 'What the ledger counts in.',
      fields: [
        field('Currency', 'currency'),
        field('Opened', 'openedAt', 'date'),
        field('Closed', 'closedAt', 'date'),
        field('Warning', 'warning', 'warning'),
        field('No warning', 'nothing', 'warning'),
      ],
      actions: [
        action('EUR', 'PUT', 'ledger', { values: { currency: 'EUR' } }),
        action('USD', 'PUT', 'ledger', { values: { currency: 'USD' } }),
        action('Set currency', 'PUT', 'ledger', { form: form({ currency: { type: 'string' } }, ['currency']) }),
      ],
    },
    {
      title: 'Accounts',
      fields: [],
      table: {
        rows: 'accounts',
        columns: [field('Account', 'account', 'code'), field('State', 'state', 'state', ['open'])],
        actions: [
          action('Rename', 'PUT', 'ledger/accounts/:account', {
            row: { account: 'account' },
            form: form({ owner: { type: 'string' } }, ['owner']),
          }),
          action('Remove', 'DELETE', 'ledger/accounts/:account', { row: { account: 'account' } }),
        ],
        search: true,
        empty: 'No accounts.',
      },
      actions: [
        action('Add account', 'POST', 'ledger/accounts', {
          form: form({ account: { type: 'string', examples: ['4711'] }, owner: { type: 'string' } }, ['account']),
        }),
      ],
    },
    {
      title: 'Owners',
      fields: [],
      table: {
        rows: 'owners',
        columns: [field('Owner', 'value')],
        actions: [],
        search: false,
        empty: 'No owners yet.',
      },
      actions: [],
    },
    {
      title: 'Calls',
      fields: [],
      table: {
        rows: 'calls',
        columns: [
          field('Time', 'at', 'time'),
          field('Path', 'path', 'code'),
          field('Accounts', 'accounts'),
          field('Status', 'status', 'status'),
          field('Request', 'entry', 'entry'),
        ],
        actions: [],
        search: false,
        empty: 'No calls yet.',
      },
      actions: [],
    },
  ],
};
