import { z } from 'esp-host';
import { maskUrl } from 'esp-host/server';
import { applicationTypeName } from 'esp-host/wire';
import { addressText } from '../../configuration/index.js';
import type { RunningPlatform } from '../../runtime/index.js';
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

/** The channels without anything of their settings but what can be told. */
export const channelsOf = ({ prepared }: RunningPlatform): ChannelView[] =>
  prepared.channels.list().map(({ name, type, phoneNumber, settings }) => {
    const { driver, url } = upstreamOf(settings);
    return {
      name,
      type,
      ...(phoneNumber === undefined ? {} : { phoneNumber }),
      ...(typeof driver === 'string' ? { driver } : {}),
      ...(typeof url === 'string' ? { url: maskUrl(url) } : {}),
    };
  });

/** The part of a channel's settings that says which upstream it asks, and how. */
function upstreamOf(settings: unknown): { readonly driver?: unknown; readonly url?: unknown } {
  const parts = Object.values(settings as Record<string, unknown>);
  return parts.find((part) => typeof part === 'object' && part !== null && ('driver' in part || 'url' in part)) ?? {};
}

const application = z.strictObject({
  name: z.string(),
  type: z.int(),
  typeName: z.string(),
  address: z.string(),
  connected: z.boolean().describe('whether Interaction Server is connected with it'),
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
  connections: z.array(
    z.strictObject({
      id: z.int(),
      peer: z.string(),
      peerName: z.string().optional().describe('where the platform knows it'),
      to: z.string().describe('host, interaction-server, or an application that is made from stubs'),
      since: time(),
      addp: z
        .strictObject({ timeoutMs: z.number() })
        .nullable()
        .describe('what the client asked for; null: it asked for no ADDP'),
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
      summary: 'The emulated configuration, and the ESP connections that are open.',
      answer,
      handle: () => {
        const applications = applicationsOf(platform);
        const types = new Map(applications.map(({ type, typeName }) => [type, typeName]));
        return {
          applications,
          types: [...types].map(([number, name]) => ({ number, name })),
          channels: channelsOf(platform),
          connections: connectionsOf(platform),
        };
      },
    }),
  ];
}

function applicationsOf(platform: RunningPlatform): z.input<typeof application>[] {
  const { applications, stubServers, esp, interactionServer, replay } = platform;
  return applications.map((one) => {
    const { name, type, typeName = applicationTypeName(type) } = one;
    const common = { name, type, typeName, connected: interactionServer.isConnected(name) };
    if (one.stubs === undefined) {
      const isHost = one.address === 'host';
      return {
        ...common,
        address: addressText(one.address === 'host' ? esp : one.address),
        kind: isHost ? (replay === undefined ? 'host' : 'replay') : 'remote',
      };
    }
    const server = stubServers.find(({ stubs }) => stubs === one.stubs);
    return { ...common, address: server === undefined ? '' : addressText(server), kind: 'stubs' };
  });
}

function connectionsOf({ connections, interactionServer }: RunningPlatform) {
  const own = new Set(interactionServer.locals().map(addressText));
  return connections.list().map((one) => (own.has(one.peer) ? { ...one, peerName: 'Interaction Server' } : one));
}
