import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { loadStubs, type Platform, StubSet, startOnFreePorts, startStubServer } from 'esp-host/mock';
import { type ConformResult, conform, type SubjectOptions } from '../../src/conform/index.js';
import { type EspMessage, EspRequest, faults, faultTo } from '../../src/esp/index.js';
import { Addp, decodeBody, encodeAddp } from '../../src/wire/index.js';
import { TestHost } from '../support/esp-host.js';
import { file, ON_PREMISES, removeFolders } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';
import { certificates } from '../support/tls.js';
import { SmallConnection, type SmallServer, startSmallServer, UTF8 } from './small-server.js';

const servers: SmallServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(removeFolders);

/** Starts a small server with connections of this class. @returns its port */
async function listen(Connection = SmallConnection): Promise<number> {
  const server = await startSmallServer(Connection);
  servers.push(server);
  return server.port;
}

const SMALL = { service: 'Small', method: 'Ask', parameters: { Id: '17' } };

async function resultsOf(
  port: number,
  options: Partial<SubjectOptions> = {},
  only?: string[],
): Promise<ConformResult[]> {
  const times = { connectTimeoutMs: 5000, timeoutMs: 5000 };
  const results: ConformResult[] = [];
  const checks = conform({ host: '127.0.0.1', port, charset: UTF8, ...times, request: SMALL, ...options }, only);
  for await (const result of checks) results.push(result);
  return results;
}

const unusual = (results: readonly ConformResult[]) =>
  results.filter(({ state }) => state !== 'ok').map(({ id, state, text }) => `${state} ${id}: ${text}`);

const NO_SLOW = 'skipped replies.order: it needs --slow, a method that takes a second or so';

const LENIENT = 'note faults.902: an unknown AppName: a response';
/** The request of a client that has gone is abandoned, unless its method answers at once. */
const NO_REPLY = 'note connections.halfClosed: there was no reply before that';

describe('a server that conforms', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startOnFreePorts({ ...ON_PREMISES, logger: new LogLines().logger });
  });
  afterAll(() => platform?.stop());

  it('the host', async () => {
    const host = await TestHost.start();
    try {
      const request = { service: 'Conform', method: 'Ask' };
      expect(unusual(await resultsOf(host.adapter.port, { request }))).toEqual([NO_SLOW]);
    } finally {
      await host.stop();
    }
  });

  it('the mock Interaction Server', async () => {
    const request = {
      service: 'Messaging',
      method: 'ValidateContact',
      appName: 'DMS',
      parameters: { Id: '+16315551002' },
    };
    expect(unusual(await resultsOf(platform.interactionServer.port, { request }))).toEqual([NO_SLOW, NO_REPLY]);
  });

  it('the relay in front of the host', async () => {
    const request = { service: 'Messaging', method: 'ValidateContact', parameters: { Id: '+16315551002' } };
    expect(unusual(await resultsOf(platform.esp.port, { request }))).toEqual([NO_SLOW, LENIENT, NO_REPLY]);
  });

  it('a stub server', async () => {
    const yaml = 'stubs: [{ match: { service: Small, method: Ask }, answer: { parameters: {} } }]';
    const stubs = new StubSet(loadStubs(file('stubs.yaml', yaml)).config);
    const server = await startStubServer({ stubs, answered: () => undefined, logger: new LogLines().logger });
    try {
      expect(unusual(await resultsOf(server.port))).toEqual([NO_SLOW, LENIENT]);
    } finally {
      await server.close();
    }
  });

  it('a small server that was written from the description', async () => {
    expect(unusual(await resultsOf(await listen()))).toEqual([NO_SLOW, LENIENT]);
  });
});

type Quirk = typeof SmallConnection;

describe('a server that', () => {
  it.each<[string, Quirk, check: string, text: RegExp]>([
    [
      'takes each chunk for a whole message',
      class extends SmallConnection {
        override data(chunk: Buffer): void {
          this.message(chunk, 4, chunk.length);
        }
      },
      'framing.boundaries',
      /^no reply to a request cut after \d+ of \d+ bytes/,
    ],
    [
      'reads the first message of a chunk only',
      class extends SmallConnection {
        override data(chunk: Buffer): void {
          this.message(chunk, 4, 4 + chunk.readUInt32BE(0));
        }
      },
      'framing.together',
      /^no reply to request 2 of 20 in one write within 300 ms$/,
    ],
    [
      'knows no packet extension',
      class extends SmallConnection {
        override message(bytes: Buffer, start: number, end: number): void {
          if (end - start > 16_380) throw new Error('too long');
          super.message(bytes, start, end);
        }
      },
      'framing.extension',
      /^no reply to a packet extension of \d+ bytes: the server closed the connection$/,
    ],
    [
      'knows no UTF-16 strings',
      class extends SmallConnection {
        override answer(request: EspRequest): EspMessage {
          return request.text === 'utf16' ? faultTo(request, 171, faults.invalidRequest()) : super.answer(request);
        }
      },
      'strings.utf16',
      /^replied to a request in UTF-16 strings with fault 701, and to the plain request with a response$/,
    ],
    [
      'keeps sixteen bits of a ReferenceId',
      class extends SmallConnection {
        override reply(message: EspMessage): void {
          super.reply({ ...fields(message), referenceId: (message.referenceId ?? 0) & 0xffff });
        }
      },
      'replies.referenceIds',
      /^no reply to the request with ReferenceId 65536 within 300 ms$/,
    ],
    [
      'replies twice',
      class extends SmallConnection {
        override reply(message: EspMessage): void {
          super.reply(message);
          super.reply(message);
        }
      },
      'replies.pipelining',
      /^sent one Event3rdServerResponse too many, with ReferenceId \d+$/,
    ],
    [
      'replies to a request without ReferenceId',
      class extends SmallConnection {
        override request(message: EspMessage): void {
          this.reply({ ...fields(this.answer(new EspRequest(message))), referenceId: message.referenceId ?? -7 });
        }
      },
      'replies.noReferenceId',
      /^sent one Event3rdServerResponse too many, with ReferenceId -7$/,
    ],
    [
      'takes any message for a request',
      class extends SmallConnection {
        override message(bytes: Buffer, start: number, end: number): void {
          this.request(decodeBody(bytes, start, end, UTF8));
        }
      },
      'replies.otherMessages',
      /^sent one Event3rdServerResponse too many, with ReferenceId \d+$/,
    ],
    [
      'closes the connection at an attribute that it does not know',
      class extends SmallConnection {
        override message(bytes: Buffer, start: number, end: number): void {
          if (bytes.includes(Buffer.from('0000004d69', 'hex'), start)) throw new Error('unknown attribute');
          super.message(bytes, start, end);
        }
      },
      'replies.attributes',
      /^no reply to a request with attribute 77: the server closed the connection$/,
    ],
    [
      'replies with messages of another kind',
      class extends SmallConnection {
        override reply(message: EspMessage): void {
          super.reply({ ...fields(message), messageId: 503 });
        }
      },
      'replies.one',
      /^replied with message 503$/,
    ],
    [
      'replies without Parameters',
      class extends SmallConnection {
        override reply(message: EspMessage): void {
          super.reply({ ...fields(message), request: undefined });
        }
      },
      'replies.one',
      /^the reply has no Request list$/,
    ],
    [
      'sends what breaks the format',
      class extends SmallConnection {
        override reply(): void {
          this.socket.write(Buffer.from('00000002ffff', 'hex'));
        }
      },
      'replies.one',
      /^sent what breaks the format: frame length 2 is below the 5 bytes of a message/,
    ],
    [
      'closes the connection at an ADDP frame',
      class extends SmallConnection {
        override addp(): void {
          this.socket.destroy();
        }
      },
      'addp.init',
      /^no reply to the ADDP init: the server closed the connection$/,
    ],
    [
      'counts polls itself',
      class extends SmallConnection {
        override addp(letter: number, value: number): void {
          if (letter === Addp.Poll) this.socket.write(encodeAddp(Addp.PollAck, 0));
          else super.addp(letter, value);
        }
      },
      'addp.poll',
      /^replied to poll 1 with counter 0$/,
    ],
    [
      'does not poll',
      class extends SmallConnection {
        override pollAfter(): void {}
      },
      'addp.polls',
      /^no poll within 300 ms$/,
    ],
    [
      'keeps the connection of a silent client',
      class extends SmallConnection {
        override pollAfter(): void {}
      },
      'addp.silence',
      /^the connection of a silent client did not end within 300 ms$/,
    ],
    [
      'polls everybody',
      class extends SmallConnection {
        override request(message: EspMessage): void {
          super.request(message);
          this.socket.write(encodeAddp(Addp.Poll, 1));
        }
      },
      'addp.without',
      /^sent an ADDP frame to a client without ADDP$/,
    ],
    [
      'keeps its side open',
      class extends SmallConnection {
        override end(): void {}
      },
      'connections.halfClosed',
      /^the server did not close its side within 300 ms$/,
    ],
    [
      'waits for what is no message',
      class extends SmallConnection {
        override data(chunk: Buffer): void {
          if (!chunk.includes('HTTP')) super.data(chunk);
        }
      },
      'connections.garbage',
      /^a connection that speaks HTTP did not end within 300 ms$/,
    ],
    [
      'cannot read deep lists',
      class extends SmallConnection {
        override request(message: EspMessage): void {
          if (depthOf(message) > 20) throw new Error('too deep');
          super.request(message);
        }
      },
      'lists.deep',
      /^no reply to a request with 50 nested lists: the server closed the connection$/,
    ],
  ])('%s', async (_name, Connection, id, text) => {
    const results = await resultsOf(await listen(Connection), { timeoutMs: 300 }, [id]);
    const result = results.find((one) => one.id === id);
    expect(result).toMatchObject({ state: 'deviation', text: expect.stringMatching(text), notice: expect.any(String) });
  });
});

const fields = ({ messageId, referenceId, request, userData }: EspMessage): EspMessage => ({
  messageId,
  referenceId,
  request,
  userData,
});

function depthOf({ request }: EspMessage): number {
  let depth = 0;
  let list = request;
  while (list !== undefined) {
    depth++;
    const inner = list.entries.findLast(({ type }) => type === 'list');
    list = inner?.type === 'list' ? inner.value : undefined;
  }
  return depth;
}

describe('the order of replies', () => {
  const slowRequest = { service: 'Small', method: 'Slow' };

  it('is checked with a slow method', async () => {
    class Slow extends SmallConnection {
      override request(message: EspMessage): void {
        if (new EspRequest(message).method === 'Slow') setTimeout(() => super.request(message), 100);
        else super.request(message);
      }
    }
    expect(unusual(await resultsOf(await listen(Slow), { slowRequest }, ['replies.order']))).toEqual([]);
  });

  it('deviates if each waits for the one before', async () => {
    expect(unusual(await resultsOf(await listen(), { slowRequest }, ['replies.order']))).toEqual([
      'deviation replies.order: replied to the slow request first, or at the same time',
    ]);
  });
});

it('ends the connection of a server that sends without end', async () => {
  class Flood extends SmallConnection {
    override reply(message: EspMessage): void {
      for (let count = 0; count < 10_001; count++) super.reply({ ...fields(message), referenceId: -5 });
    }
  }
  expect((await resultsOf(await listen(Flood), {}, ['replies.one']))[0]).toMatchObject({
    state: 'deviation',
    text: 'sent more than 10000 messages that no request explains',
  });
});

it('skips all other checks if the server does not reply', async () => {
  class Silent extends SmallConnection {
    override reply(): void {}
  }
  const results = await resultsOf(await listen(Silent), { timeoutMs: 50 });
  expect(results[0]).toMatchObject({
    id: 'replies.one',
    state: 'deviation',
    text: 'no reply to a request within 50 ms',
  });
  expect(new Set(results.slice(1).map(({ state, text }) => `${state}: ${text}`))).toEqual(
    new Set(['skipped: the server does not reply to a request']),
  );
});

it('notes that a client that has closed its side gets no reply', async () => {
  class Forgetful extends SmallConnection {
    override reply(message: EspMessage): void {
      setTimeout(() => super.reply(message), 20);
    }
    override end(): void {
      this.socket.destroy();
    }
  }
  expect(unusual(await resultsOf(await listen(Forgetful), {}, ['connections.halfClosed']))).toEqual([NO_REPLY]);
});

it('notes faults that differ', async () => {
  class Other extends SmallConnection {
    override fault(request: EspRequest) {
      return { ...faults.unknownMethod('x'), code: '1', message: `no ${request.name}` } as ReturnType<
        typeof faults.unknownMethod
      >;
    }
  }
  expect(unusual(await resultsOf(await listen(Other), {}, ['faults.902', 'faults.701']))).toEqual([
    'note faults.902: an unknown method: fault 1; an unknown service: fault 1; an unknown AppName: a response',
    'note faults.701: fault 1',
  ]);
});

it('closes a connection over TLS in place of a reset', async () => {
  const { server } = await certificates();
  const host = await TestHost.start({ tls: server });
  try {
    const options = { tls: { ca: server.certificate, servername: 'localhost' } };
    expect(unusual(await resultsOf(host.adapter.port, options, ['connections.reset']))).toEqual([]);
  } finally {
    await host.stop();
  }
});

it('cannot check a server that is not there', () =>
  expect(resultsOf(1)).rejects.toMatchObject({ code: 'ESP_CLIENT_CONNECT_FAILED' }));
