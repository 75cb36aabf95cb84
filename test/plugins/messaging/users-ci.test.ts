import { afterAll, afterEach, expect, it } from '@jest/globals';
import { EspClient } from 'esp-host/client';
import { type Platform, startOnFreePorts } from 'esp-host/mock';
import { ON_PREMISES, removeFolders } from '../../support/files.js';
import { whatsAppOf } from './whatsapp-api.js';

/** A user's own tests in CI: all of it in this process, on free ports. */

const { strategy: STRATEGY, ...FILES } = ON_PREMISES;

const platforms: Platform[] = [];
async function start(): Promise<Platform> {
  const platform = await startOnFreePorts(FILES);
  platforms.push(platform);
  return platform;
}
afterEach(() => Promise.all(platforms.splice(0).map((platform) => platform.stop())));
afterAll(removeFolders);

it('a strategy sends requests to the platform, and the test verifies them', async () => {
  const platform = await start();
  const run = await platform.strategy(STRATEGY, { Id: '+16315551002' });
  expect(run.end).toMatchObject({ kind: 'routed', routedTo: 'WhatsApp queue' });
  expect(platform.verify({ method: 'ValidateContact', parameters: { Id: '+16315551002' }, times: 1 }).ok).toBe(true);
  expect(platform.verify({ outcome: 'fault', times: 0 }).ok).toBe(true);
  platform.reset();
  expect(platform.journal.size).toBe(0);
});

it('a stub replaces a server, and a fault shows what happens without it', async () => {
  const platform = await start();
  platform
    .stubs('Classification Server')
    .add({ match: { method: 'Classify' }, answer: { parameters: { Category: 'Complaint' } } }, 'first');
  await using client = new EspClient(platform.interactionServer);
  await client.connect();
  const ask = () => client.request({ appType: 90, service: 'Classification', method: 'Classify' });
  expect((await ask()).parameters.string('Category')).toBe('Complaint');
  const fault = platform.faults.add({ kind: 'espFault', code: 920, text: 'down', match: { method: 'Classify' } });
  expect((await ask()).fault).toEqual({ code: '920', text: 'down' });
  platform.faults.remove(fault.id);
  expect((await ask()).fault).toBeUndefined();
  expect(platform.journal.find({ method: 'Classify' })).toMatchObject([
    { outcome: 'response' },
    { faultCode: '920' },
    {},
  ]);
  platform.reset();
  expect((await ask()).parameters.find('Category')?.type).toBe('list');
});

it('parallel platforms are independent', async () => {
  const [one, other] = await Promise.all([start(), start()]);
  whatsAppOf(one).setVersion('2.45.1');
  whatsAppOf(one).directory.add('+15162837152');
  const Id = '+16315559999';
  const runs = await Promise.all([one.strategy(STRATEGY, { Id }), other.strategy(STRATEGY, { Id })]);
  expect(runs.map(({ end }) => end)).toMatchObject([{ routedTo: 'WhatsApp queue' }, { routedTo: 'SMS queue' }]);
  expect([one.journal.size, other.journal.size]).toEqual([1, 1]);
  expect(one.admin.url).not.toBe(other.admin.url);
  one.reset();
  expect((await one.strategy(STRATEGY, { Id })).end).toMatchObject({ routedTo: 'SMS queue' });
  expect(other.journal.size).toBe(1);
});
