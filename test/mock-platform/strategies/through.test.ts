import { createServer } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { type EspMessage, EspRequest, faults, faultTo, KeyValueList, listToJson, responseTo } from '#wire';
import { runThrough } from '../../../mock-platform/strategies/index.js';
import { removeFolders } from '../../support/files.js';
import { Setting } from '../interaction-server/setting.js';
import { branching, REACH, strategyOf } from './files.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});
afterAll(removeFolders);

/** A server that plays Messaging.ValidateContact: numbers that end in 2 are on WhatsApp. */
function validateContact(message: EspMessage): EspMessage {
  const request = new EspRequest(message);
  const id = request.parameters.string('Id') ?? '';
  if (id === '') return faultTo(request, 171, faults.incorrectParameter(request.name, 'Id', 'missing'));
  return responseTo(request, 171, KeyValueList.from({ Id: id.endsWith('2') ? id : '' }));
}

const local = (port: number) => ({ host: '127.0.0.1', port });

describe('through an Interaction Server', () => {
  it.each([
    ['+16315551002', 'WhatsApp gold', ['ask', 'whatsapp', 'to-whatsapp']],
    ['+16315551003', 'SMS', ['ask', 'sms']],
    ['', 'E-mail', ['ask', 'email']],
  ])('%j is routed to %s', async (Id, routedTo, path) => {
    const { server, interactionServer } = await setting.usual();
    server.answer = validateContact;
    const run = await runThrough(interactionServer, strategyOf(REACH), { Id });
    expect(run.end).toMatchObject({ kind: 'routed', routedTo });
    expect(run.steps.map(({ id }) => id)).toEqual(path);
  });

  it('sends the request of the step, with kinds, lists and user data', async () => {
    const { server, interactionServer } = await setting.usual();
    server.answer = validateContact;
    await runThrough(interactionServer, strategyOf(REACH));
    const { request, userData } = (await server.message(0)).message;
    expect(listToJson(request ?? new KeyValueList())).toEqual([
      ['Version', 'str', '1.0'],
      ['AppName', 'str', 'DMS'],
      ['Service', 'str', 'Messaging'],
      ['Method', 'str', 'ValidateContact'],
      [
        'Parameters',
        'list',
        [
          ['Id', 'str', '+16315551002'],
          ['Tries', 'int', 3],
          ['List', 'list', [['Greeting', 'str', 'Hello gold']]],
        ],
      ],
    ]);
    expect(listToJson(userData ?? new KeyValueList())).toEqual([['Segment', 'str', 'gold']]);
  });

  it('reads every kind of value, and the first value of a key', async () => {
    const { server, interactionServer } = await setting.usual();
    server.answer = (message) =>
      responseTo(
        new EspRequest(message),
        171,
        new KeyValueList([
          { key: 'Balance', type: 'int', value: 7 },
          { key: 'Balance', type: 'int', value: 8 },
          { key: 'Name', type: 'utf16', value: 'Zoë' },
          { key: 'Bytes', type: 'bin', value: Buffer.from('00ff', 'hex') },
          { key: '__proto__', type: 'str', value: 'x' },
          { key: 'List', type: 'list', value: KeyValueList.from({ Inner: 1 }) },
        ]),
      );
    const run = await runThrough(interactionServer, branching('{ response: [{ go: a }], fault: { 1: retry, 2: b } }'));
    expect(JSON.stringify(run.after.bill)).toBe(
      '{"Balance":7,"Name":"Zoë","Bytes":"00ff","__proto__":"x","List":{"Inner":1}}',
    );
    const [, asked] = run.steps;
    expect(asked?.kind === 'externalService' && asked.outcome).toMatchObject({
      kind: 'response',
      message: { messageId: 501, userData: null },
    });
  });

  it('gets the faults of Interaction Server itself', async () => {
    const { interactionServer } = await setting.usual();
    const strategy = strategyOf(REACH.replace('appName: DMS', 'appName: DSM'));
    const [asked] = (await runThrough(interactionServer, strategy)).steps;
    expect(asked?.kind === 'externalService' && [asked.outcome, asked.branch]).toMatchObject([
      { kind: 'fault', code: '902', text: 'DSM unknown application' },
      'on.fault.other',
    ]);
  });
});

describe('without an answer', () => {
  it('a step times out', async () => {
    const { interactionServer } = await setting.usual();
    const strategy = strategyOf(REACH.replace('timeoutMs: 5000', 'timeoutMs: 20'));
    const run = await runThrough(interactionServer, strategy);
    expect(run.steps[0]).toMatchObject({ outcome: { kind: 'timeout' }, branch: 'on.timeout', next: 'sms' });
    expect(run.end).toMatchObject({ routedTo: 'SMS' });
  });

  it('a lost connection is an outcome, and the next step connects again', async () => {
    const server = await setting.server();
    let asked = 0;
    server.answer = (message) => {
      if (++asked === 1) server.drop();
      return responseTo(new EspRequest(message), 171, new KeyValueList());
    };
    const strategy = branching('{ response: [{ go: a }], fault: { other: b }, lost: retry }');
    const run = await runThrough(local(server.port), strategy);
    const outcomes = run.steps.flatMap((step) => (step.kind === 'externalService' ? [step.outcome.kind] : []));
    expect(outcomes).toEqual(['lost', 'response']);
    expect(run.end).toMatchObject({ routedTo: 'A' });
  });

  it('a stopped server is a lost connection for later steps', async () => {
    const server = await setting.server();
    server.answer = (message) => {
      void server.stop();
      return responseTo(new EspRequest(message), 171, new KeyValueList());
    };
    const run = await runThrough(
      local(server.port),
      branching('{ response: [{ go: retry }], fault: { 1: a, other: b }, lost: retry }'),
    );
    const outcomes = run.steps.flatMap((step) => (step.kind === 'externalService' ? [step.outcome] : []));
    expect(outcomes).toHaveLength(10);
    expect(outcomes.at(-1)).toMatchObject({ kind: 'lost', why: expect.stringContaining('nothing listens there') });
    expect(run.end).toMatchObject({ kind: 'nowhere', step: 'ask' });
  });

  it('nothing runs if nothing listens', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    await expect(runThrough(local(port), strategyOf(REACH))).rejects.toThrow(
      `cannot connect to 127.0.0.1:${port}: nothing listens there`,
    );
  });
});
