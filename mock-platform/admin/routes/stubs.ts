import { z } from 'esp-host';
import { MASK, maskText, maskValues } from '#server';
import { notFound } from '../../errors.js';
import {
  stubsOf as espStubsOf,
  httpStubsIn,
  httpStubsOf,
  type RunningPlatform,
  type StubbedServer,
  stubbedServers,
  stubsFromJournal,
} from '../../runtime/index.js';
import type { HttpStubRequest, HttpStubSet, ListedStub, StubSet } from '../../stubs/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { time } from '../schemas.js';

const owner = {
  application: z.string().optional().describe('The stubbed application, for a stub of an ESP server.'),
  upstream: z.string().optional().describe('The stubbed upstream, for a stub of an HTTP server.'),
};

export const stub = z
  .strictObject({
    id: z.string(),
    ...owner,
    name: z.string(),
    scenario: z.string().optional(),
    hits: z.int().describe('The number of requests that the stub answered.'),
    definition: z.record(z.string(), z.unknown()).describe('The stub, as in a stub file. Secrets are masked.'),
  })
  .meta({ id: 'Stub' });

const added = z
  .strictObject({
    ...owner,
    stub: z.record(z.string(), z.unknown()),
    place: z
      .enum(['first', 'last'])
      .default('first')
      .describe('Before or after the other stubs. The first stub that matches answers.'),
  })
  .refine(({ application, upstream }) => (application === undefined) !== (upstream === undefined), {
    message: 'must have either application or upstream',
  });

/** A request that a stubbed upstream received. */
export const stubRequest = z.strictObject({
  upstream: z.string(),
  at: time(),
  method: z.string(),
  path: z.string(),
  stub: z.string().optional().describe('The name of the stub that answered.'),
  unmatched: z.string().optional().describe('Why no stub matched, and how the closest one differs.'),
});

const requestQuery = z.strictObject({
  upstream: z.string().optional(),
  unmatched: z.enum(['true', 'false']).optional().describe('true: only requests that no stub matched.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const pattern = z.strictObject({ pattern: z.string() });
const presence = z.strictObject({ present: z.boolean() });
const conditions = () => z.record(z.string(), z.union([z.string(), z.number(), pattern, presence])).optional();
const count = () => z.int().min(0).optional();

const expected = z.strictObject({
  upstream: z.string(),
  method: z.string().optional(),
  path: z.union([z.string(), pattern]).optional(),
  query: conditions(),
  headers: conditions(),
  json: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), pattern, presence]))
    .optional()
    .describe('Conditions by path, as in the match of a stub.'),
  body: z.union([z.string(), z.number(), pattern]).optional(),
  stub: z.string().optional().describe('The name of the stub that answered.'),
  unmatched: z.boolean().optional(),
  times: count(),
  atLeast: count(),
  atMost: count(),
});

const verification = z.strictObject({
  count: z.int(),
  ok: z.boolean().describe('Whether the count is as expected; by default, at least one.'),
  requests: z.array(stubRequest).describe('Oldest first.'),
});

export function stubRoutes({ platform, changed }: RouteContext): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/stubs',
      summary: 'The stubs of each stubbed application and upstream, in order.',
      answer: z.array(stub),
      handle: () =>
        stubbedServers(platform).flatMap((server, index) =>
          server.stubs.list().map((listed) => view(listed, server, index)),
        ),
    }),
    route({
      method: 'POST',
      path: '/api/stubs',
      summary: 'Adds a stub.',
      body: added,
      answer: stub,
      handle: ({ body: { application, upstream, stub: definition, place } }) => {
        const set = stubsOf(platform, application, upstream);
        const created = set.add(definition, place);
        changed('stubs');
        const servers = stubbedServers(platform);
        const index = servers.findIndex(({ stubs }) => stubs === set);
        return view(created, { application, upstream }, index);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/stubs/:id',
      summary: 'Removes a stub.',
      params: z.strictObject({ id: z.string() }),
      handle: ({ params: { id } }) => {
        const [, index, idInSet] = /^(\d+)-(.+)$/.exec(id) ?? [];
        const set = stubbedServers(platform)[Number(index) - 1]?.stubs;
        if (set?.remove(idInSet ?? '') !== true) throw notFound(`unknown stub ${id}; /api/stubs lists the stubs`);
        changed('stubs');
      },
    }),
    route({
      method: 'GET',
      path: '/api/stubs/requests',
      summary: 'The last requests of stubbed upstreams, newest first.',
      query: requestQuery,
      answer: z.array(stubRequest),
      handle: ({ query }) => requestsOf(platform, query),
    }),
    route({
      method: 'GET',
      path: '/api/stubs/from-journal',
      summary: 'The calls to an upstream in the journal, as a file of HTTP stubs.',
      query: z.strictObject({
        upstream: z.string().describe('The name of an upstream, or an origin such as https://api.example.com.'),
      }),
      answer: z.string(),
      handle: ({ query }) => stubsFromJournal(platform, query.upstream),
    }),
    route({
      method: 'POST',
      path: '/api/stubs/verify',
      summary: 'Counts the requests of a stubbed upstream that match.',
      body: expected,
      answer: verification,
      handle: ({ body: { upstream, ...wanted } }) => {
        const { requests, ...result } = httpStubsOf(platform.upstreams, upstream).verify(wanted);
        return { ...result, requests: requests.map((request) => requestView(request, upstream)) };
      },
    }),
  ];
}

/** @throws UnknownApplicationError, UnknownUpstreamError */
function stubsOf(
  platform: RunningPlatform,
  application: string | undefined,
  upstream: string | undefined,
): StubSet | HttpStubSet {
  return upstream === undefined ? espStubsOf(platform, application ?? '') : httpStubsOf(platform.upstreams, upstream);
}

/** Prefixes the id with the number of the set, because ids are unique only within a set. */
export const stubId = (index: number, id: string): string => `${index + 1}-${id}`;

const view = (
  { id, name, hits, definition }: ListedStub,
  { application, upstream }: Omit<StubbedServer, 'stubs'>,
  index: number,
): z.input<typeof stub> => ({
  id: stubId(index, id),
  ...(application === undefined ? {} : { application }),
  ...(upstream === undefined ? {} : { upstream }),
  name,
  ...(definition.scenario === undefined ? {} : { scenario: definition.scenario }),
  hits,
  definition: maskValues(withoutSecretTexts(definition)) as Record<string, unknown>,
});

/** Masks the secrets in texts that only their key announces: bodies and cookies. */
function withoutSecretTexts(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecretTexts(item, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        withoutSecretTexts(member, name === 'pattern' ? key : name),
      ]),
    );
  }
  if (typeof value !== 'string') return value;
  if (/cookie/i.test(key)) return MASK;
  return key === 'body' ? maskText(value) : value;
}

function requestsOf(
  { upstreams }: RunningPlatform,
  { upstream, unmatched, limit }: z.output<typeof requestQuery>,
): z.input<typeof stubRequest>[] {
  return upstreams
    .filter(({ name }) => upstream === undefined || name === upstream)
    .flatMap((one) => (httpStubsIn(one)?.requests() ?? []).map((request) => requestView(request, one.name)))
    .filter((request) => unmatched === undefined || String(request.unmatched !== undefined) === unmatched)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, limit);
}

const requestView = (
  { at, method, path, stub, unmatched }: HttpStubRequest,
  upstream: string,
): z.input<typeof stubRequest> => ({
  ...{ upstream, at, method, path },
  ...(stub === undefined ? {} : { stub }),
  ...(unmatched === undefined ? {} : { unmatched }),
});
