import { z } from 'esp-host';
import { maskUrl } from '#server';
import { applicationTypeName } from '#wire';
import { addressText } from '../../configuration/index.js';
import { httpStubsIn, type RunningPlatform } from '../../runtime/index.js';
import type { RouteContext } from '../route.js';
import { type Route, route } from '../route.js';
import { time } from '../schemas.js';

interface ChannelView {
  readonly name: string;
  readonly type: string;
  readonly phoneNumber?: string;
  readonly driver?: string;
  readonly url?: string;
}

/** The channels, with only those settings that are not secret. */
export const channelsOf = ({ prepared }: RunningPlatform): ChannelView[] =>
  prepared.channels.list().map(({ name, type, phoneNumber, settings }) => {
    const { driver, url } = upstreamSettings(settings);
    return {
      name,
      type,
      ...(phoneNumber === undefined ? {} : { phoneNumber }),
      ...(typeof driver === 'string' ? { driver } : {}),
      ...(typeof url === 'string' ? { url: maskUrl(url) } : {}),
    };
  });

/** The part of a channel's settings that describes its upstream. */
function upstreamSettings(settings: unknown): { readonly driver?: unknown; readonly url?: unknown } {
  const parts = Object.values(settings as Record<string, unknown>);
  return parts.find((part) => typeof part === 'object' && part !== null && ('driver' in part || 'url' in part)) ?? {};
}

const application = z.strictObject({
  name: z.string(),
  type: z.int(),
  typeName: z.string(),
  address: z.string(),
  connected: z.boolean().describe('Whether Interaction Server is connected to it.'),
  kind: z.enum(['host', 'stubs', 'remote', 'replay']),
});

export const answer = z.strictObject({
  applications: z.array(application),
  types: z.array(z.strictObject({ number: z.int(), name: z.string() })),
  channels: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      phoneNumber: z.string().optional(),
      driver: z.string().optional(),
      url: z.string().optional(),
    }),
  ),
  upstreams: z.array(z.strictObject({ name: z.string(), url: z.string(), kind: z.enum(['mock', 'stubs']) })),
  connections: z.array(
    z.strictObject({
      id: z.int(),
      peer: z.string(),
      peerName: z.string().optional().describe('The name of the client, if the platform knows it.'),
      to: z.string().describe('host, interaction-server, or the name of a stubbed application.'),
      since: time(),
      addp: z
        .strictObject({ timeoutMs: z.number() })
        .nullable()
        .describe('The ADDP settings that the client requested; null if it requested no ADDP.'),
      messagesIn: z.int(),
      messagesOut: z.int(),
    }),
  ),
});

export function configurationRoutes({ platform }: RouteContext): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/configuration',
      summary: 'The emulated configuration and the open ESP connections.',
      answer,
      handle: () => {
        const applications = applicationsOf(platform);
        const types = new Map(applications.map(({ type, typeName }) => [type, typeName]));
        return {
          applications,
          types: [...types].map(([number, name]) => ({ number, name })),
          channels: channelsOf(platform),
          upstreams: platform.upstreams.map((upstream) => ({
            ...{ name: upstream.name, url: upstream.url },
            kind: httpStubsIn(upstream) === undefined ? ('mock' as const) : ('stubs' as const),
          })),
          connections: connectionsOf(platform),
        };
      },
    }),
  ];
}

function applicationsOf(platform: RunningPlatform): z.input<typeof application>[] {
  const { applications, stubServers, esp, interactionServer, replay } = platform;
  return applications.map((entry) => {
    const { name, type, typeName = applicationTypeName(type) } = entry;
    const common = { name, type, typeName, connected: interactionServer.isConnected(name) };
    if (entry.stubs === undefined) {
      const isHost = entry.address === 'host';
      return {
        ...common,
        address: addressText(entry.address === 'host' ? esp : entry.address),
        kind: isHost ? (replay === undefined ? 'host' : 'replay') : 'remote',
      };
    }
    const server = stubServers.find(({ stubs }) => stubs === entry.stubs);
    return { ...common, address: server === undefined ? '' : addressText(server), kind: 'stubs' };
  });
}

function connectionsOf({ connections, interactionServer }: RunningPlatform) {
  const local = new Set(interactionServer.locals().map(addressText));
  return connections
    .list()
    .map((connection) => (local.has(connection.peer) ? { ...connection, peerName: 'Interaction Server' } : connection));
}
