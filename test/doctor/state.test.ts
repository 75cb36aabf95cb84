import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig, type Prepared } from '#server';
import { examineState } from '../../src/doctor/state.js';
import type { Finding } from '../../src/host/index.js';
import { file, folder, removeFolders } from '../support/files.js';
import { RedisServer } from '../support/redis-server.js';
import { redisDescribe } from '../support/redis-tests.js';

const home = folder();
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(removeFolders);

async function findings(state: string): Promise<Finding[]> {
  const loaded = loadConfig(file('config.yaml', `application: { name: DMS }\n${state}`, home));
  const found: Finding[] = [];
  for await (const one of examineState({ loaded } as Prepared)) found.push(one);
  return found;
}

describe('the state', () => {
  it.each(['', 'state: { file: state.db }\n'])('that is not in Redis is not examined: %j', async (state) => {
    expect(await findings(state)).toEqual([]);
  });

  it('is trouble if its server cannot be reached', async () => {
    expect(await findings('state: { redis: { url: "redis://127.0.0.1:1" } }\n')).toEqual([
      {
        about: 'state, redis 127.0.0.1:1',
        state: 'trouble',
        text: expect.stringContaining('127.0.0.1:1'),
        advice: 'start the server, or correct state.redis; until then webhooks get status 503',
      },
    ]);
  });
});

redisDescribe('the server of the state', () => {
  it('is good with its version, and has a warning for what it may lose', async () => {
    const server = await RedisServer.start();
    ends.push(() => server.stop());
    const about = `state, redis 127.0.0.1:${server.port}`;
    const [first, ...warnings] = await findings(`state: { redis: { url: "${server.url}" } }\n`);
    expect(first).toEqual({
      about,
      state: 'good',
      text: expect.stringMatching(/^can keep the state, (redis|valkey) \d+\.\d+/),
    });
    expect(warnings).toEqual([
      {
        about,
        state: 'warning',
        text: 'it loses webhooks when it restarts: it has no AOF (appendonly no)',
        advice: 'set maxmemory-policy noeviction and appendonly yes in the configuration of the server',
      },
    ]);
  });
});
