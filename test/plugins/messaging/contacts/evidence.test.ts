import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EvidenceSettings, whatsAppChannel } from '../../../../plugins/messaging/config/index.js';
import {
  confirms,
  EVIDENCE_KINDS,
  type Evidence,
  evidenceOf,
  expiryOf,
  longest,
  newest,
  rankOf,
} from '../../../../plugins/messaging/contacts/evidence.js';
import { DecidedLookup, EvidenceLookup } from '../../../../plugins/messaging/contacts/evidence-lookup.js';
import { EvidenceStore, MEMORY_MS } from '../../../../plugins/messaging/contacts/evidence-store.js';
import {
  type ContactAnswer,
  evidenceLookup,
  numberPlanLookup,
  openEvidence,
} from '../../../../plugins/messaging/contacts/index.js';
import { ConnectionFailedError } from '../../../../src/esp/index.js';
import { Records, StateFile, Transaction } from '../../../../src/state/index.js';
import { Metrics } from '../../../../src/telemetry/index.js';
import { CapturedLogger, type LogLine } from '../../../../src/testing/captured-logger.js';
import { API } from '../cloud/setting.js';
import { Clock, DAY_MS } from '../mock/harness.js';

const NUMBER = '+16315551002';
const LIFETIMES = { confirmedMs: 90 * DAY_MS, unconfirmedMs: 7 * DAY_MS };
const START = Date.now();

/** Of few moments, so that several share one. */
const anyEvidence: fc.Arbitrary<Evidence> = fc.record({
  kind: fc.constantFrom(...EVIDENCE_KINDS),
  at: fc.integer({ min: -3, max: 3 }).map((minutes) => START + minutes * 60_000),
});

/** Each once or twice, in any order. */
const arrivals = fc
  .array(anyEvidence, { minLength: 1, maxLength: 8 })
  .chain((all) => fc.tuple(fc.constant(all), fc.subarray(all)))
  .chain(([all, twice]) => {
    const came = [...all, ...twice];
    return fc.tuple(fc.constant(all), fc.shuffledSubarray(came, { minLength: came.length }));
  })
  .map(([all, came]) => ({ all, came }));

const expected = (all: readonly Evidence[]): Evidence | undefined =>
  [...all]
    .sort((one, other) => one.at - other.at || EVIDENCE_KINDS.indexOf(one.kind) - EVIDENCE_KINDS.indexOf(other.kind))
    .at(-1);

describe('evidence', () => {
  it('counts by its own time, in whatever order and however often it comes', () => {
    fc.assert(fc.property(arrivals, ({ all, came }) => expect(newest(...came)).toEqual(expected(all))));
  });

  it('survives as a number', () => {
    fc.assert(fc.property(anyEvidence, (evidence) => expect(evidenceOf(rankOf(evidence))).toEqual(evidence)));
    for (const text of ['', 'x', '17.5', '-1', '17643000000009', '1e300'])
      expect(evidenceOf(Number(text || 'x'))).toBeUndefined();
  });

  it('prefers a confirmation of the same moment', () => {
    const refused = { kind: 'undeliverable', at: 5 } as const;
    expect(newest(refused, { kind: 'delivered', at: 5 }, refused)?.kind).toBe('delivered');
    expect(newest({ kind: 'read', at: 4 }, refused)).toBe(refused);
    expect(newest(undefined)).toBeUndefined();
  });

  it('is kept for the longest time of all channels', () => {
    const all = [
      { confirmedMs: 1, unconfirmedMs: 4 },
      { confirmedMs: 3, unconfirmedMs: 2 },
    ];
    expect(longest(all)).toEqual({ confirmedMs: 3, unconfirmedMs: 4 });
  });

  it('counts for the time of its kind', () => {
    const times = EVIDENCE_KINDS.map((kind) => [kind, expiryOf({ kind, at: 0 }, LIFETIMES) / DAY_MS]);
    expect(Object.fromEntries(times)).toEqual({
      undeliverable: 7,
      'changed-from': 7,
      imported: 90,
      'changed-to': 90,
      message: 90,
      delivered: 90,
      read: 90,
    });
  });
});

describe('the lookup', () => {
  it.each<[Evidence | undefined, string, ContactAnswer['decision'], boolean]>([
    [undefined, 'empty', 'unknown', false],
    [undefined, 'trust', 'unknown', true],
    [{ kind: 'read', at: START - 90 * DAY_MS + 1 }, 'empty', 'confirmed', true],
    [{ kind: 'read', at: START - 90 * DAY_MS }, 'empty', 'unknown', false],
    [{ kind: 'undeliverable', at: START - 7 * DAY_MS + 1 }, 'trust', 'unconfirmed', false],
    [{ kind: 'undeliverable', at: START - 7 * DAY_MS }, 'trust', 'unknown', true],
  ])('decides with %j and whenUnknown %s: %s', async (evidence, whenUnknown, decision, isFound) => {
    const logger = new CapturedLogger([]);
    const state = new Records(StateFile.inMemory(), 'messaging');
    if (evidence !== undefined) await state.put(`contact/${NUMBER}`, evidence, { keepMs: 60_000 });
    const options = { redis: undefined, state, logger, metrics: new Metrics(), lifetimes: LIFETIMES };
    const store = new EvidenceStore({ ...options, now: () => START });
    const settings = { ...LIFETIMES, whenUnknown } as EvidenceSettings;
    const answer = await new EvidenceLookup(store, settings, () => START).lookUp(NUMBER);
    const number = isFound ? NUMBER : undefined;
    expect(answer).toEqual({ number, unreliable: false, version: undefined, knownSince: START, decision });
  });

  it('counts each decision, and faults an unknown one if the channel says so', async () => {
    const metrics = new Metrics();
    const counter = (decision: string) => metrics.counter('decided', 'decided', { decision });
    const count = {
      confirmed: counter('confirmed'),
      unconfirmed: counter('unconfirmed'),
      unknown: counter('unknown'),
    };
    const answer = { number: NUMBER, unreliable: false, version: undefined, knownSince: 1 };
    const down = new ConnectionFailedError('w', 'http://whatsapp.example');
    const answers: (ContactAnswer | ConnectionFailedError | Promise<ContactAnswer>)[] = [
      { ...answer, decision: 'confirmed' },
      Promise.resolve({ ...answer, decision: 'unconfirmed' }),
      down,
      answer,
    ];
    const inner = { lookUp: () => answers.shift() ?? { ...answer, decision: 'unknown' } };
    const lookup = new DecidedLookup(inner, 'w', true, count);
    expect(lookup.lookUp(NUMBER)).toEqual({ ...answer, decision: 'confirmed' });
    expect(await lookup.lookUp(NUMBER)).toEqual({ ...answer, decision: 'unconfirmed' });
    expect(lookup.lookUp(NUMBER)).toBe(down);
    for (let asked = 0; asked < 2; asked++)
      expect(() => lookup.lookUp(NUMBER)).toThrow(
        expect.objectContaining({ why: 'no evidence whether the number is on WhatsApp' }),
      );
    expect(new DecidedLookup(inner, 'w', false, count).lookUp(NUMBER)).toMatchObject({ decision: 'unknown' });
    const counted = [...(await metrics.text()).matchAll(/decision="(.*)"} (.*)/g)].map(([, of, n]) => `${of} ${n}`);
    expect(counted).toEqual(['confirmed 1', 'unconfirmed 1', 'unknown 3']);
  });

  it('has its metrics from the start', async () => {
    const metrics = new Metrics();
    const common = { redis: undefined, state: undefined, logger: new CapturedLogger([]), metrics };
    const store = new EvidenceStore({ ...common, lifetimes: LIFETIMES });
    const contacts = whatsAppChannel.schema.shape.contacts.parse({ from: 'evidence' });
    if (contacts.from !== 'evidence') throw new TypeError(contacts.from);
    evidenceLookup(store, contacts, { ...common, channel: 'w', owner: NUMBER });
    const series = [...(await metrics.text()).matchAll(/^(esp_\w+){channel="w",\w+="(.*)"} 0$/gm)];
    expect(series.map(([, name, value]) => `${name} ${value}`)).toEqual([
      'esp_contacts_cache_total miss',
      'esp_contacts_cache_total hit',
      'esp_contacts_cache_total joined',
      'esp_contacts_turned_away_total queue',
      'esp_contacts_decided_total confirmed',
      'esp_contacts_decided_total unconfirmed',
      'esp_contacts_decided_total unknown',
    ]);
  });

  it('is answered from memory for the time of cache.keepMs, however long ago the evidence came', async () => {
    const clock = new Clock();
    const metrics = new Metrics();
    const common = { redis: undefined, state: undefined, logger: new CapturedLogger([]), metrics };
    const store = new EvidenceStore({ ...common, lifetimes: LIFETIMES, now: clock.now });
    await store.record('w', { number: NUMBER, evidence: { kind: 'read', at: clock.ms } });
    clock.ms += DAY_MS;
    const contacts = whatsAppChannel.schema.shape.contacts.parse({ from: 'evidence' });
    if (contacts.from !== 'evidence') throw new TypeError(contacts.from);
    const lookup = evidenceLookup(store, contacts, { ...common, channel: 'w', owner: NUMBER }, clock.now);
    const answer = lookup.lookUp(NUMBER);
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toMatchObject({ number: NUMBER, decision: 'confirmed' });
    clock.ms += 59_999;
    expect(lookup.lookUp(NUMBER)).toMatchObject({ number: NUMBER });
    clock.ms += 1;
    expect(lookup.lookUp(NUMBER)).toBeInstanceOf(Promise);
    clock.ms += 90 * DAY_MS;
    expect(await lookup.lookUp(NUMBER)).toMatchObject({ number: NUMBER, decision: 'unknown' });
  });
});

describe('the store', () => {
  function open(options: { state?: boolean } = {}) {
    const clock = new Clock(START);
    const logs: LogLine[] = [];
    const file = StateFile.inMemory();
    const state = options.state === false ? undefined : new Records(file, 'messaging');
    const metrics = new Metrics();
    const common = { lifetimes: LIFETIMES, redis: undefined, logger: new CapturedLogger(logs), metrics };
    const again = () => new EvidenceStore({ ...common, state, now: clock.now });
    return { store: again(), again, clock, state, file, logs, metrics };
  }

  const record = (store: EvidenceStore, evidence: Evidence, number = NUMBER) => store.record('w', { number, evidence });

  it('keeps the newest evidence in the state file, in whatever order and however often it comes', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, fc.boolean(), async ({ all, came }, atOnce) => {
        const { store, again } = open();
        if (atOnce) await Promise.all(came.map((evidence) => record(store, evidence)));
        else for (const evidence of came) await record(store, evidence);
        expect(await store.read(NUMBER)).toEqual(expected(all));
        expect(await again().read(NUMBER)).toEqual(expected(all));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps it in memory alone without a state file and Redis', async () => {
    const { store, again, clock } = open({ state: false });
    await record(store, { kind: 'read', at: START });
    clock.ms += 80 * DAY_MS;
    expect((await store.read(NUMBER))?.kind).toBe('read');
    expect(await again().read(NUMBER)).toBeUndefined();
  });

  it('does not keep what no longer counts', async () => {
    const { store, state } = open();
    await record(store, { kind: 'undeliverable', at: START - 7 * DAY_MS });
    expect(await store.read(NUMBER)).toBeUndefined();
    await record(store, { kind: 'message', at: START - 7 * DAY_MS });
    expect((await store.read(NUMBER))?.kind).toBe('message');
    expect(await state?.get(`contact/${NUMBER}`)).toEqual({ kind: 'message', at: START - 7 * DAY_MS });
  });

  it('notices soon that a command has erased a number', async () => {
    const { store, clock, state } = open();
    await record(store, { kind: 'read', at: START });
    expect(await state?.forget(NUMBER)).toBe(1);
    clock.ms += MEMORY_MS - 1;
    expect((await store.read(NUMBER))?.kind).toBe('read');
    clock.ms += 1;
    expect(await store.read(NUMBER)).toBeUndefined();
  });

  it('goes on without a state file that fails, and logs it once', async () => {
    const { store, file, logs } = open();
    await file.close();
    expect(await store.read(NUMBER)).toBeUndefined();
    expect(await store.read(NUMBER)).toBeUndefined();
    expect(logs.map(({ level, message }) => [level, message])).toEqual([
      ['warn', expect.stringMatching(/^evidence cannot be read: /)],
    ]);
    await expect(record(store, { kind: 'read', at: START })).rejects.toThrow('closed');
  });

  it('logs again that the state file fails after it has worked', async () => {
    let isBroken = true;
    const records = new Records(StateFile.inMemory(), 'messaging');
    const get = (target: Records, name: Exclude<keyof Records, 'isShared'>) =>
      isBroken ? () => Promise.reject(new Error('full')) : target[name].bind(target);
    const logs: LogLine[] = [];
    const state = new Proxy(records, { get });
    const options = { redis: undefined, state, logger: new CapturedLogger(logs), metrics: new Metrics() };
    const store = new EvidenceStore({ ...options, lifetimes: LIFETIMES });
    for (const broken of [true, true, false, true]) {
      isBroken = broken;
      expect(await store.read(NUMBER)).toBeUndefined();
    }
    expect(logs.map(({ message }) => message)).toEqual(Array(2).fill('evidence cannot be read: full'));
  });

  it('counts each kind that webhooks report from the start, for each channel of Cloud API', async () => {
    const metrics = new Metrics();
    const options = { redis: undefined, state: undefined, logger: new CapturedLogger([]), metrics };
    const channel = (name: string, api: object, from: string) => {
      const given = { type: 'whatsapp', phoneNumber: '+919876543210', api, contacts: { from } };
      const settings = whatsAppChannel.schema.parse(given);
      return { name, type: 'whatsapp', phoneNumber: undefined, settings, problem: () => new Error() };
    };
    const [cloud, none] = [channel('cloud', API, 'number-plan'), channel('none', { driver: 'none' }, 'evidence')];
    expect(openEvidence([cloud], options)).toBeUndefined();
    expect(openEvidence([cloud, none], options)).toBeInstanceOf(EvidenceStore);
    const kinds = [...(await metrics.text()).matchAll(/channel="(.*)",kind="(.*)"} 0/g)];
    expect(kinds.map(([, name, kind]) => `${name} ${kind}`)).toEqual([
      'cloud undeliverable',
      'cloud changed-from',
      'cloud changed-to',
      'cloud message',
      'cloud delivered',
      'cloud read',
    ]);
  });

  it('counts the evidence of an event once it is handled, however often that was tried', async () => {
    const { store, file, metrics } = open();
    const attempt = async (): Promise<(() => void)[]> => {
      const after: (() => void)[] = [];
      const call = { state: new Transaction(file, 'messaging'), onHandled: (run: () => void) => void after.push(run) };
      await store.record('w', { number: NUMBER, evidence: { kind: 'read', at: START } }, call);
      return after;
    };
    await attempt();
    for (const run of await attempt()) run();
    expect(await metrics.text()).toContain('esp_contacts_evidence_total{channel="w",kind="read"} 1\n');
  });

  it('counts evidence that comes from no event at once', async () => {
    const { store, metrics } = open();
    await record(store, { kind: 'undeliverable', at: START });
    expect(await metrics.text()).toContain('esp_contacts_evidence_total{channel="w",kind="undeliverable"} 1\n');
  });

  it('calls back about each number that evidence comes for', async () => {
    const { store } = open();
    const numbers: string[] = [];
    store.onEvidence((number) => numbers.push(number));
    await record(store, { kind: 'read', at: START });
    await record(store, { kind: 'delivered', at: START }, '+15162837151');
    expect(numbers).toEqual([NUMBER, '+15162837151']);
  });
});

it('says which kinds confirm a number', () => {
  expect(EVIDENCE_KINDS.filter((kind) => !confirms({ kind, at: 1 }))).toEqual(['undeliverable', 'changed-from']);
});

it('the number plan answers for numbers that can be assigned, and keeps nothing', () => {
  const answer = { unreliable: false, version: undefined, knownSince: undefined };
  expect(numberPlanLookup.lookUp('+919876543211')).toEqual({ ...answer, number: '+919876543211' });
  expect(numberPlanLookup.lookUp('+911111111111')).toEqual({ ...answer, number: undefined });
});
