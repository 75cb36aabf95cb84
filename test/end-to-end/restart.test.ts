import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { startWhatsAppApi, type WhatsAppApi } from '../plugins/messaging/whatsapp-api.js';
import { file, ROOT, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { killPrograms, Program } from '../support/processes.js';
import { RedisServer } from '../support/redis-server.js';
import { redisIt } from '../support/redis-tests.js';
import { SteadyLoad } from '../support/steady-load.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await killPrograms();
});
afterAll(removeFolders);

/** An API client that reports every number as valid, so that an answer identifies its request. */
async function api(port: number): Promise<WhatsAppApi> {
  const started = await startWhatsAppApi({ registeredNumber: '+919876543210', numbers: [], port, version: '2.45.1' });
  ends.push(() => started.close());
  return started;
}

interface Running {
  readonly upstreamPort: number;
  readonly load: SteadyLoad;
  host: Program;
  /** The host again, at its place. */
  start(): Promise<Program>;
}

/** A host in its own process under load, with its upstreams. */
async function running(options = '{}'): Promise<Running> {
  const [upstreamPort, port] = [await freePort(), await freePort()];
  const config = file(
    'config.yaml',
    `application: { name: DMS }
channels:
  whatsapp:
    type: whatsapp
    phoneNumber: "+919876543210"
    contacts: { from: contacts-endpoint }
    api:
      driver: on-premises
      url: http://127.0.0.1:${upstreamPort}
      username: admin
      password: secret
      breaker: { probeAfterMs: 20 }
plugins: [{ use: ${ROOT}plugins/messaging, options: ${options} }]
listeners: { metrics: { enabled: false } }
limits: { drainMs: 500 }
`,
  );
  const start = async (): Promise<Program> => {
    const host = new Program(['serve', '--config', config, '--listen', `127.0.0.1:${port}`]);
    await host.printed(/listens for ESP/);
    return host;
  };
  const host = await start();
  const load = new SteadyLoad({ port, connections: 2, inFlight: 10, timeoutMs: 60_000 });
  ends.push(() => load.end());
  return { upstreamPort, load, host, start };
}

/** Ends the load. No reply may be wrong, missing or unrequested. */
async function ended({ load }: Running) {
  await load.end();
  const { right, faults, lost, ...never } = load.counts;
  expect({ ...never, wrong: load.wrong }).toEqual({ wrong: [], missing: 0, unasked: 0 });
  return { right, faults, lost };
}

describe('under load, every request gets one correct answer, or its connection ends', () => {
  it('if the API is killed and restarted', async () => {
    const run = await running();
    const first = await api(run.upstreamPort);
    await run.load.more('right', 200);
    await first.close();
    await run.load.more('faults', 200);
    await api(run.upstreamPort);
    await run.load.more('right', 200);
    expect(await ended(run)).toMatchObject({ lost: 0 });
    const texts = [...run.load.faults.keys()];
    expect(
      texts.filter((text) => !/^(901 whatsapp connection with|920 whatsapp failed to execute)/.test(text)),
    ).toEqual([]);
  }, 60_000);

  redisIt(
    'if Redis is killed and restarted: without any effect',
    async () => {
      const redis = await RedisServer.start();
      ends.push(() => redis.stop());
      const run = await running(`{ sharedState: { redis: { url: "${redis.url}" } } }`);
      await api(run.upstreamPort);
      await run.load.more('right', 200);
      await redis.stop();
      await run.host.printed(/is down/);
      await run.load.more('right', 200);
      await redis.start();
      await run.host.printed(/is back/);
      await run.load.more('right', 200);
      expect(await ended(run)).toMatchObject({ lost: 0, faults: 0 });
    },
    60_000,
  );

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'where the host ends by %s and comes back',
    async (signal) => {
      const run = await running();
      await api(run.upstreamPort);
      await run.load.more('right', 200);
      await run.host.kill(signal);
      const host = await run.start();
      await run.load.more('right', 200);
      const { faults, lost } = await ended(run);
      if (signal === 'SIGKILL') expect({ faults, lost: lost > 0 }).toEqual({ faults: 0, lost: true });
      const texts = [...run.load.faults.keys()];
      expect(texts.filter((text) => !text.endsWith('ValidateContact: stopping'))).toEqual([]);
      expect(host.stderr).not.toMatch(/ERROR/);
    },
    60_000,
  );
});
