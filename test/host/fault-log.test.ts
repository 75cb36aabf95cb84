import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from 'esp-host/testing';
import { EspRequest, Failure } from '../../src/esp/index.js';
import { ConnectionFailedError, EspFault, ExecutionFailedError, IncorrectParameterError } from '../../src/index.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { LogLines } from '../support/log-lines.js';
import { type RawClient, request } from '../support/raw-client.js';

const SECOND = 1000;

class Stackless extends Failure {
  readonly code = 'STACKLESS';
}

let host: TestHost | undefined;
afterEach(() => host?.stop());

let clock: FakeClock;
let client: RawClient;

/** A host whose method Test.Do, and Test.Else, throws what `failure` gives; its log at this level. */
async function failing(failure: () => unknown, level: 'info' | 'warn' | 'debug' = 'info'): Promise<void> {
  clock = new FakeClock();
  const plugins = ['Do', 'Else'].map((method) =>
    pluginOf(
      'Test',
      method,
      async () => {
        throw failure();
      },
      { name: method },
    ),
  );
  host = await TestHost.start({ plugins, clock, log: new LogLines(level) });
  client = await host.client();
}

/** Sends so many requests and waits for their replies. */
async function ask(times: number, method = 'Do', service = 'Test'): Promise<void> {
  const before = client.received.length;
  client.send(...Array.from({ length: times }, (_, index) => request(before + index + 1, service, method)));
  await client.messages(before + times);
}

/** The lines about faults: ReferenceId, and how many times they stand for. */
const told = (): string[] =>
  (host?.log.matching(/ code=/) ?? []).map((line) => {
    const [, referenceId] = /referenceId=(\d+)/.exec(line) ?? [];
    const [, times = '1'] = /times=(\d+)/.exec(line) ?? [];
    return `${referenceId}: ${times}`;
  });

const away = () => new ConnectionFailedError('whatsapp', 'http://127.0.0.1:9090', { cause: new Error('refused') });

describe('similar faults', () => {
  it('are logged at once, and then counted in one line per second', async () => {
    await failing(away);
    await ask(1);
    expect(told()).toEqual(['1: 1']);
    await ask(1000);
    expect(told()).toEqual(['1: 1']);
    clock.advance(SECOND - 1);
    expect(told()).toEqual(['1: 1']);
    clock.advance(1);
    expect(told()).toEqual(['1: 1', '1001: 1000']);
    await ask(500);
    expect(told()).toHaveLength(2);
    clock.advance(SECOND);
    expect(told()[2]).toBe('1501: 500');
    expect(await host?.log.line(/times=1000/)).toMatch(
      /WARN {2}whatsapp connection with http:\/\/127\.0\.0\.1:9090 failed: refused .*code=901 times=1000/,
    );
  });

  it('are logged at once again after a second without any', async () => {
    await failing(away);
    await ask(1);
    clock.advance(SECOND);
    await ask(1);
    expect(told()).toEqual(['1: 1', '2: 1']);
    await ask(1);
    clock.advance(SECOND);
    expect(told()).toEqual(['1: 1', '2: 1', '3: 1']);
    clock.advance(10 * SECOND);
    expect(told()).toHaveLength(3);
  });

  it('are logged when the host stops', async () => {
    await failing(away);
    await ask(5);
    const { log } = host as TestHost;
    await host?.stop();
    host = undefined;
    expect(log.matching(/code=901 times=4/)).toHaveLength(1);
  });

  it('are all logged at level debug', async () => {
    await failing(away, 'debug');
    await ask(5);
    clock.advance(SECOND);
    expect(told()).toEqual(['1: 1', '2: 1', '3: 1', '4: 1', '5: 1']);
  });

  it('differ only in numbers; the line has the stack of the last', async () => {
    const rows = [4711, 9, 0];
    await failing(() => new Error(`no row ${rows.shift()}`));
    await ask(3);
    clock.advance(SECOND);
    expect(told()).toEqual(['1: 1', '3: 2']);
    expect(host?.log.matching(/ERROR .*times=2\n +Error: no row 0\n +at /)).toHaveLength(1);
  });
});

describe('the line of a fault', () => {
  const lineOf = async (failure: unknown): Promise<string[]> => {
    await failing(() => failure);
    await ask(1);
    return host?.log.lines.join('\n').split('\n') ?? [];
  };

  it('has the stack of an exception', async () => {
    const [line, ...stack] = await lineOf(new Error('no row'));
    expect(line).toMatch(/ ERROR Test\.Do failed unexpectedly \(ReferenceId 1\): no row .*code=900/);
    expect(stack[0]).toMatch(/^ +Error: no row$/);
  });

  it.each<[string, unknown, RegExp]>([
    ['that has no stack', new Stackless('stackless'), / ERROR .*: stackless referenceId=1 client=\S+ code=900$/],
    ['that is not an Error', 'a text', / ERROR .*: a text referenceId=1 client=\S+ code=900$/],
    [
      'of an upstream that cannot be reached',
      away(),
      / WARN {2}whatsapp connection .*: refused referenceId=1 .*code=901$/,
    ],
    [
      'of an upstream that failed',
      new ExecutionFailedError('whatsapp', 'status 500', { cause: new Error('broken') }),
      / WARN {2}whatsapp failed to execute request Test\.Do: status 500: broken referenceId=1 .*code=920$/,
    ],
    [
      'of a parameter',
      new IncorrectParameterError('Id', 'missing'),
      / INFO {2}Test\.Do incorrect Id: missing .*code=904$/,
    ],
  ])('is one line for an error %s', async (_name, failure, line) => {
    expect(await lineOf(failure)).toEqual([expect.stringMatching(line)]);
  });
});

describe('different faults', () => {
  it('differ by method', async () => {
    await failing(away);
    await ask(1);
    await ask(1, 'Else');
    expect(told()).toEqual(['1: 1', '2: 1']);
  });

  it('differ by text; exceptions by what was thrown', async () => {
    const failures = [
      away(),
      new ConnectionFailedError('other', 'http://127.0.0.1:9090'),
      new EspFault('NoMoney', 'empty'),
      new EspFault('NoMoney', 'closed'),
      new Error('no row'),
      new Error('no table'),
    ];
    await failing(() => failures.pop());
    await ask(6);
    expect(told()).toEqual(['1: 1', '2: 1', '3: 1', '4: 1', '5: 1', '6: 1']);
  });

  it('do not flood the log, however many texts a method has', async () => {
    let count = 0;
    await failing(() => new EspFault('NoMoney', 'x'.repeat(++count)));
    await ask(500);
    expect(told().length).toBeLessThanOrEqual(16);
  });

  it('differ by the address of the client, without its port', async () => {
    await failing(away);
    await ask(1);
    client = await (host as TestHost).client();
    await ask(1);
    expect(told()).toEqual(['1: 1']);
    const { dispatcher } = (host as TestHost).host;
    dispatcher.dispatch(new EspRequest(request(2, 'Test', 'Do')), { peer: '10.0.0.9:1' }, () => undefined);
    await host?.log.line(/client=10\.0\.0\.9:1/);
  });

  it('do not flood the log, whatever a client requests; lines for several faults have a count', async () => {
    await failing(away);
    const names = Array.from({ length: 1000 }, (_, index) => 'x'.repeat(index + 1));
    client.send(...names.map((name, index) => request(index + 1, name, 'Do')));
    await client.messages(1000);
    clock.advance(SECOND);
    const counts = told().map((line) => Number(line.split(' ')[1]));
    expect(counts.length).toBeLessThan(20);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
    clock.advance(SECOND);
    await ask(1, 'Do', 'y');
    expect(told().at(-1)).toBe('1001: 1');
  });
});

it('nothing is counted for lines that the level excludes', async () => {
  await failing(() => new EspFault('904', 'wrong', 'parameter'), 'warn');
  await ask(3);
  clock.advance(SECOND);
  expect(told()).toEqual([]);
});
