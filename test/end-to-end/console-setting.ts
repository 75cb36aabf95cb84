import { afterAll, beforeAll } from '@jest/globals';
import { EspClient, type EspReply, type PlainValues } from 'esp-host/client';
import { type Platform, startOnFreePorts } from 'esp-host/mock';
import type { ConsolePage, PageOptions } from '../mock-platform/console/console-page.ts';
import { describeInBrowser } from '../mock-platform/console/in-browser.ts';
import { ON_PREMISES } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';

/** The timeout for the page on a busy machine. */
const SHOWN_MS = 15_000;

/** A platform with the On-Premises API on free ports, its console in a browser, and an ESP client. */
export interface ConsoleSetting {
  readonly platform: Platform;
  readonly console: ConsolePage;
  /** Another page of the same console. */
  open(options: PageOptions): Promise<ConsolePage>;
  /** Calls Messaging.ValidateContact. */
  validate(parameters: PlainValues): Promise<EspReply>;
}

/** Tests of the console before a platform of their own. */
export function describeConsole(name: string, tests: (setting: () => ConsoleSetting) => void): void {
  describeInBrowser(name, (open) => {
    let setting: ConsoleSetting;
    let client: EspClient;

    beforeAll(async () => {
      const platform = await startOnFreePorts({ ...ON_PREMISES, logger: new LogLines().logger });
      client = new EspClient(platform.esp);
      await client.connect();
      const opened = async (options?: PageOptions): Promise<ConsolePage> => {
        const console = await open(platform.admin.url, options);
        console.page.setDefaultTimeout(SHOWN_MS);
        return console;
      };
      setting = {
        platform,
        console: await opened(),
        open: opened,
        validate: (parameters) =>
          client.request({ appName: 'DMS', service: 'Messaging', method: 'ValidateContact', parameters }),
      };
      await setting.console.page.getByText('Live', { exact: true }).waitFor();
    });
    afterAll(async () => {
      await client?.close();
      await setting?.platform.stop();
    });

    tests(() => setting);
  });
}
