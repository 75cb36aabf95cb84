import type {
  JournalledCall,
  Logger,
  Mock,
  MockCall,
  MockContext,
  MockDefinition,
  MockedHost,
  MockNotice,
  MockRequest,
  z,
} from 'esp-host';
import { CallLog } from './call-log.js';
import { HostWebhooks } from './host-webhooks.js';
import { type Responder, UpstreamServer } from './server.js';
import { WebhookLog } from './webhook-log.js';

/** A running upstream mock. */
export interface Upstream<M extends Mock = Mock> {
  /** The key in `upstreams` of platform.yaml. */
  readonly name: string;
  /** The URL, without a path; empty if the mock has no server. */
  readonly url: string;
  readonly definition: MockDefinition;
  readonly mock: M;
  readonly calls: CallLog;
  /** The webhooks that the mock has posted. */
  readonly webhooks: WebhookLog;
  /** Calls `responder` before faults and the mock; undefined removes it. */
  respondWith(responder: Responder | undefined): void;
  /** Calls `listener` on each change. @returns a function that unsubscribes */
  subscribe(listener: () => void): () => void;
  /** What makes the mock answer unusually at the moment. */
  notices(): readonly MockNotice[];
  /** Called when the host runs. Webhooks that the mock posts by this, and by `configure`, are not kept. @internal */
  hostStarted(host: MockedHost): Promise<void>;
  /** Changes settings, validated by the definition's schema. */
  configure(settings: Record<string, unknown>): Promise<void>;
  reset(): void;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** Options of {@link startUpstream}. */
export interface UpstreamOptions<Settings> {
  readonly name: string;
  /** @default 0, any free port */
  readonly port?: number | undefined;
  readonly settings: Settings;
  /** Called with each request, to inject faults. @default none */
  readonly intercept?: Responder | undefined;
  /** Finds the journal entry of the request that caused a call. @default unknown for every call */
  readonly entryOf?: ((call: MockRequest) => MockCall['entry']) | undefined;
  /** The upstream calls in the journal. @default none */
  readonly journal?: (() => readonly JournalledCall[]) | undefined;
  /** Posts webhooks to the host. @default only to other URLs @internal */
  readonly host?: HostWebhooks | undefined;
  /** @default none: nothing is logged */
  readonly logger?: Logger | undefined;
  /** Private key and certificate as PEM texts. @default none: the mock speaks plain HTTP */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** The time in ms since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

const HOST = '127.0.0.1';

const SILENT: Logger = { error() {}, warn() {}, info() {}, debug() {} };

/** Starts a plugin's mock, alone or in a platform. @throws the error of `listen`, or what the mock's `start` throws */
export async function startUpstream<Settings extends z.ZodObject, M extends Mock>(
  definition: MockDefinition<Settings, M>,
  options: UpstreamOptions<z.output<Settings>>,
): Promise<Upstream<M>> {
  const { name, port = 0, settings, intercept = () => undefined, journal = () => [], tls, now = Date.now } = options;
  const { host = new HostWebhooks(), logger = SILENT, entryOf } = options;
  const calls = new CallLog();
  const webhooks = new WebhookLog();
  const stopping = new AbortController();
  const post: MockContext<unknown>['post'] = async (webhook) => {
    const ended = webhooks.posted(webhook, now());
    try {
      const answer = await host.post(webhook, stopping.signal);
      const { status, handled } = answer;
      ended({ status, outcome: status === 200 ? 'accepted' : 'refused' });
      void handled.then((isHandled) => isHandled && ended({ outcome: 'handled' }));
      return answer;
    } catch (error) {
      ended({ outcome: 'failed', error: (error as Error).message });
      throw error;
    }
  };
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  calls.subscribe(changed);
  let responder: Responder | undefined;
  let server: UpstreamServer | undefined;
  try {
    const mock = await definition.start({
      ...{ name, settings, now, journal, changed, post, logger },
      calls: () => calls.list(),
      serve: async (handler) => {
        server = await UpstreamServer.start({
          ...{ host: HOST, port, tls, now, calls, handler, entryOf },
          intercept: async (request) => (await responder?.(request)) ?? intercept(request),
        });
        return server.url;
      },
    });
    return {
      ...{ name, definition, mock, calls, webhooks },
      url: server?.url ?? '',
      respondWith: (next) => {
        responder = next;
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      notices: () => mock.notices?.() ?? [],
      hostStarted: async (started) => {
        await mock.hostStarted?.(started);
        webhooks.clear();
      },
      configure: async (changed) => {
        await mock.configure(changed as Partial<z.output<Settings>>);
        webhooks.clear();
      },
      reset: () => {
        mock.reset();
        calls.clear();
        webhooks.clear();
      },
      close: async () => {
        stopping.abort();
        await server?.close();
        await mock.stop?.();
      },
    };
  } catch (error) {
    await server?.close();
    throw error;
  }
}
