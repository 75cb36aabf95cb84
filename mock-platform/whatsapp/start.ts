import { BusinessApiClient } from './business-api-client.js';
import { CallLog } from './call-log.js';
import type { Directory } from './directory.js';
import type { Responder } from './forced-response.js';
import { startHttpServer } from './http-server.js';
import { checkOptions, type WhatsAppApiOptions } from './options.js';
import type { Outbox } from './outbox.js';
import type { TokenStore } from './token-store.js';

/** A running mock of the WhatsApp Business API client (On-Premises). */
export interface WhatsAppApi {
  /** `http://127.0.0.1:9090`, without a path. */
  readonly url: string;
  readonly directory: Directory;
  readonly tokens: TokenStore;
  readonly calls: CallLog;
  /** The messages that were sent. */
  readonly messages: Outbox;
  readonly version: string;
  setVersion(version: string): void;
  /** For the logins from now on; tokens that were given out stay valid. */
  setPassword(password: string): void;
  /** Makes the next contacts calls look every number up again, as after the 7 days of the cache. */
  forgetResults(): void;
  /** Lets `responder` answer in the client's place; undefined ends that. */
  respondWith(responder: Responder | undefined): void;
  /** Ends every connection, whatever is going on over it. */
  close(): Promise<void>;
}

/** Starts the mock; throws an OptionError that names a wrong option. */
export async function startWhatsAppApi(options: WhatsAppApiOptions): Promise<WhatsAppApi> {
  const settings = checkOptions(options);
  const client = new BusinessApiClient(settings);
  const calls = new CallLog();
  let responder: Responder | undefined;
  const server = await startHttpServer(settings, { client, calls, responder: () => responder });
  return {
    url: server.url,
    directory: client.directory,
    tokens: client.tokens,
    calls,
    messages: client.outbox,
    get version() {
      return client.version;
    },
    setVersion(version) {
      client.version = version;
    },
    setPassword(password) {
      client.password = password;
    },
    forgetResults: () => client.forgetResults(),
    respondWith(next) {
      responder = next;
    },
    close: () => server.close(),
  };
}
