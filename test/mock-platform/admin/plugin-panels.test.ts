import { afterEach, describe, expect, it } from '@jest/globals';
import { startPlatform } from '../../../mock-platform/platform/index.js';
import { until } from '../../support/eventually.js';
import { folder, removeFolders } from '../../support/files.js';
import { freePort } from '../../support/free-port.js';
import { LogLines } from '../../support/log-lines.js';
import { bodyOf, post, writeConfig } from '../../support/webhooks.js';
import { AdminClient } from './setting.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  removeFolders();
});

/** A platform made from config.yaml, whose plugin brings a page. */
async function start(): Promise<{ api: AdminClient; port: number }> {
  const port = await freePort();
  const platform = await startPlatform({
    config: writeConfig(folder()),
    logger: new LogLines().logger,
    ports: { esp: 0, interactionServer: 0, console: 0, metrics: 0, webhooks: port },
  });
  ends.push(() => platform.stop());
  return { api: await AdminClient.of(platform), port };
}

describe('the page that a plugin brings', () => {
  it('is among the panels', async () => {
    const { api } = await start();
    const { json } = await api.get('/api/panels');
    expect(json).toMatchObject([
      {
        ...{ name: 'plugins/receipts', title: 'Receipts', state: 'plugins/receipts' },
        sections: [{ actions: [{ title: 'Choose', method: 'PUT', path: 'plugins/receipts/orders/:order' }] }],
      },
    ]);
  });

  it('reads from the container of the plugin', async () => {
    const { api, port } = await start();
    const shown = async () => (await api.get('/api/plugins/receipts')).json;
    expect(await shown()).toEqual({ order: '7', texts: [] });
    expect(await post(port, bodyOf({ id: 'r1', order: 'a/b', text: 'paid' }))).toMatchObject({ status: 200 });
    const chosen = await api.ask('PUT', '/api/plugins/receipts/orders/a%2Fb');
    expect(chosen.json).toMatchObject({ order: 'a/b' });
    await until(async () => JSON.stringify(await shown()) === '{"order":"a/b","texts":["paid"]}');
  });

  it('has no other routes, and says why one fails', async () => {
    const { api } = await start();
    const statusOf = async (method: string, path: string) => {
      const { status, json } = await api.ask(method, `/api/plugins/${path}`);
      return `${status} ${JSON.stringify(json)}`;
    };
    expect(await statusOf('PUT', 'receipts/orders/none')).toBe('404 {"error":"there is no such order"}');
    expect(await statusOf('GET', 'receipts/orders/7')).toMatch(/^404 .*does not exist/);
    expect(await statusOf('PUT', 'receipts/orders')).toMatch(/^404 /);
    expect(await statusOf('GET', 'other')).toMatch(/^404 /);
  });
});
