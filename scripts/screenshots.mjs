/**
 * Takes screenshots of every view of the console, light and dark, for docs/console.md:
 *
 *   npm run build && node scripts/screenshots.mjs [URL] [FOLDER]
 *
 * URL is a running console. By default, a fake platform with made-up requests is started, and a real one for stubs,
 * strategies, causes and the pages of mocks. Settings that are changed (a fault, a version) are restored. FOLDER defaults to docs/console.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EspClient } from 'esp-host/client';
import { startOnFreePorts } from 'esp-host/mock';
import sharp from 'sharp';
import { launch } from '../test/mock-platform/console/browser.ts';
import { ConsolePage } from '../test/mock-platform/console/console-page.ts';
import { FakeAdmin } from '../test/mock-platform/console/fake/index.ts';

const MOST_BYTES = 200_000;

/** 256 are enough for text and lines. */
const FEW_COLOURS = { palette: true, dither: 0, effort: 10 };

const [, , address = '', folder = 'docs/console'] = process.argv;

/** Name of a screenshot -> the steps before it. */
const PICTURES = {
  journal: (console) => console.go('journal'),
  'journal-frame': async (console) => {
    await openFirst(console, 'request-bytes');
    await console.page.getByRole('listbox', { name: 'Fields of the frame' }).press('End');
  },
  send: async (console) => {
    await console.go('send');
    await console.page.getByLabel(/^Id/).fill('+1-631-555-1002');
    await console.page.getByRole('button', { name: 'Send', exact: true }).click();
    await console.page.getByRole('link', { name: /in the journal/ }).waitFor();
  },
  configuration: (console) => console.go('configuration'),
  charts: async (console) => {
    await console.go('charts');
    await console.page.getByRole('slider', { name: /Requests/ }).hover({ position: { x: 700, y: 100 } });
  },
  // The last one: every view shows the fault that it adds.
  faults: async (console) => {
    await console.go('faults');
    await console.page.locator('.form-field:has(.required) input').first().fill('250');
    await console.page.getByLabel('Service').fill('Messaging');
    await console.page.getByRole('button', { name: 'Add', exact: true }).click();
    await console.page
      .getByRole('button', { name: /^Remove .*Messaging/ })
      .first()
      .waitFor();
  },
};

/** A request that fails because of a fault that is on. */
const INVITATION = {
  to: 'host',
  service: 'ChatService',
  method: 'InviteToChat',
  parameters: [
    ['_umsClientId', 'str', '+16315551002'],
    ['_umsBusinessId', 'str', '+919876543210'],
  ],
};

/** Pictures of a real platform. */
const REAL_PICTURES = {
  stubs: async (console) => {
    await console.go('stubs');
    await console.page.locator('details.stub summary').first().click();
    await console.page.locator('.definition pre', { hasText: /\w/ }).waitFor();
  },
  strategies: async (console) => {
    await console.go('strategies');
    await console.page.getByRole('button', { name: 'Run' }).click();
    await console.page.locator('.step-taken').first().waitFor();
  },
  whatsapp: async (console) => {
    await console.page.request.put('api/whatsapp', { data: { version: '2.45.1' } });
    await console.go('mock/whatsapp');
  },
  'journal-cause': async (console) => {
    const { request } = console.page;
    await request.post('api/faults', {
      data: { kind: 'upstreamStatus', status: 503, match: { method: 'InviteToChat' } },
    });
    const sent = await request.post('api/send', { data: INVITATION });
    await console.go(`journal/${(await sent.json()).entry}`);
    await console.cause.getByText('Injected fault').waitFor();
  },
};

async function openFirst(console, tab) {
  await console.go('journal?filter=method:ValidateContact%20outcome:response');
  const id = await console.rows.nth(1).getAttribute('data-id');
  await console.go(`journal/${id}/${tab}?filter=method:ValidateContact`);
  await console.detail(Number(id)).and(console.page.locator('[aria-busy="false"]')).waitFor();
}

async function main() {
  const fake = address === '' ? await FakeAdmin.start({ entries: 4000 }) : undefined;
  const real = address === '' ? await platformWithCalls() : undefined;
  const mocks = new URL('/', real?.admin.url ?? address).href;
  const browser = await launch();
  try {
    // The same navigation in every picture
    if (fake !== undefined) fake.state.panels = await read(mocks, 'panels');
    mkdirSync(folder, { recursive: true });
    for (const theme of ['light', 'dark']) {
      await takeAll(PICTURES, browser, fake?.url ?? mocks, theme);
      await takeAll(REAL_PICTURES, browser, mocks, theme);
    }
  } finally {
    await browser.close();
    await fake?.close();
    await real?.stop();
  }
  const large = readdirSync(folder).filter((file) => statSync(join(folder, file)).size > MOST_BYTES);
  if (large.length > 0) throw new Error(`over ${MOST_BYTES} bytes: ${large.join(', ')}`);
}

/** The platform of the package, after some requests. */
async function platformWithCalls() {
  const platform = await startOnFreePorts({ config: 'config.yaml', platform: 'platform.yaml' });
  await using client = new EspClient(platform.esp);
  await client.connect();
  for (const Id of ['+1-631-555-1002', '+353 86 123 4567', '+54 9 11 5612-1008']) {
    await client.request({ service: 'Messaging', method: 'ValidateContact', parameters: { Id } });
  }
  const parameters = { _umsClientId: '+16315551002', _umsBusinessId: '+919876543210' };
  await client.request({ service: 'ChatService', method: 'InviteToChat', parameters });
  return platform;
}

async function takeAll(pictures, browser, url, theme) {
  const before = await platform(url);
  const page = await ConsolePage.open(browser, url, { theme, height: 760 });
  try {
    for (const [name, prepare] of Object.entries(pictures)) {
      await prepare(page);
      await page.settled();
      const path = join(folder, `${name}-${theme}.png`);
      const png = await page.page.screenshot({ animations: 'disabled' });
      await sharp(png).png(FEW_COLOURS).toFile(path);
      console.log(path);
    }
  } finally {
    await page.close();
    await restore(url, before);
  }
}

const read = async (url, path) => (await fetch(`${url}api/${path}`)).json();

const platform = async (url) => ({
  version: (await read(url, 'whatsapp')).version,
  rules: (await read(url, 'faults')).rules.map(({ id }) => id),
});

async function restore(url, { version, rules }) {
  const headers = { 'content-type': 'application/json' };
  await fetch(`${url}api/whatsapp`, { method: 'PUT', headers, body: JSON.stringify({ version }) });
  for (const { id } of (await read(url, 'faults')).rules) {
    if (!rules.includes(id)) await fetch(`${url}api/faults/${id}`, { method: 'DELETE' });
  }
}

await main();
