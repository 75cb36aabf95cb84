import { afterEach, expect, it } from '@jest/globals';
import { outcome, type RawClient, request } from '../../support/raw-client.js';
import { RedisServer } from '../../support/redis-server.js';
import { redisIt } from '../../support/redis-tests.js';
import { found, metric, numbers, onPremises, Setting } from './setting.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const IDS = numbers(500);
const FAULT = /^(901 whatsapp connection with \S+ failed|920 whatsapp failed to execute request \S+: .+)$/;

/** Keeps `inFlight` requests under way, about one number after another, and checks each reply. */
class Load {
  readonly replies = new Map<number, string>();
  #sent = 0;
  #seen = 0;
  #ended = false;

  constructor(
    private readonly client: RawClient,
    inFlight: number,
  ) {
    for (let one = 0; one < inFlight; one++) this.#ask();
  }

  /** Goes on until there have been `count` more replies that `wanted` takes. */
  async more(count: number, wanted: (reply: string) => boolean): Promise<void> {
    for (let left = count; left > 0; ) if (wanted(await this.#reply())) left--;
  }

  /** Waits for the replies that are still to come. */
  async end(): Promise<void> {
    this.#ended = true;
    while (this.replies.size < this.#sent) await this.#reply();
  }

  #ask(): void {
    if (this.#ended) return;
    const Id = IDS[this.#sent % IDS.length] ?? '';
    this.client.send(request(this.#sent++, 'Messaging', 'ValidateContact', { Id }));
  }

  async #reply(): Promise<string> {
    const index = this.#seen++;
    const message = (await this.client.messages(index + 1))[index];
    const id = message?.referenceId ?? -1;
    const reply = message === undefined ? 'none' : outcome(message);
    expect(this.replies.has(id)).toBe(false);
    this.replies.set(id, reply);
    if (reply.startsWith('{')) expect(reply).toBe(found(IDS[id % IDS.length] ?? ''));
    else expect(reply).toMatch(FAULT);
    this.#ask();
    return reply;
  }
}

const isAnswer = (reply: string): boolean => reply.startsWith('{');
const isFault = (reply: string): boolean => !isAnswer(reply);

it('gives each request one correct reply while the upstream is killed and restarted under load', async () => {
  let api = await setting.api({ numbers: IDS });
  const more = ', cache: { size: 0 }, batch: { size: 5 }, breaker: { failures: 3, probeAfterMs: 20 }';
  const host = await setting.host({ whatsapp: onPremises(api.url, more) });
  const client = await setting.client(host);
  const load = new Load(client, 50);
  for (let round = 0; round < 3; round++) {
    await load.more(200, isAnswer);
    api = await setting.restart(api, { numbers: IDS }, () => load.more(200, isFault));
  }
  await load.more(200, isAnswer);
  await load.end();
  expect(client.received).toHaveLength(load.replies.size);
  expect(await metric(host, 'esp_upstream_breaker_state{channel="whatsapp"}')).toBe(0);
  expect(setting.log.matching(/failed unexpectedly/)).toEqual([]);
});

redisIt('Redis is killed and started again under load: no request fails', async () => {
  const redis = await RedisServer.start();
  try {
    const api = await setting.api({ numbers: IDS });
    const options = `{ sharedState: { redis: { url: "${redis.url}" } } }`;
    const more = ', limits: { lookupsPerDay: 1000000, callsPerSecond: 1000 }, cache: { confirmedMs: 0 }';
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url, more) }, '{}', options));
    const load = new Load(client, 50);
    for (let round = 0; round < 2; round++) {
      await load.more(200, isAnswer);
      await redis.stop();
      await load.more(200, isAnswer);
      await redis.start();
      const back = setting.log.line(/INFO {2}redis \S+ is back/, round).then(() => true);
      while (!(await Promise.race([back, load.more(10, isAnswer)]))) {}
    }
    await load.end();
    expect([...load.replies.values()].filter(isFault)).toEqual([]);
    expect(client.received).toHaveLength(load.replies.size);
    expect(setting.log.matching(/WARN (?!.*on-premises has been dead)/)).toHaveLength(2);
  } finally {
    await redis.stop();
  }
});
