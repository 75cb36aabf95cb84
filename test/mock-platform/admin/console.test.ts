import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { charset } from '#wire';
import { type AdminApi, startAdminApi } from '../../../mock-platform/admin/start.js';
import { Faults } from '../../../mock-platform/faults/index.js';
import { Journal } from '../../../mock-platform/journal/index.js';
import { Connections } from '../../../mock-platform/runtime/connections.js';
import type { RunningPlatform } from '../../../mock-platform/runtime/running-platform.js';
import { StubFiles } from '../../../mock-platform/runtime/stub-files.js';
import { startUpstream, type Upstream } from '../../../mock-platform/upstreams/index.js';
import mock from '../../fixtures/plugins/billing/mock/index.js';
import { file, folder, removeFolders } from '../../support/files.js';
import { LogLines } from '../../support/log-lines.js';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream(mock, { name: 'billing', settings: mock.settings.parse({}) });
});

let admin: AdminApi | undefined;
afterEach(() => admin?.close());
afterAll(async () => {
  await upstream.close();
  removeFolders();
});

/** The API, with the console in this folder. */
async function url(home: string): Promise<string> {
  const parts: Partial<RunningPlatform> = {
    journal: new Journal(),
    connections: new Connections(),
    faults: new Faults({ charset: charset() }),
    stubFiles: new StubFiles([], new LogLines().logger),
    upstreams: [upstream],
  };
  admin = await startAdminApi({ world: {}, ...parts } as RunningPlatform, 0, home);
  return admin.url;
}

function built(): string {
  const home = join(folder(), 'console');
  mkdirSync(join(home, 'assets'), { recursive: true });
  file('index.html', '<p>console</p>', home);
  file('main.js', 'run()', join(home, 'assets'));
  file('no-known-type.bin', 'x', home);
  file('outside.html', 'secret', join(home, '..'));
  return home;
}

describe('the console', () => {
  it.each([
    ['/', 200, 'text/html; charset=utf-8', '<p>console</p>'],
    ['/index.html', 200, 'text/html; charset=utf-8', '<p>console</p>'],
    ['/?theme=dark', 200, 'text/html; charset=utf-8', '<p>console</p>'],
    ['/assets/main.js', 200, 'text/javascript; charset=utf-8', 'run()'],
    ['/assets/none.js', 404, 'application/json; charset=utf-8', undefined],
    ['/assets', 404, 'application/json; charset=utf-8', undefined],
    ['/no-known-type.bin', 404, 'application/json; charset=utf-8', undefined],
    ['/..%2foutside.html', 404, 'application/json; charset=utf-8', undefined],
    ['/assets/%2e%2e%2f%2e%2e%2foutside.html', 404, 'application/json; charset=utf-8', undefined],
    ['/index.html%00.js', 404, 'application/json; charset=utf-8', undefined],
  ])('%s comes to %d', async (path, status, type, text) => {
    const answer = await fetch((await url(built())) + path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, type]);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'self'; .*frame-ancestors 'none'/);
    if (text !== undefined) expect(await answer.text()).toBe(text);
  });

  it('explains how to build it if it is not built', async () => {
    const answer = await fetch(await url(join(folder(), 'nothing')));
    expect([answer.status, await answer.text()]).toEqual([
      503,
      'The web console is not built. Run `npm run build` in the esp-host folder, then reload this page.\n',
    ]);
  });
});

describe('/api/docs', () => {
  it('shows every path, and loads nothing from other hosts', async () => {
    const base = await url(folder());
    const page = await (await fetch(`${base}/api/docs`)).text();
    const { paths, components } = (await (await fetch(`${base}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { summary: string }>>;
      components: { schemas: object };
    };
    expect(Object.keys(paths)).toHaveLength(32);
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods)) expect(page).toContain(`<code>${method.toUpperCase()} ${path}</code>`);
    }
    expect(Object.keys(components.schemas).sort()).toEqual([
      ...[
        'Cause',
        'Entry',
        'FaultRule',
        'File',
        'Frame',
        'JournalEntry',
        'Message',
        'Notice',
        'Panel',
        'Problem',
        'Run',
      ],
      ...['Stub', 'Summary'],
    ]);
    expect(page).not.toMatch(/<script|(src|href)="(?!\/)/);
  });

  it('has an OpenAPI document without broken references', async () => {
    const text = await (await fetch(`${await url(folder())}/api/openapi.json`)).text();
    const { components, openapi } = JSON.parse(text) as { openapi: string; components: { schemas: object } };
    expect(openapi).toBe('3.1.0');
    const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference = '']) => reference);
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\/schemas\/\w+$/);
      expect(Object.keys(components.schemas)).toContain(reference.replace('#/components/schemas/', ''));
    }
  });
});
