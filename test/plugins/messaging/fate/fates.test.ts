import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { State } from 'esp-host';
import { Metrics } from 'esp-host';
import {
  type Fate,
  Fates,
  IN_PROGRESS_MS,
  KEYS,
  recordId,
  statusOf,
} from '../../../../plugins/messaging/fate/index.js';
import { Records, StateFile, Transaction } from '../../../../src/state/index.js';
import { CapturedLogger } from '../../../../src/testing/captured-logger.js';

const INVITATION = { channel: 'whatsapp', to: '+16315551002', template: 'welcome', referenceId: 7 };
const WAMID = 'wamid.HBgLMTYzMTU1NTEwMDI';

const file = StateFile.inMemory();
afterEach(async () => {
  await new Records(file, 'messaging').forget(KEYS.all);
});

function open(state: State = new Records(file, 'messaging'), processStart = performance.timeOrigin) {
  const lines: { level: string; message: string; fields: object }[] = [];
  const metrics = new Metrics();
  const channels = new Map([['whatsapp', 60_000]]);
  const logger = new CapturedLogger(lines as never[]);
  const fates = new Fates({ state, logger, metrics, channels, processStart });
  const metric = async (name: string): Promise<number> => {
    const line = (await metrics.text()).split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.split(' ').at(-1));
  };
  return { fates, lines, metric, state };
}

/** Handles a status as the receiver does, in a transaction of its own. */
async function report(fates: Fates, reference: string | undefined, status: 'sent' | 'read', messageId = WAMID) {
  const [seq] = await file.do('accept', {
    path: '/a',
    now: Date.now(),
    events: [{ id: `${Math.random()}`, key: undefined, data: '{}' }],
  });
  const transaction = new Transaction(file, 'messaging');
  const after: (() => void)[] = [];
  const call = { state: transaction, onHandled: (run: () => void) => void after.push(run) };
  await fates.report(reference, { status, at: 2000, messageId }, call);
  expect(await transaction.commit(seq ?? 0)).toBe('done');
  for (const run of after) run();
}

const only = async (state: State): Promise<Fate | undefined> => (await state.find<Fate>(KEYS.all))[0]?.value;

describe('the record of an invitation', () => {
  it('is there before it is sent, and found by ReferenceId, number and channel', async () => {
    const { fates, state } = open();
    const { reference } = await fates.begin(INVITATION);
    const record = await state.get<Fate>(recordId(reference));
    expect(record).toEqual({ ...INVITATION, times: { requested: expect.any(Number) } });
    for (const key of [KEYS.referenceId(7), '+16315551002', KEYS.channel('whatsapp'), KEYS.undecided]) {
      expect(await state.find(key)).toMatchObject([{ id: recordId(reference) }]);
    }
  });

  it('is found by the id of the message as soon as the request is answered', async () => {
    const { fates } = open();
    fates.end(await fates.begin(INVITATION), { status: 'accepted', at: 1500, messageId: WAMID });
    const fate = await fates.find('whatsapp', WAMID);
    expect(fate && statusOf(fate)).toEqual({ status: 'accepted', at: 1500 });
    expect(await fates.find('other', WAMID)).toBeUndefined();
  });

  it.each([
    ['by callback data before the answer', true, false],
    ['by callback data after the answer', true, true],
    ['by the id of the message', false, true],
  ])('learns of a status %s', async (_how, withReference, isAnswered) => {
    const { fates, state, lines } = open();
    const begun = await fates.begin(INVITATION);
    const answer = () => fates.end(begun, { status: 'accepted', at: 1500, messageId: WAMID });
    if (isAnswered) answer();
    await report(fates, withReference ? begun.reference : undefined, 'read');
    if (!isAnswered) answer();
    await fates.close();
    expect(await only(state)).toMatchObject({
      messageId: WAMID,
      times: { requested: expect.any(Number), accepted: 1500, read: 2000 },
    });
    expect(await state.find(KEYS.undecided)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('does not learn of a status of another message', async () => {
    const { fates, state } = open();
    fates.end(await fates.begin(INVITATION), { status: 'accepted', at: 1500, messageId: WAMID });
    await fates.close();
    const before = await only(state);
    await report(fates, undefined, 'read', 'wamid.other');
    await report(fates, 'aaaaaaaaaaaaaaaaaaaaaaaa', 'read', 'wamid.other');
    await report(fates, 'of someone else', 'read', 'wamid.other');
    expect(await only(state)).toEqual(before);
  });

  it('learns of a status by the id of the message if its callback data is that of another', async () => {
    const { fates, state } = open();
    fates.end(await fates.begin(INVITATION), { status: 'accepted', at: 1500, messageId: WAMID });
    await fates.close();
    await report(fates, 'aaaaaaaaaaaaaaaaaaaaaaaa', 'read');
    expect(await only(state)).toMatchObject({ times: { read: 2000 } });
  });

  it('has up to 300 characters of a fault', async () => {
    const { fates, state } = open();
    fates.end(await fates.begin(INVITATION), { status: 'not_sent', at: 1500, fault: 'f'.repeat(301) });
    await fates.close();
    expect((await only(state))?.fault).toBe('f'.repeat(300));
  });

  it('has the keys of what is known about it', async () => {
    const { fates, state } = open();
    const { reference } = await fates.begin({ channel: 'other', to: '+5215512345678', template: 'welcome' });
    const keysWith = async (keys: string[]) =>
      (await Promise.all(keys.map((key) => state.find(key)))).map((all) => all.length);
    const keys = [KEYS.all, KEYS.channel('other'), '+525512345678', KEYS.undecided, KEYS.message(WAMID)];
    expect(await keysWith(keys)).toEqual([1, 1, 1, 1, 0]);
    await report(fates, reference, 'read');
    expect(await keysWith(keys)).toEqual([1, 1, 1, 0, 1]);
  });

  it('is kept for the time of its channel, or for 30 days', async () => {
    const { fates, state } = open();
    const put = jest.spyOn(state, 'put');
    await fates.begin(INVITATION);
    await fates.begin({ ...INVITATION, channel: 'other' });
    expect(put.mock.calls.map(([, , { keepMs }]) => keepMs)).toEqual([60_000, 30 * 24 * 3_600_000]);
  });

  it('stays erased', async () => {
    const { fates, state } = open();
    const begun = await fates.begin(INVITATION);
    await state.forget('+16315551002');
    fates.end(begun, { status: 'accepted', at: 1500, messageId: WAMID });
    await fates.close();
    await report(fates, begun.reference, 'sent');
    expect(await only(state)).toBeUndefined();
  });
});

describe('an unknown outcome', () => {
  it.each([true, false])('becomes known by a webhook, whether or not it comes first: %s', async (isFirst) => {
    const { fates, lines, metric } = open();
    const begun = await fates.begin(INVITATION);
    const giveUp = async () => {
      fates.end(begun, { status: 'unknown', at: 1500, fault: 'no answer' });
      await fates.close();
    };
    if (!isFirst) await giveUp();
    await report(fates, begun.reference, 'sent');
    if (isFirst) await giveUp();
    await report(fates, begun.reference, 'sent');
    await report(fates, begun.reference, 'read');
    expect(await metric('esp_invitations_resolved_total{channel="whatsapp",outcome="sent"}')).toBe(1);
    expect(await metric('esp_invitations_resolved_total{channel="whatsapp",outcome="read"}')).toBe(0);
    expect(lines).toMatchObject([
      {
        level: 'info',
        message: 'the outcome of an invitation is known: unknown -> sent',
        fields: { channel: 'whatsapp', callbackData: begun.reference, messageId: WAMID.slice(-16) },
      },
    ]);
  });

  it('is that of invitations that an earlier process has begun', async () => {
    const earlier = open();
    const begun = await Promise.all(Array.from({ length: 3 }, () => earlier.fates.begin(INVITATION)));
    earlier.fates.end(begun[0] as never, { status: 'accepted', at: 1500, messageId: WAMID });
    await earlier.fates.close();
    const { fates, state, lines } = open(undefined, Date.now() + 1);
    await fates.start();
    const all = await state.find<Fate>(KEYS.all);
    expect(all.map(({ value }) => statusOf(value).status)).toEqual(['unknown', 'unknown', 'accepted']);
    expect(lines).toMatchObject([{ level: 'warn', fields: { invitations: 2 } }]);
    await open(undefined, Date.now() + 1).fates.start();
    expect(lines).toHaveLength(1);
  });

  it('is that of more invitations than are read at a time', async () => {
    const earlier = open();
    await Promise.all(Array.from({ length: 501 }, () => earlier.fates.begin(INVITATION)));
    const { fates, state, lines } = open(undefined, Date.now() + 1);
    await fates.start();
    expect(await state.find(KEYS.undecided)).toEqual([]);
    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'invitations of an earlier run have an unknown outcome',
        fields: { invitations: 501 },
      },
    ]);
  });

  it('is not that of invitations that are as old as the process', async () => {
    const { fates, state } = open();
    const { fate } = await fates.begin(INVITATION);
    await open(state, fate.times.requested).fates.start();
    expect(await state.find(KEYS.undecided)).toHaveLength(1);
    await open(state, (fate.times.requested ?? 0) + 1).fates.start();
    expect(await state.find(KEYS.undecided)).toEqual([]);
  });

  it('is that of invitations of a host that has ended, once they are old enough, if hosts share the state', async () => {
    const records = new Records(file, 'messaging');
    const shared = new Proxy(records, {
      get: (target, name: keyof State) => (name === 'isShared' ? true : target[name].bind(target)),
    });
    const { fates, lines } = open(shared, Date.now() + 1);
    const begun = async (agoMs: number): Promise<string> => {
      const value = { ...INVITATION, times: { requested: Date.now() - agoMs } };
      await records.put(recordId(`${agoMs}`), value, { keepMs: 60_000, keys: [KEYS.all, KEYS.undecided] });
      return recordId(`${agoMs}`);
    };
    const ids = [await begun(0), await begun(IN_PROGRESS_MS - 60_000), await begun(IN_PROGRESS_MS + 1)];
    // Another host may still send the first two.
    await fates.start();
    const fate = async (id: string) => statusOf((await records.get<Fate>(id)) as Fate).status;
    expect(await Promise.all(ids.map(fate))).toEqual(['requested', 'requested', 'unknown']);
    expect(lines).toMatchObject([
      { level: 'warn', message: 'invitations of a host that has ended have an unknown outcome' },
    ]);
    await fates.close();
  });

  it.each([true, false])('is looked for every minute until the end if hosts share the state: %s', async (isShared) => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
    try {
      const state = new Proxy(new Records(file, 'messaging'), {
        get: (target, name: keyof State) => (name === 'isShared' ? isShared : target[name].bind(target)),
      });
      const { fates } = open(state);
      const settle = jest.spyOn(fates, 'settle');
      await fates.start();
      const times = [59_999, 1, 60_000].map((ms) => {
        jest.advanceTimersByTime(ms);
        return settle.mock.calls.length;
      });
      expect(times).toEqual(isShared ? [1, 2, 3] : [1, 1, 1]);
      await fates.close();
      jest.advanceTimersByTime(120_000);
      expect(settle).toHaveBeenCalledTimes(isShared ? 3 : 1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is not that of invitations that are in progress during a reload', async () => {
    const earlier = open();
    const begun = await earlier.fates.begin(INVITATION);
    const { fates, state, lines } = open();
    await fates.start();
    earlier.fates.end(begun, { status: 'not_sent', at: 1500, fault: 'status 400' });
    await earlier.fates.close();
    const fate = await only(state);
    expect(fate && statusOf(fate).status).toBe('not_sent');
    expect(lines).toEqual([]);
  });
});

it('has its metrics from the start', async () => {
  const { metric } = open();
  expect(await metric('esp_invitations_unrecorded_total{channel="whatsapp"}')).toBe(0);
  for (const outcome of ['sent', 'failed', 'delivered', 'read'])
    expect(await metric(`esp_invitations_resolved_total{channel="whatsapp",outcome="${outcome}"}`)).toBe(0);
});

describe('if the state file fails', () => {
  const failing = new Proxy({} as State, { get: () => () => Promise.reject(new Error('the disk is full')) });

  it('invitations go on without a record, with one warning', async () => {
    const { fates, lines, metric } = open(failing);
    await fates.start();
    for (let count = 0; count < 3; count++) {
      fates.end(await fates.begin(INVITATION), { status: 'accepted', at: 1500, messageId: WAMID });
      await fates.close();
    }
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('the disk is full') }]);
    expect(await metric('esp_invitations_unrecorded_total{channel="whatsapp"}')).toBe(6);
  });

  it('an invitation waits for it for a second', async () => {
    const timeouts: unknown[] = [];
    const real = setTimeout;
    const timers = jest.spyOn(globalThis, 'setTimeout');
    timers.mockImplementation(((run: () => void, ms?: number) => {
      timeouts.push(ms);
      return real(run, 0);
    }) as typeof real);
    const { fates, lines } = open(new Proxy({} as State, { get: () => () => new Promise(() => undefined) }));
    expect(await fates.begin(INVITATION)).toMatchObject({ isStored: false });
    timers.mockRestore();
    expect(timeouts).toEqual([1000]);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        message: expect.stringMatching(/^invitations cannot be recorded, and are sent without: .*1000 ms/),
      },
    ]);
  });

  it('it is logged again after it has worked', async () => {
    const records = new Records(file, 'messaging');
    let isBroken = true;
    const state = new Proxy(records, {
      get: (target, name: Exclude<keyof State, 'isShared'>) =>
        isBroken ? () => Promise.reject(new Error('full')) : target[name].bind(target),
    });
    const { fates, lines } = open(state as State);
    for (const broken of [true, true, false, false, true]) {
      isBroken = broken;
      await fates.begin(INVITATION);
    }
    const failed = { level: 'warn', message: 'invitations cannot be recorded, and are sent without: full', fields: {} };
    expect(lines).toEqual([failed, { level: 'info', message: 'invitations are recorded again', fields: {} }, failed]);
  });

  it('a record is made up for when it works again', async () => {
    let isBroken = true;
    const records = new Records(file, 'messaging');
    const state = new Proxy(records, {
      get: (target, name: Exclude<keyof State, 'isShared'>) =>
        isBroken ? () => Promise.reject(new Error('full')) : target[name].bind(target),
    });
    const { fates, lines } = open(state as State);
    const begun = await fates.begin(INVITATION);
    isBroken = false;
    fates.end(begun, { status: 'accepted', at: 1500, messageId: WAMID });
    await fates.close();
    expect(await only(records)).toMatchObject({ messageId: WAMID });
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });
});
