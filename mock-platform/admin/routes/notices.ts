import { z } from 'esp-host';
import { type RunningPlatform, stubbedServers } from '../../runtime/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { time } from '../schemas.js';
import { action, actionView } from './panels.js';
import { stubId } from './stubs.js';

const notice = z
  .strictObject({
    kind: z.enum(['fault', 'stub', 'mock']),
    id: z.string().describe('Unique among the notices.'),
    title: z.string().describe('Such as upstreamStatus 503.'),
    effect: z.string().optional(),
    since: time().optional(),
    off: action.nullable().describe('Switches it off; null if that is impossible.'),
  })
  .meta({ id: 'Notice' });

export const answer = z.array(notice);

type Notice = z.input<typeof notice>;

export const noticeRoutes = ({ platform }: RouteContext): Route[] => [
  route({
    method: 'GET',
    path: '/api/notices',
    summary: 'What makes the platform answer unusually: faults that still apply, added stubs, and notices of mocks.',
    answer,
    handle: () => [...ofFaults(platform), ...ofStubs(platform), ...ofMocks(platform)],
  }),
];

const removal = (path: string, id: string, title: string): Notice['off'] => ({
  ...{ title, method: 'DELETE', path, values: { id } },
  ...{ row: {}, when: {}, form: null },
});

const ofFaults = ({ faults }: RunningPlatform): Notice[] =>
  faults
    .list()
    .filter(({ isUsedUp }) => !isUsedUp)
    .map(({ rule: { id }, title, since }) => ({
      ...{ kind: 'fault', id: `fault ${id}`, title, since },
      off: removal('faults/:id', id, 'Switch off'),
    }));

const ofStubs = (platform: RunningPlatform): Notice[] =>
  stubbedServers(platform).flatMap(({ application, upstream, stubs }, index) =>
    stubs.added().map(({ id, name }) => ({
      ...{ kind: 'stub', id: `stub ${stubId(index, id)}`, title: name },
      effect: `added to ${application ?? upstream}, in no file`,
      off: removal('stubs/:id', stubId(index, id), 'Remove'),
    })),
  );

const ofMocks = ({ upstreams }: RunningPlatform): Notice[] =>
  upstreams.flatMap((upstream) =>
    upstream.notices().map(({ title, effect, off }) => ({
      ...{ kind: 'mock', id: `mock ${upstream.name} ${title}`, title: `${upstream.name} ${title}`, effect },
      off: off === undefined ? null : actionView(upstream.name, off),
    })),
  );
