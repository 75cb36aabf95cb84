import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { charset, encodeAddp, encodeMessage } from '#wire';
import { FaultRuleError } from '../../../mock-platform/errors.js';
import { type Platform } from '../../../mock-platform/index.js';
import { file, removeFolders } from '../../support/files.js';
import { outcome, type RawClient, request } from '../../support/raw-client.js';
import { CONFIG, PLATFORM, PlatformSetting } from '../platform-setting.js';

let setting = new PlatformSetting();
afterEach(async () => {
  await setting.end();
  setting = new PlatformSetting();
});
afterAll(removeFolders);

const greet = (referenceId: number | undefined, Name = 'Ann', more = {}) =>
  request(referenceId, 'Greeting', 'Greet', { Name }, more);
const WELL = '{"Greeting":"Hello, Ann!"}';

async function usual(): Promise<{ platform: Platform; client: RawClient }> {
  const platform = await setting.platform();
  return { platform, client: await setting.client(platform.esp) };
}

/** Asks on a connection of its own, as a client does that starts anew. */
async function works(platform: Platform): Promise<boolean> {
  const client = await setting.client(platform.esp);
  return outcome(await client.ask(greet(99))) === WELL;
}

const outcomes = ({ journal }: Platform): unknown[] =>
  journal
    .find()
    .map(({ outcome: how, injectedFault }) => [how, injectedFault?.kind])
    .reverse();

describe('a fault, seen from a client', () => {
  it('delay: the answer arrives later, after others, and at once when the fault is removed', async () => {
    const { platform, client } = await usual();
    const { id } = platform.faults.add({ kind: 'delay', ms: 1_000_000, match: { parameters: { Name: 'Slow' } } });
    client.send(greet(1, 'Slow'), greet(2, 'Quick'));
    expect((await client.messages(1)).map(({ referenceId }) => referenceId)).toEqual([2]);
    expect(outcomes(platform)).toEqual([
      ['pending', 'delay'],
      ['response', undefined],
    ]);
    platform.faults.remove(id);
    expect((await client.messages(2)).map(({ referenceId }) => referenceId)).toEqual([2, 1]);
    expect(outcomes(platform)).toEqual([
      ['response', 'delay'],
      ['response', undefined],
    ]);
    expect(outcome(await client.ask(greet(3)))).toBe(WELL);
  });

  it('delay: the answer arrives when the delay ends', async () => {
    const { platform, client } = await usual();
    platform.faults.add({ kind: 'delay', ms: 5 });
    expect(outcome(await client.ask(greet(1)))).toBe(WELL);
  });

  it('noAnswer: the request is never answered, even after the fault is removed', async () => {
    const { platform, client } = await usual();
    const { id } = platform.faults.add({ kind: 'noAnswer' });
    client.send(greet(1));
    client.write(encodeAddp(0x50, 7));
    expect(await client.addpFrames(1)).toEqual(['p 7']);
    platform.faults.remove(id);
    expect((await client.ask(greet(2))).referenceId).toBe(2);
    expect(outcomes(platform)).toEqual([
      ['none', 'noAnswer'],
      ['response', undefined],
    ]);
  });

  it.each([
    ['connectionReset', 'ECONNRESET'],
    ['disconnect', 'end'],
  ])('%s: the connection ends with %s', async (kind, how) => {
    const { platform, client } = await usual();
    const { id } = platform.faults.add({ kind, match: { service: 'Greeting' } });
    const errors: string[] = [];
    client.socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    client.socket.on('end', () => errors.push('end'));
    client.send(greet(1));
    await client.closed;
    expect(errors).toEqual([how]);
    expect(client.received).toEqual([]);
    expect(outcomes(platform)).toEqual([['lost', kind]]);
    platform.faults.remove(id);
    expect(await works(platform)).toBe(true);
  });

  it('halfFrame: half of the answer, then the connection closes', async () => {
    const { platform, client } = await usual();
    const whole = encodeMessage(await client.ask(greet(1)), charset());
    const { id } = platform.faults.add({ kind: 'halfFrame' });
    const chunks: Buffer[] = [];
    client.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = once(client.socket, 'end');
    client.send(greet(1));
    await ended;
    expect(Buffer.concat(chunks).equals(whole.subarray(0, whole.length >> 1))).toBe(true);
    expect(outcomes(platform).at(-1)).toEqual(['lost', 'halfFrame']);
    platform.faults.remove(id);
    expect(await works(platform)).toBe(true);
  });

  it('wrongReferenceId: the answer belongs to no request', async () => {
    const { platform, client } = await usual();
    const { id } = platform.faults.add({ kind: 'wrongReferenceId' });
    const wrong = await client.ask(greet(1));
    expect([wrong.referenceId, outcome(wrong)]).toEqual([1 + 0x40000000, WELL]);
    expect(platform.journal.get(1)?.reply?.json?.referenceId).toBe(1 + 0x40000000);
    platform.faults.remove(id);
    expect((await client.ask(greet(2))).referenceId).toBe(2);
  });

  it('espFault: the fault, without passing the request to the host', async () => {
    const { platform, client } = await usual();
    const { id } = platform.faults.add({ kind: 'espFault', code: 920, text: 'DMS is on holiday' });
    client.send(greet(undefined));
    const fault = await client.ask(request(1, 'Not', 'There', {}, { AppType: 'SocialMS' }));
    expect([fault.referenceId, fault.messageId, outcome(fault)]).toEqual([1, 502, '920 DMS is on holiday']);
    expect(setting.log.matching(/unknown service/)).toEqual([]);
    platform.faults.remove(id);
    expect(outcome(await client.ask(greet(2)))).toBe(WELL);
    expect(outcomes(platform)).toEqual([
      ['none', 'espFault'],
      ['fault', 'espFault'],
      ['response', undefined],
    ]);
  });

  it('addpSilence: requests are answered, polls are not', async () => {
    const { platform, client } = await usual();
    client.write(encodeAddp(0x49, 0));
    await client.addpFrames(1);
    const { id } = platform.faults.add({ kind: 'addpSilence' });
    client.write(encodeAddp(0x50, 1));
    expect(outcome(await client.ask(greet(1)))).toBe(WELL);
    expect(client.addp).toHaveLength(1);
    platform.faults.remove(id);
    client.write(encodeAddp(0x50, 2));
    expect((await client.addpFrames(2)).at(1)).toBe('p 2');
  });

  it('upstreamAnswerLost: the upstream processes the call, and its answer is lost', async () => {
    const { platform, client } = await usual();
    platform.faults.add({ kind: 'upstreamAnswerLost', times: 1 });
    const Url = `${platform.upstream('billing').url}/v1/balance`;
    expect(outcome(await client.ask(request(1, 'Upstream', 'Post', { Url })))).toMatch(/^920 /);
    expect(platform.upstream('billing').calls.list()).toMatchObject([
      { path: '/v1/balance', asked: 2, status: 'reset' },
    ]);
    expect(outcome(await client.ask(request(1, 'Upstream', 'Post', { Url })))).toBe('{"Status":"404"}');
  });

  it('upstreamStatus and upstreamReset: the upstream fails', async () => {
    const { platform, client } = await usual();
    const post = async (path: string): Promise<string> =>
      outcome(await client.ask(request(1, 'Upstream', 'Post', { Url: `${platform.upstream('billing').url}${path}` })));
    expect(await post('/v1/balance')).toBe('{"Status":"404"}');
    platform.faults.add({ kind: 'upstreamStatus', status: 503, path: '/v1/balance', times: 1 });
    platform.faults.add({ kind: 'upstreamStatus', status: 429, path: '/v1/balance', id: 'many' });
    expect(await post('/v1/other')).toBe('{"Status":"404"}');
    expect([await post('/v1/balance'), await post('/v1/balance')]).toEqual(['{"Status":"503"}', '{"Status":"429"}']);
    platform.faults.clear();
    expect(await post('/v1/balance')).toBe('{"Status":"404"}');
    platform.faults.add({ kind: 'upstreamReset' });
    expect(await post('/v1/balance')).toMatch(/^920 /);
    expect(platform.journal.find({ limit: 1 })[0]?.upstream).toMatchObject([
      { error: expect.stringMatching(/ECONNRESET|hang up/) },
    ]);
    platform.faults.clear();
    expect(await post('/v1/balance')).toBe('{"Status":"404"}');
  });
});

describe('a fault', () => {
  it('applies as often as configured, and counts its hits', async () => {
    const { platform, client } = await usual();
    platform.faults.add({ kind: 'espFault', code: 1, text: 'a', times: 2 });
    platform.faults.add({
      kind: 'espFault',
      code: 2,
      text: 'b',
      id: 'second',
      times: 1,
      match: { service: 'Greeting' },
    });
    const answers: string[] = [];
    for (let id = 1; id <= 4; id++) answers.push(outcome(await client.ask(greet(id))));
    expect(answers).toEqual(['1 a', '1 a', '2 b', WELL]);
    expect(JSON.parse(JSON.stringify(platform.faults.list()))).toEqual([
      {
        rule: { kind: 'espFault', code: '1', text: 'a', times: 2, id: 'fault-1' },
        ...{ hits: 2, title: 'espFault 1 a', since: expect.any(Number), isUsedUp: true },
      },
      {
        rule: { kind: 'espFault', code: '2', text: 'b', times: 1, id: 'second', match: { service: 'Greeting' } },
        ...{ hits: 1, title: 'espFault 2 b', since: expect.any(Number), isUsedUp: true },
      },
    ]);
  });

  it.each([
    [{ service: 'Greeting', method: 'Greet' }, true],
    [{ service: 'Greeting', method: 'Other' }, false],
    [{ service: '/^greet/i' }, true],
    [{ appName: 'DMS' }, false],
    [{ parameters: { Name: 'Ann' } }, true],
    [{ parameters: { Name: '/^B/' } }, false],
    [{ parameters: { Nothing: '/./' } }, false],
  ])('applies to requests that match %j: %s', async (match, applies) => {
    const { platform, client } = await usual();
    platform.faults.add({ kind: 'espFault', code: 1, text: 'a', match });
    expect(outcome(await client.ask(greet(1)))).toBe(applies ? '1 a' : WELL);
  });

  it('applies to requests through Interaction Server', async () => {
    const { platform } = await usual();
    platform.faults.add({ kind: 'espFault', code: 1, text: 'a', match: { appName: 'DMS' } });
    const client = await setting.client(platform.interactionServer);
    const fault = await client.ask(greet(77, 'Ann', { AppName: 'DMS' }));
    expect([fault.referenceId, outcome(fault)]).toEqual([77, '1 a']);
  });

  it('applies to stubbed applications', async () => {
    const stubs = file(
      'mail.yaml',
      'application: { name: Mail, type: 64 }\nstubs: [{ answer: { parameters: { A: b } } }]\n',
    );
    const platform = await setting.platform(
      CONFIG,
      PLATFORM.replace('[{ name: DMS', `[{ stubs: ${stubs} }, { name: DMS`),
    );
    const client = await setting.client(platform.interactionServer);
    const ask = (id: number) => client.ask(request(id, 'Any', 'Thing', {}, { AppName: 'Mail' }));
    expect(outcome(await ask(1))).toBe('{"A":"b"}');
    platform.faults.add({ kind: 'espFault', code: 1, text: 'a', match: { appName: 'Mail' } });
    const fault = await ask(2);
    expect(outcome(fault)).toBe('1 a');
    expect(fault.request?.int('AppType')).toBe(64);
    expect(platform.journal.find().reverse()).toMatchObject([
      { application: 'Mail', stub: expect.any(String), outcome: 'response', via: 'Interaction Server' },
      { application: 'Mail', injectedFault: { kind: 'espFault' }, outcome: 'fault' },
    ]);
  });

  it.each(['before', 'while'])(
    'is active only %s: it does not affect a request that is still in progress',
    async (when) => {
      const { platform, client } = await usual();
      const api = platform.upstream('billing');
      platform.faults.add({ kind: 'addpSilence' });
      if (when === 'before') platform.faults.add({ kind: 'halfFrame', id: 'half' });
      const { promise, resolve } = Promise.withResolvers<{ status: number }>();
      const asked = new Promise<void>((arrived) => {
        api.respondWith(() => {
          arrived();
          return promise;
        });
      });
      client.send(request(1, 'Upstream', 'Post', { Url: `${api.url}/v1/balance` }));
      await asked;
      if (when === 'before') platform.faults.remove('half');
      else platform.faults.add({ kind: 'halfFrame' });
      resolve({ status: 418 });
      expect((await client.messages(1)).map(outcome)).toEqual(['{"Status":"418"}']);
    },
  );

  it('has a unique id', async () => {
    const { platform } = await usual();
    platform.faults.add({ kind: 'noAnswer', id: 'fault-1' });
    expect(platform.faults.add({ kind: 'noAnswer' }).id).toBe('fault-2');
    expect(() => platform.faults.add({ kind: 'noAnswer', id: 'fault-2' })).toThrow(FaultRuleError);
    expect([platform.faults.remove('fault-1'), platform.faults.remove('fault-1')]).toEqual([true, false]);
  });

  it('that delays answers does not delay the stop', async () => {
    const { platform, client } = await usual();
    platform.faults.add({ kind: 'delay', ms: 1_000_000, match: { parameters: { Name: 'Slow' } } });
    client.send(greet(1, 'Slow'), greet(2));
    await client.messages(1);
    await platform.stop();
    expect((await client.messages(2)).map(({ referenceId }) => referenceId)).toEqual([2, 1]);
  });
});
