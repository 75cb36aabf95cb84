import type { Notice } from '../../../../mock-platform/console/api/types.ts';
import type { FakeState } from './state.ts';

const removal = (path: string, id: string, title: string): Notice['off'] => ({
  ...{ title, method: 'DELETE', path, values: { id }, row: {}, when: {}, form: null },
});

/** What makes the fake platform answer unusually. */
export const noticesOf = ({ rules, stubs, ledger }: FakeState): readonly Notice[] => [
  ...rules
    .filter(({ isUsedUp }) => !isUsedUp)
    .map(({ id, title, since }) => ({
      ...{ kind: 'fault' as const, id: `fault ${id}`, title, since },
      off: removal('faults/:id', id, 'Switch off'),
    })),
  ...stubs
    .filter(({ id }) => /^s\d{2,}$/.test(id))
    .map(({ id, name, application, upstream }) => ({
      ...{ kind: 'stub' as const, id: `stub ${id}`, title: name, effect: `added to ${application ?? upstream}` },
      off: removal('stubs/:id', id, 'Remove'),
    })),
  ...(ledger.currency === 'EUR'
    ? []
    : [
        {
          ...{
            kind: 'mock' as const,
            id: 'mock ledger',
            title: 'ledger in another currency',
            effect: 'converts amounts',
          },
          off: {
            title: 'Use EUR',
            method: 'PUT' as const,
            path: 'ledger',
            values: { currency: 'EUR' },
            row: {},
            when: {},
            form: null,
          },
        },
      ]),
];
