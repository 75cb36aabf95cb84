import { type EspMessage, KeyValueList, MessageId } from '#wire';
import {
  type ConnectedApplication,
  type InteractionServer,
  type InteractionServerOptions,
  startInteractionServer,
} from '../../../mock-platform/interaction-server/index.js';
import { LogLines } from '../../support/log-lines.js';
import { RawClient } from '../../support/raw-client.js';
import { EspServer } from './esp-server.js';

/** A mock Interaction Server with the ESP servers behind it and the clients before it; `end` closes them all. */
export class Setting {
  readonly log = new LogLines();
  readonly #ends: (() => unknown)[] = [];

  async server(...options: Parameters<typeof EspServer.start>): Promise<EspServer> {
    const server = await EspServer.start(...options);
    this.#ends.push(() => server.stop());
    return server;
  }

  async interactionServer(
    applications: readonly ConnectedApplication[],
    options: Partial<InteractionServerOptions> = {},
  ): Promise<InteractionServer> {
    const started = await startInteractionServer({
      applications,
      reconnectMs: 5,
      logger: this.log.logger,
      ...options,
    });
    this.#ends.push(() => started.close());
    return started;
  }

  async client({ port }: { readonly port: number }): Promise<RawClient> {
    const client = await RawClient.open(port);
    this.#ends.push(() => client.socket.destroy());
    return client;
  }

  /** One ESP server, called DMS, behind an Interaction Server with one client. */
  async usual(options: Partial<InteractionServerOptions> = {}) {
    const server = await this.server();
    const interactionServer = await this.interactionServer([application('DMS', 171, server.port)], options);
    return { server, interactionServer, client: await this.client(interactionServer) };
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

export const application = (name: string, type: number, port: number): ConnectedApplication => ({
  name,
  type,
  address: { host: '127.0.0.1', port },
});

/** Event3rdServerResponse with one parameter, which identifies the server. */
export const response = (referenceId: number | undefined, from: string): EspMessage => ({
  messageId: MessageId.Event3rdServerResponse,
  referenceId,
  request: KeyValueList.from({ Parameters: { From: from } }),
  userData: undefined,
});
