import { connect } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import {
  Addp,
  charset,
  decodeBody,
  type EspMessage,
  encodeAddp,
  encodeInit,
  encodeMessage,
  KeyValueList,
  messageFromJson,
} from '#wire';
import { StubConnection } from '../../../../mock-platform/stubs/esp/connection.js';
import {
  loadStubs,
  type StubExchange,
  type StubServer,
  StubSet,
  startStubServer,
} from '../../../../mock-platform/stubs/index.js';
import { layouts } from '../../../esp/layouts.js';
import { ROOT, removeFolders } from '../../../support/files.js';
import { LogLines } from '../../../support/log-lines.js';
import { outcome, RawClient, request } from '../../../support/raw-client.js';
import { vectors } from '../../../wire/vectors.js';
import { stubsOf } from './sets.js';

afterAll(removeFolders);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Started {
  readonly server: StubServer;
  readonly log: LogLines;
  readonly exchanges: StubExchange[];
}

async function start(stubs: StubSet): Promise<Started> {
  const log = new LogLines();
  const exchanges: StubExchange[] = [];
  const server = await startStubServer({
    stubs,
    logger: log.logger,
    answered: (exchange) => exchanges.push(exchange),
  });
  ends.push(() => server.close());
  return { server, log, exchanges };
}

async function client({ port }: StubServer): Promise<RawClient> {
  const opened = await RawClient.open(port);
  ends.push(() => opened.socket.destroy());
  return opened;
}

const pay = (referenceId: number | undefined, account: string): EspMessage =>
  request(referenceId, 'Billing', 'Pay', { Account: account });

/** Account `late` and `later` are answered after a moment, `slow` after weeks, `never` never, any other at once. */
const payments = () =>
  stubsOf(`application: { name: Billing, type: 23 }
stubs:
  - { match: { parameters: { Account: late } }, answer: { parameters: { Paid: late }, delayMs: 30 } }
  - { match: { parameters: { Account: later } }, answer: { parameters: { Paid: later }, delayMs: 300 } }
  - { match: { parameters: { Account: slow } }, answer: { parameters: { Paid: slow }, delayMs: 2147483647 } }
  - { match: { parameters: { Account: never } }, answer: { none: true } }
  - { match: { service: Billing }, answer: { parameters: { Paid: "{{parameters.Account}}" } } }
`);

/** The bytes that come back for one message. */
async function bytesFor(stubs: StubSet, message: EspMessage): Promise<string> {
  const { server } = await start(stubs);
  const asking = await client(server);
  const chunks: Buffer[] = [];
  asking.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await asking.ask(message);
  return Buffer.concat(chunks).toString('hex');
}

const layout = (index: number): EspMessage => messageFromJson(layouts[index]);
const bytesOf = (message: EspMessage): string => encodeMessage(message, charset()).toString('hex');

describe('byte for byte as observed from the vendor SDK', () => {
  const captured = (name: string): Buffer => {
    const found = vectors.find((vector) => vector.name === name);
    if (found === undefined) throw new Error(`nothing was captured as ${name}`);
    return Buffer.from(found.hex, 'hex');
  };
  const filled = (name: string, sign: string): string => {
    const { request: list } = vectors.find((vector) => vector.name === name) ?? {};
    const value = list?.flatMap((entry) => (typeof entry[2] === 'string' ? [entry[2]] : []))[0] ?? '';
    return value.startsWith(sign) ? value : '';
  };

  it.each([
    ['validate-contact', 'response', '{ messageId: 501, request: { Parameters: { Id: "+16315551002" } } }'],
    ['fault', 'fault', '{ messageId: 502, request: { FaultCode: "902", FaultString: Messaging unknown method } }'],
    ['string-16352', 'response', `{ messageId: 501, request: { k: ${filled('string-16352/response', 'y')} } }`],
    ['string-65536', 'response', `{ messageId: 501, request: { k: ${filled('string-65536/response', 'y')} } }`],
  ])('%s: the %s', async (name, kind, answer) => {
    const { server } = await start(
      stubsOf(`application: { name: Any, type: 23 }\nstubs: [{ match: {}, answer: ${answer} }]`),
    );
    const asking = await client(server);
    const expected = captured(`${name}/${kind}`);
    const chunks: Buffer[] = [];
    const whole = new Promise<void>((resolve) => {
      asking.socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (Buffer.concat(chunks).length >= expected.length) resolve();
      });
    });
    asking.write(captured(`${name}/request`));
    await whole;
    expect(Buffer.concat(chunks).toString('hex')).toBe(expected.toString('hex'));
  });
});

describe('with the fields and order observed from real servers', () => {
  const emailServer = () => new StubSet(loadStubs(`${ROOT}stubs/email-server.yaml`).config);

  it('E-mail Server: Email.CreateWebEmailIn', async () => {
    expect(await bytesFor(emailServer(), layout(0))).toBe(bytesOf(layout(1)));
  });

  it('E-mail Server: the fault for an unknown method', async () => {
    const asked = layouts[2]?.request?.map((entry) => (entry[0] === 'Method' ? ['Method', 'str', 'oops'] : entry));
    const unknown = messageFromJson({ ...layouts[2], request: asked });
    expect(await bytesFor(emailServer(), unknown)).toBe(bytesOf(layout(3)));
  });

  it('Universal Contact Server: a fault in UTF-16, with a different layout', async () => {
    const contactServer = stubsOf(`application: { name: Contact Server, type: 63 }
stubs:
  - match: { service: OMContacts, parameters: { tkv.multibytes: "false" } }
    answer:
      messageId: 502
      request:
        Version: "1.0"
        AppType: ""
        Service: FaultCodes
        Method: Error
        Parameters:
          FaultCode: "101"
          ErrorDescription: described
          FaultString: oops unknown method
          tkv.multibytes: "{{parameters.tkv.multibytes}}"
`);
    expect(await bytesFor(contactServer, layout(4))).toBe(bytesOf(layout(5)));
  });
});

describe('a stub server', () => {
  it('answers many clients with many concurrent requests, each with its ReferenceId', async () => {
    const { server } = await start(payments());
    const clients = await Promise.all([1, 2, 3].map(() => client(server)));
    const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
    for (const [index, one] of clients.entries()) one.send(...numbers.map((id) => pay(id, `${index}-${id}`)));
    for (const [index, one] of clients.entries()) {
      const replies = await one.messages(numbers.length);
      expect(replies.map((reply) => [reply.referenceId, outcome(reply)])).toEqual(
        numbers.map((id) => [id, `{"Paid":"${index}-${id}"}`]),
      );
    }
    expect(server.stubs.list().map(({ hits }) => hits)).toEqual([0, 0, 0, 0, 150]);
  });

  it('does not make requests wait for a delayed one', async () => {
    const { server } = await start(payments());
    const one = await client(server);
    one.send(pay(1, 'late'), pay(2, 'b'));
    expect((await one.messages(2)).map(({ referenceId }) => referenceId)).toEqual([2, 1]);
  });

  it('never answers if the stub says none', async () => {
    const { server } = await start(payments());
    const one = await client(server);
    expect(outcome(await one.ask(pay(1, 'b')))).toBe('{"Paid":"b"}');
    one.send(pay(2, 'never'), pay(3, 'late'));
    expect((await one.messages(2)).map(({ referenceId }) => referenceId)).toEqual([1, 3]);
  });

  it('accepts stubs while it runs', async () => {
    const { server } = await start(payments());
    const one = await client(server);
    server.stubs.add({ answer: { fault: { code: 503, text: 'closed' } } }, 'first');
    expect(outcome(await one.ask(pay(1, 'b')))).toBe('503 closed');
  });

  it('answers unmatched requests with 902, and logs the nearest stub', async () => {
    const { server, log } = await start(payments());
    const one = await client(server);
    expect(outcome(await one.ask(request(7, 'Biling', 'Pay')))).toBe('902 Biling unknown service');
    expect(await log.line(/WARN/)).toMatch(
      /no stub matched; the nearest was stub 1 \(\*\.\*\): parameters.Account is missing, not 'late' request=Biling.Pay referenceId=7 application=Billing client=127.0.0.1:\d+$/,
    );
  });

  it('reads and writes its charset', async () => {
    const cyrillic = charset('windows-1251');
    const server = await startStubServer({ stubs: payments(), charset: 'windows-1251' });
    ends.push(() => server.close());
    const one = await client(server);
    const bytes: Buffer[] = [];
    one.socket.on('data', (chunk: Buffer) => bytes.push(chunk));
    one.write(encodeMessage(pay(1, 'Анна'), cyrillic));
    await one.messages(1);
    expect(Buffer.concat(bytes).includes(Buffer.from('c0edede0', 'hex'))).toBe(true);
  });

  it('closes a connection whose lists exceed the limits', async () => {
    const { server, log } = await start(payments());
    const nested = (depth: number): KeyValueList =>
      new KeyValueList([{ key: 'L', type: 'list', value: depth === 0 ? new KeyValueList() : nested(depth - 1) }]);
    const one = await client(server);
    one.send({ messageId: 500, referenceId: 1, request: nested(200), userData: undefined });
    await one.closed;
    expect(await log.line(/WARN.*connection closed: .*listDepth/)).toBeTruthy();
  });

  it('refuses requests while too many answers are delayed', () => {
    const written: EspMessage[] = [];
    const socket = {
      peer: 'a:1',
      writeMessage: (bytes: Buffer) => written.push(decodeBody(bytes, 4, bytes.length, charset())),
    };
    const log = new LogLines();
    const delayed = { count: 0, max: 2 };
    const connection = () =>
      new StubConnection(socket as never, {
        ...{ stubs: payments(), logger: log.logger, answered: () => undefined, charset: charset() },
        ...{ lists: { listDepth: 9, listEntries: 99 }, delayed },
      });
    const [first, second] = [connection(), connection()];
    const ask = (id: number, account: string) => {
      const bytes = encodeMessage(pay(id, account), charset());
      second.body(bytes, 4, bytes.length);
    };
    const slow = encodeMessage(pay(1, 'slow'), charset());
    first.body(slow, 4, slow.length);
    for (const id of [2, 3]) ask(id, 'slow');
    ask(4, 'b');
    const overloaded = '920 Billing failed to execute request Billing.Pay: overloaded';
    expect(written.map((message) => [message.referenceId, outcome(message)])).toEqual([
      [3, overloaded],
      [4, '{"Paid":"b"}'],
    ]);
    expect(log.lines).toEqual([
      expect.stringMatching(/WARN +2 answers are delayed: a request is refused request=Billing\.Pay/),
    ]);
    first.closed();
    ask(5, 'slow');
    expect([written.length, delayed.count]).toEqual([2, 2]);
    second.closed();
    expect(delayed.count).toBe(0);
  });

  it('supports ADDP', async () => {
    const { server } = await start(payments());
    const one = await client(server);
    one.write(encodeInit(0, false));
    one.write(encodeAddp(Addp.Poll, 5));
    expect((await one.addpFrames(2)).map((frame) => frame.slice(0, 1))).toEqual(['i', 'p']);
  });

  it('does not answer messages that have no ReferenceId or are not requests, and logs them', async () => {
    const { server, log, exchanges } = await start(payments());
    const one = await client(server);
    one.send({ ...pay(1, 'b'), messageId: 501 }, pay(undefined, 'b'), pay(2, 'b'));
    expect((await one.messages(1)).map(({ referenceId }) => referenceId)).toEqual([2]);
    expect(await log.line(/Billing ignored Event3rdServerResponse: not a request application=Billing/)).toBeTruthy();
    expect(await log.line(/a request has no ReferenceId and cannot be answered application=Billing/)).toBeTruthy();
    expect(exchanges.map(({ message }) => message?.referenceId)).toEqual([undefined, 2]);
  });

  it('closes a connection with malformed data, and keeps the others', async () => {
    const { server, log } = await start(payments());
    const [good, bad] = [await client(server), await client(server)];
    bad.write('GET / HTTP/1.1\r\n\r\n');
    await bad.closed;
    await log.line(/WARN.*connection closed: .*application=Billing/);
    expect(outcome(await good.ask(pay(1, 'b')))).toBe('{"Paid":"b"}');
  });

  it('reports the answer to each request', async () => {
    const { server, exchanges } = await start(payments());
    const one = await client(server);
    one.send(pay(1, 'b'), pay(2, 'never'), request(3, 'A', 'B'), pay(4, 'late'));
    await one.messages(3);
    expect(exchanges.map(({ application, client: peer }) => [application, peer])).toEqual(
      Array(4).fill(['Billing', `127.0.0.1:${one.socket.localPort}`]),
    );
    expect(
      exchanges.map(({ request: asked, message, stub, unmatched }) => [
        asked.referenceId,
        message?.messageId,
        stub?.id,
        unmatched?.slice(0, 15),
      ]),
    ).toEqual([
      [1, 501, '5', undefined],
      [2, undefined, '4', undefined],
      [3, 502, undefined, 'no stub matched'],
      [4, 501, '1', undefined],
    ]);
  });
});

describe('the end', () => {
  it('drops delayed replies, and sends the others', async () => {
    const { server, exchanges } = await start(payments());
    const one = await client(server);
    one.send(pay(1, 'slow'), pay(2, 'b'));
    await one.messages(1);
    await Promise.all([server.close(), server.close()]);
    await one.closed;
    expect(one.received.map(({ referenceId }) => referenceId)).toEqual([2]);
    expect(exchanges.map(({ request: asked }) => asked.referenceId)).toEqual([2]);
  });

  it('closes a client that does not close its side', async () => {
    const { server, exchanges } = await start(payments());
    const halfOpen = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    halfOpen.on('error', () => undefined);
    halfOpen.resume();
    halfOpen.write(encodeMessage(pay(1, 'later'), charset()));
    const other = await client(server);
    await other.ask(pay(2, 'b'));
    await server.close();
    expect(exchanges.map(({ request: asked }) => asked.referenceId)).toEqual([2]);
    halfOpen.destroy();
  });

  it('of a client drops its pending replies', async () => {
    const { server, exchanges } = await start(payments());
    const one = await client(server);
    one.send(pay(1, 'later'), pay(2, 'b'));
    await one.messages(1);
    one.socket.destroy();
    const other = await client(server);
    await other.ask(pay(3, 'later'));
    expect(exchanges.map(({ request: asked }) => asked.referenceId)).toEqual([2, 3]);
  });

  it('frees the port, and a port in use is an error', async () => {
    const { server } = await start(payments());
    const again = () => startStubServer({ stubs: payments(), port: server.port });
    await expect(again()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await server.close();
    const next = await again();
    expect(next.port).toBe(server.port);
    await next.close();
  });
});
