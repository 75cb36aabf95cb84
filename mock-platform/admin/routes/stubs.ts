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
    hits: z.int().describe('how many requests it answered'),
    definition: z.record(z.string(), z.unknown()).describe('as in a file of stubs'),
  })
  .meta({ id: 'Stub' });

const added = z.strictObject({
  application: z.string(),
  stub: z.record(z.string(), z.unknown()),
  place: z
    .enum(['first', 'last'])
    .default('first')
    .describe('before or behind the others: the first that fits answers'),
});

export function stubRoutes({ platform, changed }: RouteContext): Route[] {
  const all = () =>
    platform.stubServers.flatMap(({ stubs }, index) =>
      stubs.list().map((one) => view(one, stubs.application.name, index)),
    );
  return [
    route({
      method: 'GET',
      path: '/api/stubs',
      summary: 'The stubs of each application that is made from them, in order.',
      answer: z.array(stub),
      handle: all,
    }),
    route({
      method: 'POST',
      path: '/api/stubs',
      summary: 'Adds a stub.',
      body: added,
      answer: stub,
      handle: ({ body: { application, stub: definition, place } }) => {
        const index = platform.stubServers.findIndex(({ stubs }) => stubs.application.name === application);
        const made = refusing(() => stubsOf(platform, application).add(definition, place));
        changed('stubs');
        return view(made, application, index);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/stubs/:id',
      summary: 'Removes a stub.',
      params: z.strictObject({ id: z.string() }),
      handle: ({ params: { id } }) => {
        const [, index, own] = /^(\d+)-(.+)$/.exec(id) ?? [];
        const set = platform.stubServers[Number(index) - 1]?.stubs;
        if (set?.remove(own ?? '') !== true) throw notFound(`there is no stub ${id}: /api/stubs lists those there are`);
        changed('stubs');
      },
    }),
  ];
}

/** A set counts its stubs for itself: the number of the set goes before. */
const view = ({ id, hits, definition }: ListedStub, application: string, index: number): z.input<typeof stub> => {
  const { name = `${definition.match?.service ?? '*'}.${definition.match?.method ?? '*'}`, scenario } = definition;
  return {
    id: `${index + 1}-${id}`,
    application,
    name,
    ...(scenario === undefined ? {} : { scenario }),
    hits,
    definition: { ...definition },
  };
};

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const wrong = error instanceof StubError || error instanceof UnknownApplicationError;
    throw wrong ? new AdminError(400, error.message) : error;
  }
}
