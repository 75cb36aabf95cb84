import { describe, expect, it } from '@jest/globals';
import type { MockRequest } from 'esp-host';
import { charset, EspFault, type EspMessage, EspRequest, encodeMessage, faultTo, KeyValueList, MessageId } from '#wire';
import { PatternError } from '../../../mock-platform/errors.js';
import {
  Journal,
  type JournalChange,
  type JournalOptions,
  type LogRecord,
  TappedLogger,
} from '../../../mock-platform/journal/index.js';
import { LogLines } from '../../support/log-lines.js';
import { request } from '../../support/raw-client.js';

const utf8 = charset();
const CLIENT = '127.0.0.1:50123';
const SEEN = '127.0.0.1:40000';

/** A journal, and exchanges written into it by hand. */
class Written {
  readonly journal: Journal;

  constructor(options: JournalOptions = {}) {
    this.journal = new Journal(options);
  }

  begin(message: EspMessage, client = CLIENT): number {
    return this.journal.begin({
      client,
      application: 'DMS',
      request: new EspRequest(message),
      frame: encodeMessage(message, utf8),
      key: `${SEEN}#${message.referenceId}`,
    });
  }

  respond(id: number, values = {}): void {
    const parameters = KeyValueList.from({ Parameters: values });
    const message = {
      messageId: MessageId.Event3rdServerResponse,
      referenceId: 1,
      request: parameters,
      userData: undefined,
    };
    this.journal.answer(id, encodeMessage(message, utf8));
  }

  fault(id: number, message: EspMessage, code: number, text: string): void {
    this.journal.answer(id, encodeMessage(faultTo(new EspRequest(message), 171, new EspFault(code, text)), utf8));
  }
}

const ask = (referenceId: number, id = '+16315551002', more = {}): EspMessage =>
  request(referenceId, 'Messaging', 'ValidateContact', { Id: id, ...more }, { AppName: 'DMS', AppType: 171 });

it('explains each byte of its messages in the configured charset', () => {
  const site = charset('windows-1251');
  const journal = new Journal({ charset: site });
  const message = ask(1, 'Москва');
  const frame = encodeMessage(message, site);
  const key = `${SEEN}#1`;
  const id = journal.begin({ client: CLIENT, application: 'DMS', request: new EspRequest(message), frame, key });
  const values = journal
    .get(id)
    ?.request.ranges()
    .map(({ value }) => value);
  expect(values).toContain('Москва');
});

describe('an entry', () => {
  it('has request, reply and times', () => {
    const { journal, ...written } = new Written();
    const all = new Written();
    const before = Date.now();
    const id = all.begin(ask(17));
    expect(all.journal.get(id)).toMatchObject({ outcome: 'pending', reply: undefined, durationMs: undefined });
    all.respond(id, { Id: '+16315551002' });
    const entry = JSON.parse(JSON.stringify(all.journal.get(id)));
    expect(entry).toMatchObject({
      id: 1,
      client: CLIENT,
      application: 'DMS',
      appName: 'DMS',
      appType: '171',
      service: 'Messaging',
      method: 'ValidateContact',
      outcome: 'response',
      logs: [],
      upstream: [],
      request: { hex: encodeMessage(ask(17), utf8).toString('hex'), json: { messageId: 500, referenceId: 17 } },
      reply: { json: { messageId: 501, request: [['Parameters', 'list', [['Id', 'str', '+16315551002']]]] } },
    });
    expect(entry.at).toBeGreaterThanOrEqual(before);
    expect(entry.durationMs).toBeGreaterThanOrEqual(0);
    expect([journal.size, written]).toEqual([0, {}]);
  });

  it('has the code and the text of a fault', () => {
    const written = new Written();
    written.fault(written.begin(ask(1)), ask(1), 904, 'incorrect Id');
    expect(written.journal.get(1)).toMatchObject({ outcome: 'fault', faultCode: '904', faultText: 'incorrect Id' });
  });

  it('explains a missing answer, and names the fault and stub involved', () => {
    const written = new Written();
    written.journal.end(written.begin(ask(1)), 'lost', 'the client closed the connection');
    written.journal.mark(1, { injectedFault: { id: 'f', kind: 'noAnswer', title: 'noAnswer', since: 5 }, stub: 's' });
    expect(written.journal.get(1)?.outcome).toBe('lost');
    expect(JSON.parse(JSON.stringify(written.journal.get(1)))).toMatchObject({
      why: 'the client closed the connection',
      injectedFault: { id: 'f', kind: 'noAnswer', title: 'noAnswer', since: 5 },
      stub: 's',
    });
  });

  it('holds no secret, neither as JSON nor as bytes', () => {
    const written = new Written();
    const id = written.begin(ask(1, 'x', { password: 'hunter2' }));
    written.respond(id, { access_token: 'hunter2' });
    expect(written.journal.verify({ text: 'hunter2' })).toBe(0);
    const text = JSON.stringify(written.journal.get(id));
    expect(text).not.toContain(Buffer.from('hunter2').toString('hex'));
    expect(text).toContain('["password","str","*******"]');
    expect(text).toContain('["access_token","str","*******"]');
  });

  it('shows malformed lists only as bytes', () => {
    const written = new Written();
    const id = written.begin(ask(1));
    written.journal.answer(id, Buffer.from('0000000e01000001f5000000016200040001', 'hex'));
    expect(written.journal.get(id)).toMatchObject({ outcome: 'response', reply: { json: undefined } });
  });
});

describe('log lines and upstream calls', () => {
  it.each(['debug', 'info'] as const)(
    'are noted at every level from %s on, with the fields of their logger',
    (level) => {
      const records: LogRecord[] = [];
      const log = new LogLines(level);
      const logger = new TappedLogger(log.logger, (record) => records.push(record)).child({ client: SEEN });
      logger.debug('d', { a: 1 });
      logger.info('i');
      logger.warn('w');
      logger.error('e', { client: 'other' });
      const noted = records.map((record) => [record.level, record.message, record.fields]);
      const all = [
        ['debug', 'd', { client: SEEN, a: 1 }],
        ['info', 'i', { client: SEEN }],
        ['warn', 'w', { client: SEEN }],
        ['error', 'e', { client: 'other' }],
      ];
      expect(noted).toEqual(level === 'debug' ? all : all.slice(1));
      expect(log.lines).toHaveLength(noted.length);
    },
  );

  it('are added to their exchange, without secrets', () => {
    const written = new Written();
    const log = new LogLines();
    const logger = new TappedLogger(log.logger, (record) => written.journal.log(record));
    written.begin(ask(1));
    written.begin(ask(2));
    const child = logger.child({ client: SEEN, referenceId: 2, api_key: 'k' });
    child.warn('mind this', { code: 901, token: 'hunter2' });
    child.debug('nobody reads this');
    logger.info('of the whole host', { client: SEEN });
    logger.error('of nobody', { client: 'elsewhere', referenceId: 2 });
    expect(written.journal.get(1)?.logs).toEqual([]);
    expect(written.journal.get(2)?.logs).toMatchObject([
      { level: 'warn', message: 'mind this', fields: { code: 901, token: '***', api_key: '***' } },
    ]);
    expect(log.lines).toHaveLength(3);
    written.journal.upstream({
      referenceId: 2,
      client: SEEN,
      method: 'POST',
      url: 'http://a:b@127.0.0.1/x?token=t',
      status: 200,
      startedAt: 5,
      durationMs: 1,
      requestBody: '{"password":"hunter2"}',
      responseBody: '{"token":"hunter2","a":1}',
    });
    expect(written.journal.get(2)?.upstream).toEqual([
      {
        at: 5,
        durationMs: 1,
        method: 'POST',
        url: 'http://***@127.0.0.1/x?token=***',
        status: 200,
        requestBody: '{"password":"***"}',
        responseBody: '{"token":"***","a":1}',
      },
    ]);
  });

  it('are added to the latest exchange with their ReferenceId', () => {
    const written = new Written();
    written.begin(ask(1));
    written.begin(ask(1));
    written.journal.log({ at: 1, level: 'info', message: 'x', fields: { client: SEEN, referenceId: 1 } });
    expect([1, 2].map((id) => written.journal.get(id)?.logs.length)).toEqual([0, 1]);
  });
});

describe('the journal', () => {
  it('drops the oldest entries beyond its maximum number', () => {
    const written = new Written({ entries: 3 });
    for (let id = 1; id <= 5; id++) written.begin(ask(id));
    expect(written.journal.find().map(({ id }) => id)).toEqual([5, 4, 3]);
    written.respond(1);
    written.journal.log({ at: 1, level: 'info', message: 'x', fields: { client: SEEN, referenceId: 1 } });
    expect(written.journal.size).toBe(3);
  });

  it('drops the oldest entries beyond its maximum size, including replies and log lines', () => {
    const one = encodeMessage(ask(1), utf8).length;
    const written = new Written({ bytes: 3 * one + 10 });
    for (let id = 1; id <= 3; id++) written.begin(ask(id));
    expect(written.journal.size).toBe(3);
    written.respond(3, { Id: 'something' });
    expect(written.journal.find().map(({ id }) => id)).toEqual([3, 2]);
    const fields = { client: SEEN, referenceId: 3 };
    written.journal.log({ at: 1, level: 'info', message: 'x'.repeat(one), fields });
    expect(written.journal.find().map(({ id }) => id)).toEqual([3]);
    written.journal.log({ at: 1, level: 'info', message: 'x'.repeat(3 * one), fields });
    expect(written.journal.size).toBe(0);
    written.begin(ask(4));
    expect(written.journal.size).toBe(1);
  });

  it('drops the oldest entries beyond its maximum size, including each part of an upstream call', () => {
    const one = encodeMessage(ask(1), utf8).length;
    const call = {
      referenceId: 3,
      client: SEEN,
      method: 'GET',
      url: 'http://a/',
      status: 200,
      startedAt: 5,
      durationMs: 1,
    };
    const long = 'x'.repeat(one);
    for (const part of [
      { url: `http://a/${long}` },
      { requestBody: long },
      { responseBody: long },
      { responseHeaders: { etag: long } },
    ]) {
      const written = new Written({ bytes: 3 * one + 100 });
      for (let id = 1; id <= 3; id++) written.begin(ask(id));
      written.journal.upstream(call);
      expect(written.journal.size).toBe(3);
      written.journal.upstream({ ...call, ...part });
      expect(written.journal.find().map(({ id }) => id)).toEqual([3, 2]);
    }
  });

  it('has room for as much again after it was cleared', () => {
    const one = encodeMessage(ask(1), utf8).length;
    const written = new Written({ bytes: 2 * one });
    for (const id of [1, 2]) written.begin(ask(id));
    written.journal.clear();
    for (const id of [3, 4]) written.begin(ask(id));
    expect(written.journal.find().map(({ id }) => id)).toEqual([4, 3]);
  });

  it('keeps 10,000 entries by default', () => {
    const written = new Written();
    for (let id = 1; id <= 10_001; id++) written.begin(ask(1));
    expect([written.journal.size, written.journal.get(1)]).toEqual([10_000, undefined]);
  });

  it('matches a pattern with the first 65,536 characters of a value', () => {
    const written = new Written();
    written.begin(ask(1, '1', { Note: `${'y'.repeat(65_535)}z` }));
    written.begin(ask(2, '1', { Note: `${'y'.repeat(65_536)}z` }));
    expect(written.journal.find({ parameters: { Note: '/z/' } }).map(({ id }) => id)).toEqual([1]);
  });

  it('keeps at most 100 log lines of an exchange', () => {
    const written = new Written();
    written.begin(ask(1));
    for (let at = 0; at < 150; at++) {
      written.journal.log({ at, level: 'info', message: 'x', fields: { client: SEEN, referenceId: 1 } });
    }
    expect(written.journal.get(1)?.logs).toHaveLength(100);
  });

  it('finds entries by their properties', () => {
    const written = new Written();
    written.respond(written.begin(ask(1)), { Id: '+16315551002' });
    written.fault(written.begin(ask(2, '')), ask(2, ''), 904, 'no digits');
    written.begin(ask(3, '+49 30 1', { Language: 5 }), 'elsewhere:1');
    const { journal } = written;
    const ids = (filter: Parameters<Journal['find']>[0]) => journal.find(filter).map(({ id }) => id);
    expect(ids({})).toEqual([3, 2, 1]);
    expect(ids({ limit: 2 })).toEqual([3, 2]);
    expect(ids({ limit: 0 })).toEqual([]);
    expect(ids({ before: 3 })).toEqual([2, 1]);
    expect(ids({ before: 3, limit: 1 })).toEqual([2]);
    expect(ids({ appName: 'DMS', application: 'DMS' })).toEqual([3, 2, 1]);
    expect(ids({ appName: 'Other' })).toEqual([]);
    expect(ids({ application: 'Other' })).toEqual([]);
    expect(ids({ since: journal.get(1)?.at ?? 0 })).toEqual([3, 2, 1]);
    expect(ids({ outcome: 'pending' })).toEqual([3]);
    expect(ids({ faultCode: '904', service: 'Messaging' })).toEqual([2]);
    expect(ids({ client: 'elsewhere:1' })).toEqual([3]);
    expect(ids({ method: 'Other' })).toEqual([]);
    expect(ids({ text: 'NO DIGITS' })).toEqual([2]);
    expect(ids({ text: '+1631' })).toEqual([1]);
    expect(ids({ since: Date.now() + 1000 })).toEqual([]);
    expect(ids({ parameters: { Id: '/^\\+49/', Language: 5 } })).toEqual([3]);
    expect(ids({ parameters: { Id: '' } })).toEqual([2]);
    expect(ids({ parameters: { Name: '/./' } })).toEqual([]);
  });

  it('verifies the number of requests', () => {
    const written = new Written();
    for (let id = 0; id < 150; id++) written.begin(ask(id));
    expect(written.journal.verify({ service: 'Messaging', method: 'ValidateContact' })).toBe(150);
    expect(written.journal.verify({ parameters: { Id: '+16315551002' } })).toBe(150);
    expect(written.journal.verify({ service: 'Other' })).toBe(0);
    expect(() => written.journal.verify({ parameters: { Id: '/(/' } })).toThrow(PatternError);
  });

  it('notifies listeners of each change until they unsubscribe', () => {
    const written = new Written();
    const told: string[] = [];
    const stop = written.journal.subscribe((change: JournalChange) =>
      told.push(change.kind === 'cleared' ? 'cleared' : `${change.kind} ${change.entry.id} ${change.entry.outcome}`),
    );
    written.respond(written.begin(ask(1)));
    written.journal.clear();
    written.respond(1);
    expect(written.begin(ask(1))).toBe(2);
    stop();
    written.begin(ask(1));
    expect(told).toEqual(['new 1 pending', 'changed 1 response', 'cleared', 'new 2 pending']);
  });
});

describe('what is noted about the calls of an exchange', () => {
  const mocked = (path = '/v1/balance', method = 'GET'): MockRequest => ({
    ...{ method, path, query: new URLSearchParams(), headers: {}, body: '' },
  });
  const call = (path = '/v1/balance') => ({
    ...{ referenceId: 1, client: SEEN, method: 'GET', url: `http://127.0.0.1:9090${path}?a=b`, status: 200 },
    ...{ startedAt: 5, durationMs: 1 },
  });
  const marks = ({ journal }: Written) =>
    journal.get(1)?.upstream.map(({ stub, notice, explanation }) => [stub, notice, explanation]);

  it('belongs to the call of the same method and path, the first one first', () => {
    const written = new Written();
    written.begin(ask(1));
    const [first, second] = [mocked(), mocked()];
    written.journal.markCall(SEEN, 1, first, { stub: 'a' });
    written.journal.markCall(SEEN, 1, mocked('/v1/balance', 'POST'), { stub: 'other' });
    written.journal.markCall(SEEN, 1, second, { stub: 'b' });
    written.journal.markCall(SEEN, 1, first, { notice: 'n' });
    for (const path of ['/v1/other', '/v1/balance', '/v1/balance', '/v1/balance']) written.journal.upstream(call(path));
    expect(marks(written)).toEqual([
      [undefined, undefined, undefined],
      ['a', 'n', undefined],
      ['b', undefined, undefined],
      [undefined, undefined, undefined],
    ]);
  });

  it('is ignored for an exchange that is not in the journal, and bounded', () => {
    const written = new Written();
    written.begin(ask(1));
    written.journal.markCall(SEEN, 2, mocked(), { stub: 'a' });
    for (let count = 0; count < 150; count++) written.journal.markCall(SEEN, 1, mocked(`/${count}`), { stub: 'a' });
    written.journal.upstream(call('/99'));
    written.journal.upstream(call('/100'));
    expect(marks(written)?.map(([stub]) => stub)).toEqual(['a', undefined]);
    expect([written.journal.idOf(SEEN, 1), written.journal.idOf(SEEN, 2)]).toEqual([1, undefined]);
  });

  it('is why the host answered with a fault, without secrets', () => {
    const written = new Written();
    written.begin(ask(1));
    const cause = new Error(`no http://ann:hunter2@a/ ${'x'.repeat(2000)}`);
    cause.stack = 'Error\n    at f (/elsewhere/a.js:1:2)';
    written.journal.faulted(SEEN, 1, new EspFault(900, 'x', 'unexpected', { cause }));
    const { origin } = written.journal.get(1) ?? {};
    expect(origin).toMatchObject({ reason: 'unexpected', place: '/elsewhere/a.js:1:2' });
    expect(origin?.error).toMatch(/^no http:\/\/\*\*\*@a\/ x+\.\.\. \(\d+ more characters\)$/);
    written.journal.faulted(SEEN, 1, new EspFault(920, 'x', 'upstream', { cause }));
    expect(written.journal.get(1)?.origin).not.toHaveProperty('place');
    written.journal.faulted(SEEN, 1, new EspFault(404, 'x'));
    expect(JSON.parse(JSON.stringify(written.journal.get(1)))).toMatchObject({ origin: {} });
  });
});
