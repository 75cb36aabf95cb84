import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ExecutionFailedError, Metrics } from 'esp-host';
import type { ForcedResponse } from 'esp-host/mock';
import type { LogLine } from 'esp-host/testing';
import { Breaker } from '../../../../plugins/messaging/api/breaker.js';
import { CallError, type Outcome } from '../../../../plugins/messaging/errors.js';
import type { EspMessage } from '../../../../src/esp/index.js';
import { CapturedLogger } from '../../../../src/testing/captured-logger.js';
import { freePort } from '../../../support/free-port.js';
import { outcome, type RawClient, request } from '../../../support/raw-client.js';
import { Clock } from '../mock/harness.js';
import { answers, EACH_ALONE, found, metric, numbers, onPremises, Setting } from '../setting.js';
import type { WhatsAppApi } from '../whatsapp-api.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});

const KNOWN = '+16315551002';
const CONTACTS = '/v1/contacts';
const STATE = 'esp_upstream_breaker_state{channel="whatsapp"}';
const AWAY = 'esp_contacts_turned_away_total{channel="whatsapp",reason="breaker"}';

/** Opens after three failures; each call is of one number. */
const breaker = (probeAfterMs: number, timeoutMs = 10_000): string =>
  `${EACH_ALONE}, timeoutMs: ${timeoutMs}, breaker: { failures: 3, probeAfterMs: ${probeAfterMs} }`;
const NEVER = 2_000_000_000;

const contactsAnswer = (api: WhatsAppApi, forced: ForcedResponse | undefined): void =>
  api.respondWith(({ path }) => (path === CONTACTS ? forced : undefined));

async function oneAfterAnother(client: RawClient, ids: string[]): Promise<string[]> {
  const all: string[] = [];
  for (const id of ids) all.push(...(await answers(client, id)));
  return all;
}

describe('the circuit breaker', () => {
  it.each<[string, ForcedResponse, number]>([
    ['5xx', { status: 503 }, 10_000],
    ['429', { status: 429 }, 10_000],
    ['time-outs', 'hang', 50],
    ['broken connections', 'reset', 10_000],
  ])('opens after %s, then answers 901 without a call', async (_what, forced, timeoutMs) => {
    const api = await setting.api();
    contactsAnswer(api, forced);
    const host = await setting.host({ whatsapp: onPremises(api.url, breaker(NEVER, timeoutMs)) });
    const client = await setting.client(host);
    await oneAfterAnother(client, numbers(3));
    await setting.log.line(
      /WARN {2}channel whatsapp: 3 consecutive calls failed; http:\S+ counts as down .* plugin=messaging channel=whatsapp$/,
    );
    expect(await metric(host, STATE)).toBe(2);
    const before = api.calls.count(CONTACTS);
    const away = `901 whatsapp connection with ${api.url} failed`;
    expect(await answers(client, KNOWN, ...numbers(5))).toEqual(Array(6).fill(away));
    expect(api.calls.count(CONTACTS)).toBe(before);
    expect(await metric(host, AWAY)).toBe(6);
    await setting.log.line(/failed: 3 consecutive calls failed, the last: .*code=901/);
  });

  it('is half-open as soon as the next call may probe', async () => {
    const api = await setting.api();
    contactsAnswer(api, { status: 503 });
    const host = await setting.host({ whatsapp: onPremises(api.url, breaker(60_000)) });
    await oneAfterAnother(await setting.client(host), numbers(3));
    expect(await metric(host, STATE)).toBe(2);
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 59_000);
    try {
      expect(await metric(host, STATE)).toBe(2);
      now.mockReturnValue(Date.now() + 1000);
      expect(await metric(host, STATE)).toBe(1);
    } finally {
      now.mockRestore();
    }
  });

  it('opens if nothing listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const host = await setting.host({ whatsapp: onPremises(url, breaker(NEVER)) });
    await oneAfterAnother(await setting.client(host), numbers(3));
    expect(await metric(host, STATE)).toBe(2);
  });

  it.each<[string, ForcedResponse]>([
    ['4xx', { status: 400 }],
    ['a refusal', { status: 403 }],
    ['answers that make no sense', { status: 200, body: 'hello' }],
    ['contacts that are invalid', { status: 200, body: { contacts: [] } }],
  ])('stays closed after %s', async (_what, forced) => {
    const api = await setting.api();
    contactsAnswer(api, forced);
    const host = await setting.host({ whatsapp: onPremises(api.url, breaker(NEVER)) });
    const client = await setting.client(host);
    await oneAfterAnother(client, numbers(6));
    expect(api.calls.count(CONTACTS)).toBe(6);
    expect(await metric(host, STATE)).toBe(0);
  });

  it('counts consecutive failures: a success resets the count', async () => {
    const api = await setting.api();
    const host = await setting.host({ whatsapp: onPremises(api.url, breaker(NEVER)) });
    const client = await setting.client(host);
    for (let round = 0; round < 3; round++) {
      contactsAnswer(api, { status: 500 });
      await oneAfterAnother(client, numbers(2));
      contactsAnswer(api, undefined);
      expect(await answers(client, KNOWN)).toEqual([found(KNOWN)]);
    }
    expect(await metric(host, STATE)).toBe(0);
  });

  it('lets one call probe, rejects the others meanwhile, and closes when it succeeds', async () => {
    const api = await setting.api();
    contactsAnswer(api, { status: 500 });
    const host = await setting.host({ whatsapp: onPremises(api.url, breaker(1)) });
    const client = await setting.client(host);
    await oneAfterAnother(client, numbers(3));
    const { answer, letGo } = await probe(client, api);
    expect(await metric(host, STATE)).toBe(1);
    const before = api.calls.count(CONTACTS);
    const others = await answers(await setting.client(host), ...numbers(5));
    expect(others).toEqual(Array(5).fill(`901 whatsapp connection with ${api.url} failed`));
    expect(api.calls.count(CONTACTS)).toBe(before);
    letGo(undefined);
    expect(outcome(await answer)).toBe(found(KNOWN));
    await setting.log.line(/INFO {2}channel whatsapp: http:\S+ is back plugin=messaging channel=whatsapp$/);
    expect(await metric(host, STATE)).toBe(0);
    expect(await answers(client, ...numbers(3))).toEqual(Array(3).fill(found('')));
  });

  it('stays open if the probe fails, without another log line', async () => {
    const api = await setting.api();
    contactsAnswer(api, { status: 500 });
    const host = await setting.host({ whatsapp: onPremises(api.url, breaker(1)) });
    const client = await setting.client(host);
    await oneAfterAnother(client, numbers(3));
    for (let round = 0; round < 2; round++) {
      const { answer, letGo } = await probe(client, api);
      letGo({ status: 500 });
      expect(outcome(await answer)).toMatch(/^920 .*: status 500$/);
    }
    // 2 until the next call may probe, which is a millisecond here.
    expect(await metric(host, STATE)).toBeGreaterThan(0);
    expect(setting.log.matching(/counts as down/)).toHaveLength(1);
    expect(setting.log.matching(/is back/)).toHaveLength(0);
  });

  it('does not affect cached numbers', async () => {
    const api = await setting.api();
    const more = ', breaker: { failures: 1, probeAfterMs: 2000000000 }';
    const client = await setting.client(await setting.host({ whatsapp: onPremises(api.url, more) }));
    await answers(client, KNOWN);
    contactsAnswer(api, { status: 500 });
    await oneAfterAnother(client, numbers(2));
    expect(await answers(client, KNOWN)).toEqual([found(KNOWN)]);
  });
});

describe('a breaker', () => {
  const URL = 'http://whatsapp.example';
  const LAST = 'channel w: 2 consecutive calls failed; http://whatsapp.example counts as down until a call succeeds';
  function open() {
    const clock = new Clock();
    jest.spyOn(Date, 'now').mockImplementation(clock.now);
    const lines: LogLine[] = [];
    const metrics = new Metrics();
    const settings = { failures: 2, probeAfterMs: 1000 };
    const one = new Breaker('w', URL, settings, new CapturedLogger(lines), metrics);
    const fail = (outcome: Outcome | undefined, message = 'status 503') => {
      const cause = outcome === undefined ? undefined : new CallError(outcome, message);
      return one.run(() => Promise.reject(new ExecutionFailedError('w', 'failed', { cause }))).catch(() => undefined);
    };
    const succeed = () => one.run(() => Promise.resolve('answer'));
    const state = async () => /^esp_upstream_breaker_state{channel="w"} (\d)$/m.exec(await metrics.text())?.[1];
    return { breaker: one, clock, fail, lines, state, succeed };
  }
  afterEach(() => void jest.restoreAllMocks());

  it.each<[Outcome | undefined, boolean]>([
    ['unreachable', true],
    ['broken', true],
    ['timeout', true],
    ['throttled', true],
    ['server_error', true],
    ['client_error', false],
    ['refused', false],
    ['answered', false],
    ['too_large', false],
    ['not_made', false],
    [undefined, false],
  ])('opens after failures that are %s: %s', async (outcome, opens) => {
    const { breaker: one, fail } = open();
    await fail(outcome);
    expect(one.down()).toBeUndefined();
    await fail(outcome);
    expect(one.down() !== undefined).toBe(opens);
  });

  it('says how many calls failed, and how the last one did', async () => {
    const { breaker: one, fail, lines, succeed } = open();
    await fail('timeout', 'no answer');
    await fail('server_error');
    const down = {
      code: 'ESP_UPSTREAM_CONNECTION_FAILED',
      url: URL,
      cause: { code: 'ESP_MESSAGING_NOT_CALLED', message: '2 consecutive calls failed, the last: status 503' },
    };
    expect(one.down()).toMatchObject(down);
    for (const call of [async () => one.check(), async () => succeed()])
      await expect(call()).rejects.toMatchObject(down);
    expect(lines).toEqual([
      { level: 'warn', message: `${LAST} (one every 1000 ms): status 503`, fields: { channel: 'w' } },
    ]);
  });

  it('logs an outage and its end, and the next one too', async () => {
    const { breaker: one, clock, fail, lines, state, succeed } = open();
    const outage = async (): Promise<void> => {
      await fail('server_error');
      await fail('server_error');
    };
    expect(await state()).toBe('0');
    await outage();
    clock.ms += 999;
    expect([await state(), one.down() === undefined]).toEqual(['2', false]);
    clock.ms += 1;
    expect([await state(), one.down() === undefined]).toEqual(['1', true]);
    await fail('server_error');
    expect([await state(), one.down() === undefined]).toEqual(['2', false]);
    clock.ms += 1000;
    const answer = Promise.withResolvers<string>();
    const probing = one.run(() => answer.promise);
    expect([await state(), one.down() === undefined]).toEqual(['1', false]);
    answer.resolve('answer');
    expect(await probing).toBe('answer');
    expect([await state(), one.down() === undefined]).toEqual(['0', true]);
    await outage();
    clock.ms += 1000;
    expect(await succeed()).toBe('answer');
    const down = { level: 'warn', message: `${LAST} (one every 1000 ms): status 503`, fields: { channel: 'w' } };
    const back = { level: 'info', message: `channel w: ${URL} is back`, fields: { channel: 'w' } };
    expect(lines).toEqual([down, back, down, back]);
  });
});

interface Probe {
  readonly answer: Promise<EspMessage>;
  letGo(forced: ForcedResponse | undefined): void;
}

/** Asks until a request reaches the API, which holds its answer back. */
async function probe(client: RawClient, api: WhatsAppApi): Promise<Probe> {
  const gate = Promise.withResolvers<ForcedResponse | undefined>();
  const arrived = Promise.withResolvers<void>();
  api.respondWith(() => {
    arrived.resolve();
    return gate.promise;
  });
  for (;;) {
    const answer = client.ask(request(1, 'Messaging', 'ValidateContact', { Id: KNOWN }));
    const first = await Promise.race([answer, arrived.promise]);
    if (first === undefined) return { answer, letGo: gate.resolve };
  }
}
