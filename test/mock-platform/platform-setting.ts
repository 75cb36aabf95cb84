import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { type Platform, type PlatformOptions, startPlatform } from '../../mock-platform/platform/platform.js';
import { file, ROOT, removeFolders } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';
import { RawClient } from '../support/raw-client.js';
import { EspServer } from './interaction-server/esp-server.js';

afterAll(removeFolders);

const PLUGINS = ['greeting', 'upstream'].map((name) => `{ use: ${join(ROOT, 'test/fixtures/plugins', name)} }`);

export const CONFIG = `application: { name: DMS }
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
plugins: [${PLUGINS.join(', ')}]
`;

export const PLATFORM = `interactionServer: { port: 0 }
applications: [{ name: DMS, type: 171, address: host }]
console: { port: 0 }
upstreams: { billing: { plugin: ${join(ROOT, 'test/fixtures/plugins/billing')} } }
`;

/** A whole platform on free ports, with clients before it; `end` stops it all. */
export class PlatformSetting {
  readonly log = new LogLines();
  readonly #ends: (() => unknown)[] = [];

  async platform(config = CONFIG, platform = PLATFORM, options: Partial<PlatformOptions> = {}): Promise<Platform> {
    const started = await startPlatform({
      config: file('config.yaml', config),
      platform: file('platform.yaml', platform),
      logger: this.log.logger,
      ports: { metrics: 0 },
      ...options,
    });
    this.#ends.push(() => started.stop());
    return started;
  }

  async client({ port }: { readonly port: number }): Promise<RawClient> {
    const client = await RawClient.open(port);
    this.#ends.push(() => client.socket.destroy());
    return client;
  }

  async server(): Promise<EspServer> {
    const server = await EspServer.start();
    this.#ends.push(() => server.stop());
    return server;
  }

  onEnd(end: () => unknown): void {
    this.#ends.push(end);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
