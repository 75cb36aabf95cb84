import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ForcedResponse } from 'esp-host/mock';
import { generate } from 'selfsigned';
import { until } from '../../../support/eventually.js';
import { closeAll, start } from './harness.js';
import { askOverTls } from './tls.js';

let tls: { key: string; cert: string };

beforeAll(async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
  tls = { key, cert };
});

afterEach(closeAll);

/** Resolves once the API has a request that it answers with `forced`. */
async function askedFor(forced: ForcedResponse) {
  const api = await start();
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  api.respondWith(() => {
    resolve();
    return forced;
  });
  const broken = fetch(`${api.url}/v1/health`).then(
    () => 'answered',
    () => 'broken',
  );
  await arrived;
  return { api, broken };
}

describe('TLS', () => {
  it('serves a self-signed certificate', async () => {
    const api = await start({ tls });
    expect(api.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await askOverTls(api.url, tls.cert)).toBe(401);
  });

  it('is refused by a client that does not trust it', async () => {
    const api = await start({ tls });
    await expect(askOverTls(api.url, undefined)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });
});

// Each of these hangs, and fails at jest's limit, if close() waits for the other side.
describe('close', () => {
  it('ends a request that is never answered', async () => {
    const { api, broken } = await askedFor('hang');
    await until(() => api.calls.list()[0]?.status !== undefined);
    expect(api.calls.list()).toMatchObject([{ status: 'hang' }]);
    await api.close();
    expect(await broken).toBe('broken');
  });

  it('ends a request that is answered much later, and its timer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { api, broken } = await askedFor({ status: 200, delayMs: 2_000_000_000 });
    await api.close();
    expect(await broken).toBe('broken');
    // A timer of another part may have ended meanwhile.
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('ends a connection that is kept alive', async () => {
    const api = await start();
    const agent = new Agent({ keepAlive: true });
    const asking = request(`${api.url}/v1/health`, { agent }).end();
    const [[response], [socket]] = await Promise.all([once(asking, 'response'), once(asking, 'socket')]);
    response.resume();
    await once(agent, 'free');
    const closed = once(socket, 'close');
    await api.close();
    await closed;
    agent.destroy();
  });

  it('ends a connection that never begins its TLS handshake', async () => {
    const api = await start({ tls });
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1').resume();
    await once(socket, 'connect');
    // The listener takes connections in order: once this one is served, the silent one has been taken.
    await askOverTls(api.url, tls.cert);
    const closed = once(socket, 'close');
    await api.close();
    await closed;
  });

  it('frees the port', async () => {
    const api = await start();
    await api.close();
    const again = await start({ port: Number(new URL(api.url).port) });
    expect(again.url).toBe(api.url);
    await expect(start({ port: Number(new URL(api.url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
