import { z } from 'esp-host';
import { AdminError, notFound, StubError, UnknownApplicationError } from '../../errors.js';
import { stubsOf } from '../../runtime/index.js';
import { type ListedStub } from '../../stubs/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';

export const stub = z
  .strictObject({
    id: z.string(),
    application: z.string(),
    name: z.string(),
    scenario: z.string().optional(),
    hits: z.int().describe('The number of requests that the stub answered.'),
    definition: z.record(z.string(), z.unknown()).describe('The stub, as in a stub file.'),
  })
  .meta({ id: 'Stub' });

const added = z.strictObject({
  application: z.string(),
  stub: z.record(z.string(), z.unknown()),
  place: z
    .enum(['first', 'last'])
    .default('first')
    .describe('Before or after the other stubs. The first stub that matches answers.'),
});

export function stubRoutes({ platform, changed }: RouteContext): Route[] {
  const listAll = () =>
    platform.stubServers.flatMap(({ stubs }, index) =>
      stubs.list().map((listed) => view(listed, stubs.application.name, index)),
    );
  return [
    route({
      method: 'GET',
      path: '/api/stubs',
      summary: 'The stubs of each stubbed application, in order.',
      answer: z.array(stub),
      handle: listAll,
    }),
    route({
      method: 'POST',
      path: '/api/stubs',
      summary: 'Adds a stub.',
      body: added,
      answer: stub,
      handle: ({ body: { application, stub: definition, place } }) => {
        const index = platform.stubServers.findIndex(({ stubs }) => stubs.application.name === application);
        const created = withHttpErrors(() => stubsOf(platform, application).add(definition, place));
        changed('stubs');
        return view(created, application, index);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/stubs/:id',
      summary: 'Removes a stub.',
      params: z.strictObject({ id: z.string() }),
      handle: ({ params: { id } }) => {
        const [, index, idInSet] = /^(\d+)-(.+)$/.exec(id) ?? [];
        const set = platform.stubServers[Number(index) - 1]?.stubs;
        if (set?.remove(idInSet ?? '') !== true) throw notFound(`unknown stub ${id}; /api/stubs lists the stubs`);
        changed('stubs');
      },
    }),
  ];
}

/** Prefixes the id with the number of the set, because ids are unique only within a set. */
const view = ({ id, name, hits, definition }: ListedStub, application: string, index: number): z.input<typeof stub> => {
  const { scenario } = definition;
  return {
    id: `${index + 1}-${id}`,
    application,
    name,
    ...(scenario === undefined ? {} : { scenario }),
    hits,
    definition: { ...definition },
  };
};

function withHttpErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const isBadRequest = error instanceof StubError || error instanceof UnknownApplicationError;
    throw isBadRequest ? new AdminError(400, error.message) : error;
  }
}
