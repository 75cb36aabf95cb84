import { describe, expect, it } from '@jest/globals';
import { type MockRequest, z } from 'esp-host';
import { charset, EspRequest } from '#wire';
import { replyAction, requestAction } from '../../../mock-platform/faults/action.js';
import { Faults, parseFaultRule } from '../../../mock-platform/faults/index.js';
import type { RequestFault } from '../../../mock-platform/faults/rule.js';
import { request } from '../../support/raw-client.js';

const espRequest = (referenceId?: number): EspRequest => new EspRequest(request(referenceId, 'Billing', 'GetBalance'));
const call: MockRequest = { method: 'GET', path: '/v1', query: new URLSearchParams(), headers: {}, body: '' };
const rule = (definition: object): RequestFault => ({ ...parseFaultRule(definition), id: 'f' }) as RequestFault;
const target = { type: 171, charset: charset() };

describe('the action of a fault on a request', () => {
  it.each([
    [{ kind: 'noAnswer' }, { do: 'drop' }],
    [{ kind: 'connectionReset' }, { do: 'reset' }],
    [{ kind: 'disconnect' }, { do: 'close' }],
    [{ kind: 'delay', ms: 5 }, undefined],
    [{ kind: 'halfFrame' }, undefined],
    [{ kind: 'wrongReferenceId' }, undefined],
  ])('%j is %j', (definition, action) => {
    expect(requestAction(rule(definition), espRequest(1), target)).toEqual(action);
  });

  it('answers with a FaultCode, unless there is no ReferenceId', () => {
    const fault = rule({ kind: 'espFault', code: '9', text: 'no' });
    expect(requestAction(fault, espRequest(), target)).toEqual({ do: 'drop' });
    expect(requestAction(fault, espRequest(1), target)).toEqual({ do: 'answer', bytes: expect.any(Buffer) });
  });
});

describe('the action of a fault on a reply', () => {
  const frame = { bytes: Buffer.from('0123456'), body: Buffer.from('x') } as Parameters<typeof replyAction>[1];
  const { signal } = new AbortController();

  it.each([
    [
      { kind: 'delay', ms: 5 },
      { do: 'delay', ms: 5, atOnce: signal },
    ],
    [{ kind: 'halfFrame' }, { do: 'close', bytes: Buffer.from('012') }],
    [{ kind: 'noAnswer' }, undefined],
  ])('%j is %j', (definition, action) => {
    expect(replyAction(rule(definition), frame, signal)).toEqual(action);
  });
});

describe('faults', () => {
  it('tell when they are added, removed, cleared or used up', () => {
    const faults = new Faults({ charset: charset() });
    let told = 0;
    const unsubscribe = faults.subscribe(() => told++);
    const since = (): number => {
      const count = told;
      told = 0;
      return count;
    };
    faults.clear();
    expect(since()).toBe(1);
    const { id } = faults.add({ kind: 'upstreamReset', times: 2 });
    expect(since()).toBe(1);
    faults.ofUpstream('billing', call);
    expect(since()).toBe(0);
    faults.ofUpstream('billing', call);
    expect(since()).toBe(1);
    expect([faults.remove('other'), since(), faults.remove(id), since()]).toEqual([false, 0, true, 1]);
    unsubscribe();
    faults.clear();
    expect(since()).toBe(0);
  });

  it('of calls whose cause is unknown apply unless they match requests', () => {
    const faults = new Faults({ charset: charset() });
    faults.add({ kind: 'upstreamStatus', status: 503, match: { service: 'Billing' } });
    expect(faults.ofUpstream('billing', call)).toBeUndefined();
    faults.add({ kind: 'upstreamStatus', status: 418, upstream: 'billing' });
    expect([faults.ofUpstream('billing', call), faults.ofUpstream('other', call)]).toEqual([
      { status: 418 },
      undefined,
    ]);
  });

  it('of the platform have its upstreams alone', () => {
    const add = (names: readonly string[]) =>
      new Faults({ charset: charset(), brought: names.map((name) => ({ name, faults: {} })) }).add({
        kind: 'upstreamReset',
        upstream: 'bill',
      });
    expect(() => add(['billing', 'mail'])).toThrow('unknown upstream bill (platform.yaml has: billing, mail)');
    expect(() => add([])).toThrow('unknown upstream bill (platform.yaml has: none)');
  });

  it('of a mock get their own settings alone', () => {
    const asked: unknown[] = [];
    const blocked = {
      settings: z.strictObject({ days: z.int() }),
      description: 'Blocks.',
      respond: (settings: object, of: MockRequest) => {
        asked.push(settings, of);
        return { status: 403 };
      },
    };
    const faults = new Faults({ charset: charset(), brought: [{ name: 'billing', faults: { blocked } }] });
    const added = faults.add({ kind: 'billing.blocked', days: 2, times: 3, method: 'GET' });
    expect(faults.ofUpstream('billing', call)).toEqual({ status: 403 });
    expect([asked, faults.ofUpstream('other', call)]).toEqual([[{ days: 2 }, call], undefined]);
    expect(faults.list()).toMatchObject([{ rule: added, hits: 1, title: 'billing.blocked 2', isUsedUp: false }]);
  });
});
