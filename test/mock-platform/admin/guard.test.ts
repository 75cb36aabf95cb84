import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { removeFolders } from '../../support/files.js';
import { AdminSetting } from './setting.js';

let setting = new AdminSetting();
afterEach(async () => {
  await setting.end();
  setting = new AdminSetting();
});
afterAll(removeFolders);

/** The status of a request with these headers in place of Node's own. */
async function status(url: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  const asked = request(url, { method, headers, agent: false });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode;
}

describe('a request', () => {
  it.each<[string, (port: number) => Record<string, string>, number]>([
    ['of a program', () => ({}), 200],
    ['under localhost', (port) => ({ host: `localhost:${port}` }), 200],
    ['under [::1]', (port) => ({ host: `[::1]:${port}` }), 200],
    ['of the console', (port) => ({ origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' }), 200],
    ['from the address bar', () => ({ 'sec-fetch-site': 'none' }), 200],
    ['under a foreign name', () => ({ host: 'rebound.example' }), 403],
    ['under a foreign name with our port', (port) => ({ host: `rebound.example:${port}` }), 403],
    ['under a name that begins as ours', () => ({ host: '127.0.0.1.example' }), 403],
    ['of another site', () => ({ origin: 'https://evil.example' }), 403],
    ['of another port', (port) => ({ origin: `http://127.0.0.1:${port + 1}` }), 403],
    ['of no site', () => ({ origin: 'null' }), 403],
    ['of another site without Origin', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    ['of the same site, another origin', () => ({ 'sec-fetch-site': 'same-site' }), 403],
  ])('%s', async (_name, headers, expected) => {
    const { platform } = await setting.whole();
    const { url } = platform.admin;
    const given = headers(Number(new URL(url).port));
    for (const path of ['/api/status', '/api/docs', '/api/openapi.json']) {
      expect(await status(url + path, given)).toBe(expected);
    }
    if (expected !== 403) return;
    for (const path of ['/', '/api/events', '/api/nothing']) expect(await status(url + path, given)).toBe(403);
    expect(await status(`${url}/api/reset`, given, 'POST')).toBe(403);
    expect(await status(`${url}/api/journal`, given, 'DELETE')).toBe(403);
    expect(await status(`${url}/api/journal`, given, 'OPTIONS')).toBe(403);
  });

  it('explains why it was refused', async () => {
    const { platform } = await setting.whole();
    const answer = await fetch(`${platform.admin.url}/api/status`, { headers: { origin: 'https://evil.example' } });
    expect(await answer.json()).toEqual({
      error: 'cross-site requests are rejected; use the console or a program',
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each([
    ['text/plain', '{}', 415],
    ['application/x-www-form-urlencoded', 'service=x', 415],
    ['application/json', '{', 400],
    ['application/json', '', 200],
    ['application/json', '{}', 200],
  ])('with a body of %s: %j comes to %d', async (type, body, expected) => {
    const { platform } = await setting.whole();
    const answer = await fetch(`${platform.admin.url}/api/verify`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    });
    expect(answer.status).toBe(expected);
    if (expected !== 200) expect(await answer.json()).toEqual({ error: expect.any(String) });
  });
});
