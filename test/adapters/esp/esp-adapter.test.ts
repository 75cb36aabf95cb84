import { afterEach, describe, expect, it } from '@jest/globals';
import { KeyValueList, messageToJson } from '../../../src/esp/index.js';
import { Addp, charset, encodeAddp, encodeInit, encodeMessage } from '../../../src/wire/index.js';
import { deferred, type HostSetup, pluginOf, TestHost } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { seriesValue } from '../../support/http.js';
import { LogLines } from '../../support/log-lines.js';
import { outcome, request } from '../../support/raw-client.js';

const hosts: TestHost[] = [];

async function start(setup: HostSetup = {}): Promise<TestHost> {
  const host = await TestHost.start(setup);
  hosts.push(host);
  return host;
}

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

const echo = pluginOf('Test', 'Echo', (call) => ({ Said: call.received.string('Say') ?? '' }));

describe('a reply', () => {
  it('has Version, the AppType of the request, Service, Method and Parameters', async () => {
    const client = await (await start({ plugins: [echo] })).client();
    const reply = await client.ask(request(7, 'Test', 'Echo', { Say: 'hello' }, { AppType: 'SocialMS' }));
    expect(messageToJson(reply)).toEqual({
      messageId: 501,
      referenceId: 7,
      request: [
        ['Version', 'str', '1.0'],
        ['AppType', 'str', 'SocialMS'],
        ['Service', 'str', 'Test'],
        ['Method', 'str', 'Echo'],
        ['Parameters', 'list', [['Said', 'str', 'hello']]],
      ],
      userData: null,
    });
  });

  it('has the type of the host by default, and is UTF-16 if the Service was', async () => {
    const client = await (await start({ plugins: [echo] })).client();
    const list = KeyValueList.from({ Service: 'Test', Method: 'Echo', Parameters: { Say: 'hé' } }, 'utf16');
    const reply = await client.ask({ messageId: 500, referenceId: 1, request: list, userData: undefined });
    expect(messageToJson(reply).request).toEqual([
      ['Version', 'utf16', '1.0'],
      ['AppType', 'int', 171],
      ['Service', 'utf16', 'Test'],
      ['Method', 'utf16', 'Echo'],
      ['Parameters', 'list', [['Said', 'utf16', 'hé']]],
    ]);
  });

  it('to a request without names is a fault with empty names', async () => {
    const client = await (await start()).client();
    const reply = await client.ask({ messageId: 500, referenceId: 3, request: undefined, userData: undefined });
    expect(messageToJson(reply)).toEqual({
      messageId: 502,
      referenceId: 3,
      request: [
        ['Version', 'str', '1.0'],
        ['AppType', 'int', 171],
        ['Service', 'str', ''],
        ['Method', 'str', ''],
        [
          'Parameters',
          'list',
          [
            ['FaultCode', 'str', '701'],
            ['FaultString', 'str', 'Request is invalid: Service or Method name was not specified...'],
          ],
        ],
      ],
      userData: null,
    });
  });
});

describe('many requests on one connection', () => {
  it('are all answered before the slow one, and none is lost', async () => {
    const wake = deferred();
    const sleeper = pluginOf('Slow', 'Sleep', () => wake.promise.then(() => ({ Slept: 'well' })));
    const client = await (await start({ plugins: [echo, sleeper] })).client();
    const others = Array.from({ length: 1000 }, (_, index) => request(index + 1, 'Test', 'Echo', { Say: `${index}` }));
    client.send(request(0, 'Slow', 'Sleep'), ...others);
    const answered = [...(await client.messages(1000))];
    expect(answered.map((reply) => reply.referenceId)).toEqual(others.map((one) => one.referenceId));
    expect(answered.map(outcome)).toEqual(others.map((_, index) => `{"Said":"${index}"}`));
    wake.resolve();
    await client.messages(1001);
    expect(client.received.at(-1)?.referenceId).toBe(0);
    expect(outcome(client.received.at(-1) as never)).toBe('{"Slept":"well"}');
  });

  it('with one ReferenceId are answered as often as they were asked', async () => {
    const client = await (await start({ plugins: [echo] })).client();
    client.send(request(5, 'Test', 'Echo', { Say: 'a' }), request(5, 'Test', 'Echo', { Say: 'b' }));
    expect((await client.messages(2)).map(outcome)).toEqual(['{"Said":"a"}', '{"Said":"b"}']);
  });

  it('over the limit of the connection are turned away at once, the others go on', async () => {
    const wake = deferred();
    const sleeper = pluginOf('Slow', 'Sleep', () => wake.promise.then(() => ({ Slept: 'well' })));
    const host = await start({ plugins: [sleeper], limits: { inFlightPerConnection: 2 } });
    const [client, other] = [await host.client(), await host.client()];
    client.send(request(1, 'Slow', 'Sleep'), request(2, 'Slow', 'Sleep'), request(3, 'Slow', 'Sleep'));
    const [refused] = await client.messages(1);
    expect(refused?.referenceId).toBe(3);
    expect(outcome(refused as never)).toBe('920 DMS failed to execute request Slow.Sleep: overloaded');
    other.send(request(4, 'Slow', 'Sleep'));
    wake.resolve();
    expect((await client.messages(3)).map((reply) => reply.referenceId)).toEqual([3, 1, 2]);
    expect((await other.messages(1)).map(outcome)).toEqual(['{"Slept":"well"}']);
  });

  it('beyond the limit of the host are rejected, on any connection', async () => {
    const wake = deferred();
    const sleeper = pluginOf('Slow', 'Sleep', () => wake.promise.then(() => ({})));
    const host = await start({ plugins: [sleeper], limits: { inFlight: 1 } });
    const [client, other] = [await host.client(), await host.client()];
    client.send(request(1, 'Slow', 'Sleep'));
    await until(() => host.host.dispatcher.inFlight > 0);
    expect(outcome(await other.ask(request(2, 'Slow', 'Sleep')))).toMatch(/^920 .*overloaded$/);
    wake.resolve();
    await client.messages(1);
    expect(outcome(await other.ask(request(3, 'Slow', 'Sleep')))).toBe('{}');
  });
});

describe('messages at the edges', () => {
  it('without ReferenceId are handled, logged and not answered', async () => {
    const handled: string[] = [];
    const plugin = pluginOf('Test', 'Note', (call) => {
      handled.push(call.received.requireString('Say'));
      return {};
    });
    const host = await start({ plugins: [plugin, echo] });
    const client = await host.client();
    client.send(request(undefined, 'Test', 'Note', { Say: 'x' }), request(2, 'Test', 'Echo', { Say: 'y' }));
    expect((await client.messages(1)).map((reply) => reply.referenceId)).toEqual([2]);
    expect(handled).toEqual(['x']);
    await host.log.line(/Test\.Note has no ReferenceId and cannot be answered/);
  });

  it('of another kind are logged and ignored', async () => {
    const host = await start({ plugins: [echo] });
    const client = await host.client();
    for (const messageId of [501, 502, 77]) client.send({ ...request(1, 'Test', 'Echo'), messageId });
    expect(outcome(await client.ask(request(2, 'Test', 'Echo', { Say: 'still here' })))).toBe('{"Said":"still here"}');
    await host.log.line(/ignored Event3rdServerResponse: it is not a request/);
    await host.log.line(/ignored Event3rdServerFault: it is not a request/);
    await host.log.line(/ignored message 77: it is not a request/);
  });

  it('over 16380 bytes come and go as packet extensions', async () => {
    const client = await (await start({ plugins: [echo] })).client();
    const long = 'x'.repeat(70_000);
    expect(outcome(await client.ask(request(1, 'Test', 'Echo', { Say: long })))).toBe(JSON.stringify({ Said: long }));
  });

  it("keep the bytes of a string that is not valid in the listener's charset", async () => {
    const plugin = pluginOf('Test', 'Back', (call) => call.received);
    const client = await (await start({ plugins: [plugin] })).client();
    const list = KeyValueList.from({ Service: 'Test', Method: 'Back' }).add({
      key: 'Parameters',
      type: 'list',
      value: new KeyValueList([{ key: 'Bytes', type: 'strx', value: Buffer.from('ff00fe', 'hex') }]),
    });
    const reply = await client.ask({ messageId: 500, referenceId: 1, request: list, userData: undefined });
    expect(messageToJson(reply).request?.at(-1)).toEqual(['Parameters', 'list', [['Bytes', 'strx', 'ff00fe']]]);
  });

  it('in windows-1251 are read and answered in windows-1251', async () => {
    const host = await start({ plugins: [echo], charset: 'windows-1251' });
    const client = await host.client();
    const asked = encodeMessage(request(1, 'Test', 'Echo', { Say: 'Привет' }), charset('windows-1251'));
    expect(asked.includes(Buffer.from('cff0e8e2e5f2', 'hex'))).toBe(true);
    const answer = new Promise<Buffer>((resolve) => client.socket.once('data', resolve));
    client.write(asked);
    expect((await answer).includes(Buffer.from('cff0e8e2e5f2', 'hex'))).toBe(true);
  });
});

describe('malformed bytes', () => {
  it.each([
    [
      'TLS',
      '16030100f8010000f40303',
      /frame length 369295616 exceeds 16380: the peer speaks TLS instead of plain ESP, at byte 0 of the stream; first bytes 16030100f8/,
    ],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n').toString('hex'), /the peer speaks HTTP instead of plain ESP/],
    [
      'an unknown attribute type',
      '0000000a01000001f4000000007a',
      /attribute 0 has unknown type 0x7a.*, at byte 9 of the message \(the message began at byte 0 of the stream\); first bytes 0000000a01/,
    ],
    ['an unknown ADDP frame', '70325a000000', /unknown ADDP frame 0x5a, at byte 2 of the stream/],
  ])('close the connection with a log line about the error and its offset: %s', async (_name, hex, line) => {
    const host = await start({ plugins: [echo] });
    const [bad, good] = [await host.client(), await host.client()];
    bad.write(Buffer.from(hex, 'hex'));
    await bad.closed;
    const closed = await host.log.line(/connection closed/);
    expect(closed).toMatch(/ WARN /);
    expect(closed).toMatch(line);
    expect(outcome(await good.ask(request(1, 'Test', 'Echo', { Say: 'fine' })))).toBe('{"Said":"fine"}');
  });

  it('do not prevent the replies to earlier requests', async () => {
    const host = await start({ plugins: [echo] });
    const client = await host.client();
    const good = encodeMessage(request(1, 'Test', 'Echo', { Say: 'first' }), charset());
    client.write(Buffer.concat([good, Buffer.from('ffffffffff', 'hex')]));
    expect((await client.messages(1)).map(outcome)).toEqual(['{"Said":"first"}']);
    await client.closed;
  });

  it('that end in the middle of a frame are logged with the number of missing bytes', async () => {
    const host = await start();
    const client = await host.client();
    client.write(encodeMessage(request(1, 'Test', 'Echo'), charset()).subarray(0, 30));
    client.socket.end();
    await client.closed;
    expect(await host.log.line(/connection closed/)).toMatch(/inside a frame: received 30 of \d+ bytes/);
  });

  it('that leave a frame incomplete for frameMs close the connection, even if more arrive slowly', async () => {
    const host = await start({ limits: { frameMs: 50 } });
    const client = await host.client();
    const drip = setInterval(() => client.write(Buffer.alloc(1, 1)), 10);
    client.write(Buffer.from('00003000', 'hex'));
    await client.closed;
    clearInterval(drip);
    await host.log.line(/incomplete frame for 50 ms \(limits.frameMs\)/);
  });
});

describe('a client that does not read', () => {
  it('is not read from, and closed after frameMs; another client is undisturbed', async () => {
    const big = 'y'.repeat(1 << 20);
    let handled = 0;
    const plugin = pluginOf('Test', 'Big', () => {
      handled++;
      return { Big: big };
    });
    const host = await start({ plugins: [plugin, echo], limits: { frameMs: 200 } });
    const [deaf, good] = [await host.client(), await host.client()];
    deaf.socket.pause();
    const ask = encodeMessage(request(1, 'Test', 'Big', { Say: 'z'.repeat(16_000) }), charset());
    for (let round = 0; round < 1000; round++) deaf.write(ask);
    expect(outcome(await good.ask(request(2, 'Test', 'Echo', { Say: 'fine' })))).toBe('{"Said":"fine"}');
    await host.log.line(/the peer read nothing for 200 ms/);
    expect(handled).toBeLessThan(100);
  });
});

describe('ADDP', () => {
  it("answers the client's init, and its polls with the same counter", async () => {
    const client = await (await start({ plugins: [echo] })).client();
    client.write(Buffer.concat([encodeInit(0, false), encodeAddp(Addp.Poll, 0xabcdef)]));
    await client.addpFrames(2);
    expect(client.addp[0]).toMatch(/^i \d+$/);
    expect(client.addp[1]).toBe(`p ${0xabcdef}`);
  });

  it('polls at the interval requested by the client, and closes a silent client', async () => {
    const host = await start();
    const client = await host.client();
    client.write(encodeInit(60, false));
    await client.closed;
    expect(client.addp.slice(1)).toEqual(['P 0']);
    await host.log.line(/ WARN .*ADDP: the peer has been silent for \d+ ms/);
  });

  it('keeps a client that answers its polls', async () => {
    const host = await start({ plugins: [echo] });
    const client = await host.client();
    client.write(encodeInit(30, false));
    for (let poll = 0; poll < 4; poll++) {
      await client.addpFrames(poll + 2);
      expect(client.addp.at(-1)).toBe(`P ${poll}`);
      client.write(encodeAddp(Addp.PollAck, poll));
    }
    expect(outcome(await client.ask(request(1, 'Test', 'Echo', { Say: 'alive' })))).toBe('{"Said":"alive"}');
  });

  it('logs its frames if the client requests a trace', async () => {
    const host = await start();
    const client = await host.client();
    client.write(Buffer.concat([encodeInit(0, true), encodeAddp(Addp.Poll, 1)]));
    await host.log.line(/ADDP init: timeout 0 ms/);
    await host.log.line(/ADDP P 1/);
    // Frames of one kind are counted within a second, those of others are not.
    expect(host.log.matching(/times=/)).toEqual([]);
  });
});

it('logs a client that resets its connection at info', async () => {
  const host = await start({ plugins: [echo] });
  const client = await host.client();
  await client.ask(request(1, 'Test', 'Echo', { Say: 'x' }));
  client.socket.resetAndDestroy();
  await host.log.line(/ INFO .*connection closed: .*ECONNRESET/);
  const closed = 'esp_connections_closed_total{reason="error"}';
  expect(seriesValue(await host.host.metrics.text(), closed)).toBe(1);
});

it('refuses a connection over the limit, with a log line', async () => {
  const host = await start({ limits: { connections: 1 } });
  await (await host.client()).ask(request(1, 'Test', 'Echo'));
  const second = await host.client();
  await second.closed;
  await host.log.line(/connection refused: 1 connections are open \(limits.connections\)/);
});

it('closes the longest silent connection for a new client beyond the limit', async () => {
  const host = await start({ limits: { connections: 2, connectionsPerAddress: 2 } });
  const [first, second] = [await host.client(), await host.client()];
  const third = await host.client();
  await first.closed;
  await host.log.line(/connection closed: it had sent nothing when limits.connections was reached/);
  const closed = 'esp_connections_closed_total{reason="first_request_timeout"}';
  expect(seriesValue(await host.host.metrics.text(), closed)).toBe(1);
  expect(outcome(await third.ask(request(1, 'Test', 'Echo')))).toBe('902 Test unknown service');
  expect(outcome(await second.ask(request(1, 'Test', 'Echo')))).toBe('902 Test unknown service');
});

it('does not log a successful request at info', async () => {
  const log = new LogLines('info');
  const client = await (await start({ plugins: [echo], log })).client();
  await client.ask(request(1, 'Test', 'Echo', { Say: 'x' }));
  expect(log.lines).toEqual([]);
});
