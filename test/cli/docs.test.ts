import { mkdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { serveSite } from '../../src/cli/docs.js';
import { file, folder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

const ANY_PORT = { host: '127.0.0.1', port: 0 };

it('serves the pages of the site, and nothing outside of it', async () => {
  const site = folder();
  file('index.html', '<h1>esp-host</h1>', site);
  mkdirSync(join(site, 'plugins'));
  file('plugins/index.html', '<h1>Writing a plugin</h1>', site);
  const { url, close } = await serveSite(ANY_PORT, site);
  try {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await fetch(`${url}plugins/`);
    expect(await page.text()).toBe('<h1>Writing a plugin</h1>');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const redirected = await fetch(`${url}/plugins?a`, { redirect: 'manual' });
    expect([redirected.status, redirected.headers.get('location')]).toEqual([308, '/plugins/']);
    for (const path of ['missing/', 'missing']) expect((await fetch(`${url}${path}`)).status).toBe(404);
    expect((await fetch(`${url}..%2f..%2fetc/passwd`)).status).toBe(404);
  } finally {
    close();
  }
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

it('brackets an IPv6 address', async () => {
  const { url, close } = await serveSite({ host: '::1', port: 0 }, folder());
  close();
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/$/);
});

it('says that the port is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  try {
    const served = serveSite({ host: '127.0.0.1', port }, folder());
    await expect(served).rejects.toMatchObject({
      code: 'ESP_CLI_COMMAND_FAILED',
      message: `cannot listen on 127.0.0.1:${port}: another program listens there; choose another --listen`,
    });
  } finally {
    other.close();
  }
});

it('says how to build a site that is missing', () =>
  expect(serveSite(ANY_PORT, join(folder(), 'missing'))).rejects.toMatchObject({
    code: 'ESP_CLI_COMMAND_FAILED',
    message: 'the documentation is not built: run npm run docs:site',
  }));
