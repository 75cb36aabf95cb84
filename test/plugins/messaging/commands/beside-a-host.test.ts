import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { EspClient } from 'esp-host/client';
import { file, folder, ROOT, removeFolders } from '../../../support/files.js';
import { killPrograms, Program } from '../../../support/processes.js';
import { RedisServer } from '../../../support/redis-server.js';
import { redisDescribe } from '../../../support/redis-tests.js';

const NUMBER = '+16315551002';
const OTHER = '+15162837151';

afterEach(killPrograms);
afterAll(removeFolders);

/** A host that reads evidence anew with each request. */
function writeConfig(sharedState = ''): string {
  return file(
    'config.yaml',
    `application: { name: DMS }
channels:
  whatsapp:
    type: whatsapp
    phoneNumber: "+919876543210"
    api: { driver: cloud, url: "http://127.0.0.1:1", phoneNumberId: "1064", businessAccountId: "1029", token: t, appSecret: s }
    contacts: { from: evidence, whenUnknown: empty, cache: { keepMs: 0 } }
  phone: { type: whatsapp, phoneNumber: "+4930123456", api: { driver: none }, contacts: { from: number-plan } }
plugins: [{ use: ${join(ROOT, 'plugins/messaging')}, options: { ${sharedState} } }]
listeners: { esp: { port: 0 }, metrics: { enabled: false }, webhooks: { port: 0 } }
state: { file: state.db }
`,
    folder(),
  );
}

async function serve(config: string): Promise<(Id: string) => Promise<unknown>> {
  const host = new Program(['serve', '--config', config]);
  const [, port] = await host.printed(/listens for ESP.*address=127\.0\.0\.1:(\d+)/);
  return async (Id) => {
    await using client = new EspClient({ host: '127.0.0.1', port: Number(port) });
    await client.connect();
    const { parameters } = await client.request({
      service: 'Messaging',
      method: 'ValidateContact',
      parameters: { Id, _umsChannel: 'whatsapp' },
    });
    return parameters.string('Id');
  };
}

async function contacts(config: string, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Program(['contacts', ...words, '--config', config]).ended();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

it('commands work beside a running host, which notices', async () => {
  const config = writeConfig();
  const validate = await serve(config);
  expect(await validate(NUMBER)).toBe('');
  const list = file('known.csv', `name,phone\nAda,${NUMBER}\nBob,${OTHER}\nEve,17\n`, folder());
  expect(await contacts(config, 'import', list)).toBe(
    'line 4: no number that can exist\nimported 2 numbers; 1 bad lines, 0 too old to count\n',
  );
  expect([await validate(NUMBER), await validate(OTHER)]).toEqual([NUMBER, OTHER]);
  expect(JSON.parse(await contacts(config, 'show', NUMBER, '--json'))).toMatchObject({
    stateFile: { kind: 'imported' },
    channels: [{ channel: 'whatsapp', decision: 'confirmed' }],
  });
  expect(await contacts(config, 'forget', NUMBER)).toBe(`${NUMBER} is erased (state: 1 records)\n`);
  expect([await validate(NUMBER), await validate(OTHER)]).toEqual(['', OTHER]);
  expect(await contacts(config, 'show', NUMBER)).toMatch(/state +none\n/);
});

redisDescribe('with a Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  const shared = () => `sharedState: { redis: { url: "${redis.url}", timeoutMs: 10000, keyPrefix: "host:" } }`;

  it('an import reaches other hosts, and forget leaves nothing', async () => {
    const first = writeConfig(shared());
    const second = writeConfig(shared());
    const validate = await serve(second);
    const list = file('known.csv', `${NUMBER}\n${OTHER}\n`, folder());
    await contacts(first, 'import', list);
    expect([await validate(NUMBER), await validate(OTHER)]).toEqual([NUMBER, OTHER]);
    const store = await redis.client();
    await store.set(`host:contact:+4930123456:${NUMBER}`, '{}');
    await store.set(`host:pair:1064:${NUMBER}`, '1');
    await store.zAdd('host:users:1029', [
      { score: 1, value: NUMBER },
      { score: 2, value: OTHER },
    ]);
    expect(await contacts(first, 'forget', NUMBER)).toBe(`${NUMBER} is erased (state: 1 records, redis: 4 entries)\n`);
    expect([await validate(NUMBER), await validate(OTHER)]).toEqual(['', OTHER]);
    expect(await store.zRange('host:users:1029', 0, -1)).toEqual([OTHER]);
    expect((await store.keys('*')).filter((key) => key.includes(NUMBER))).toEqual([]);
    store.destroy();
  });

  it('forget fails if it cannot be reached', async () => {
    const config = writeConfig(shared());
    await redis.stop();
    const { code, stderr } = await new Program(['contacts', 'forget', NUMBER, '--config', config]).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(/redis 127\.0\.0\.1:\d+ cannot be used: .*ECONNREFUSED/);
  });
});
