import { type MockCall, Secret, type z } from 'esp-host';
import { type CallLog, type ForcedResponse, type Platform, startUpstream, type Upstream } from 'esp-host/mock';
import mock, { type ApprovedTemplate, type WhatsAppMock } from '../../../plugins/messaging/mock/index.js';

/** A call that the API gets. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** What a call of the contacts endpoint asks for. */
  readonly contacts: readonly string[];
}

export type ApiCall = MockCall & { readonly contacts?: readonly string[] };

export type ApiResponder = (request: ApiRequest) => ForcedResponse | undefined | Promise<ForcedResponse | undefined>;

/** The mock of plugins/messaging, with what the platform does for it. */
export interface WhatsAppApi
  extends Pick<
    WhatsAppMock,
    'cloud' | 'directory' | 'tokens' | 'messages' | 'version' | 'setVersion' | 'setPassword' | 'forgetResults'
  > {
  readonly url: string;
  readonly calls: Omit<CallLog, 'list'> & { list(): readonly ApiCall[] };
  respondWith(responder: ApiResponder | undefined): void;
  close(): Promise<void>;
}

export interface WhatsAppApiOptions {
  readonly port?: number;
  readonly version?: string;
  readonly registeredNumber: string;
  readonly username?: string;
  readonly password?: string;
  readonly apiKey?: string;
  readonly numbers: readonly string[];
  readonly templates?: readonly ApprovedTemplate[];
  readonly tokenLifetimeMs?: number;
  readonly contactsPerSecond?: number;
  /** Settings of Cloud API. */
  readonly cloud?: z.input<typeof mock.settings.shape.cloud>;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly now?: () => number;
}

/** The API alone, on any free port unless one is given. */
export async function startWhatsAppApi(options: WhatsAppApiOptions): Promise<WhatsAppApi> {
  const { port, tls, now, password = 'secret', numbers, templates = [], cloud, ...rest } = options;
  const settings = {
    ...{ version: '2.41.3', username: 'admin' },
    ...rest,
    ...{
      password: new Secret(password),
      numbers: [...numbers],
      templates: mock.settings.shape.templates.parse(templates),
    },
    cloud: mock.settings.shape.cloud.parse(cloud ?? {}),
  };
  return apiOf(await startUpstream(mock, { name: 'whatsapp', port, tls, now, settings }));
}

/** The API of a platform. */
export const whatsAppOf = (platform: Platform): WhatsAppApi => apiOf(platform.upstream<WhatsAppMock>('whatsapp'));

function apiOf(upstream: Upstream<WhatsAppMock>): WhatsAppApi {
  const { mock: api, url, calls } = upstream;
  const { cloud, directory, tokens, messages } = api;
  return {
    ...{ url, calls: calls as WhatsAppApi['calls'], cloud, directory, tokens, messages },
    get version() {
      return api.version;
    },
    setVersion: (version) => api.setVersion(version),
    setPassword: (password) => api.setPassword(password),
    forgetResults: () => api.forgetResults(),
    respondWith: (responder) =>
      upstream.respondWith(
        responder && (({ method, path, body }) => responder({ method, path, contacts: contactsIn(path, body) })),
      ),
    close: () => upstream.close(),
  };
}

function contactsIn(path: string, body: string): string[] {
  if (path !== '/v1/contacts') return [];
  try {
    return (JSON.parse(body) as { contacts: string[] }).contacts;
  } catch {
    return [];
  }
}
