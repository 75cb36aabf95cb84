import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import {
  charset,
  type EspMessage,
  EspRequest,
  encodeMessage,
  type JsonEntry,
  listFromJson,
  MessageId,
  messageToJson,
} from '#wire';
import { type ExportTarget, exchangeOf, exportText, type TextForm } from '../../../mock-platform/export/index.js';
import { Journal, type JournalEntry } from '../../../mock-platform/journal/index.js';
import { type Platform, runCase } from '../../../mock-platform/platform/index.js';
import { loadStrategy } from '../../../mock-platform/strategies/index.js';
import { loadStubs, StubSet, startStubServer } from '../../../mock-platform/stubs/index.js';
import { file, ROOT, removeFolders } from '../../support/files.js';
import { RawClient } from '../../support/raw-client.js';
import { AdminSetting, CHANNEL_CONFIG, WORLD } from '../admin/setting.js';

let setting = new AdminSetting();
afterEach(async () => {
  await setting.end();
  setting = new AdminSetting();
});
afterAll(removeFolders);

const shell = promisify(execFile);

/** A request as its bytes say it, by a client of its own; the reply without its ReferenceId. */
async function ask(port: number, message: EspMessage): Promise<unknown> {
  const client = await RawClient.open(port);
  try {
    return { ...messageToJson(await client.ask(message)), referenceId: 0 };
  } finally {
    client.socket.destroy();
  }
}

interface Asked {
  readonly text?: 'str' | 'utf16';
  readonly target?: JsonEntry[];
  readonly service?: string;
  readonly method?: string;
  readonly parameters: JsonEntry[];
  readonly userData?: JsonEntry[];
}

function messageOf({
  text = 'str',
  target = [],
  service = 'Greeting',
  method = 'Greet',
  parameters,
  userData,
}: Asked): EspMessage {
  return {
    messageId: MessageId.Request3rdServer,
    referenceId: 7,
    request: listFromJson([
      ['Version', text, '1.0'],
      ...target,
      ['Service', text, service],
      ['Method', text, method],
      ['Parameters', 'list', parameters],
    ]),
    userData: userData === undefined ? undefined : listFromJson(userData),
  };
}

const REQUESTS: [string, Asked][] = [
  ['a request as most are', { target: [['AppName', 'str', 'DMS']], parameters: [['Name', 'str', 'Ann']] }],
  ['one without a target', { parameters: [['Name', 'str', 'Ann']] }],
  ['a type as a number', { target: [['AppType', 'int', 171]], parameters: [['Name', 'str', 'Ann']] }],
  ['a type as a text of digits', { target: [['AppType', 'str', '171']], parameters: [['Name', 'str', 'Ann']] }],
  ['a type by name', { target: [['AppType', 'str', 'SocialMS']], parameters: [['Name', 'str', 'Ann']] }],
  ['a fault', { parameters: [['Nme', 'str', 'Ann']] }],
  ['an unknown service', { service: "O'Neil & sons", method: '$(reboot)', parameters: [] }],
  ['odd texts', { parameters: [['Name', 'str', `it's "a" $HOME \\ \n\t \`x\` !é中 {{parameters.Name}} \${HOME} }}`]] }],
  ['a name that begins with a dash', { method: '-Greet', parameters: [['-Name', 'str', '--to']] }],
  [
    'values of every kind',
    {
      target: [['AppName', 'str', 'DMS']],
      parameters: [
        ['Name', 'str', '+16315551002'],
        ['Count', 'int', -5],
        [
          'Deep',
          'list',
          [
            [
              'Inner',
              'list',
              [
                ['n', 'int', 1],
                ['s', 'str', '{{x}}'],
              ],
            ],
          ],
        ],
      ],
      userData: [
        ['-Segment', 'str', 'gold'],
        ['Score', 'int', 5],
        ['More', 'list', [['a', 'str', 'b']]],
      ],
    },
  ],
];

/** Those that a strategy has no words for. */
const BYTES: [string, Asked][] = [
  [
    'UTF-16',
    {
      text: 'utf16',
      parameters: [
        ['Name', 'utf16', 'Köln'],
        ['Other', 'str', 'x'],
        [
          'Deep',
          'list',
          [
            ['a', 'utf16', 'b'],
            ['b', 'str', 'c'],
          ],
        ],
      ],
      userData: [['Segment', 'utf16', 'gold']],
    },
  ],
  [
    'bytes',
    {
      parameters: [
        ['Name', 'str', 'Ann'],
        ['Photo', 'bin', '00ff'],
        ['City', 'strx', 'cceef1'],
        [{ hex: 'ff' }, 'str', 'x'],
      ],
    },
  ],
  [
    'repeated keys',
    {
      parameters: [
        ['Name', 'str', 'Ann'],
        ['Name', 'str', 'Bob'],
        ['2', 'int', 1],
        ['1', 'int', 2],
      ],
    },
  ],
];

/** A platform with this request, and its answer. */
async function asked(request: Asked): Promise<{ platform: Platform; answer: unknown }> {
  const { platform } = await setting.whole();
  return { platform, answer: await ask(platform.esp.port, messageOf(request)) };
}

/** What a request has, but for its ReferenceId. */
function seen(platform: Platform, id: number): unknown {
  const { request, reply } = platform.journal.get(id) ?? {};
  return [
    { ...request?.json, referenceId: 0 },
    { ...reply?.json, referenceId: 0 },
  ];
}

describe('a send line repeats', () => {
  it.each([...REQUESTS, ...BYTES])('%s', async (_name, request) => {
    const { platform } = await asked(request);
    const line = platform.exported(1, 'send');
    expect(line).toMatch(/^npx esp-host send /);
    const own = line.replace('npx esp-host', `'${process.execPath}' '${join(ROOT, 'bin/esp-host.cjs')}'`);
    await shell('/bin/sh', ['-c', own]).catch((error: { code: number; stderr: string }) => {
      if (error.code !== 2) throw new Error(`${line}${error.stderr}`);
    });
    expect(platform.journal.size).toBe(2);
    expect(seen(platform, 2)).toEqual(seen(platform, 1));
  });

  it('requests through Interaction Server, and to stubs', async () => {
    const { platform } = await setting.whole();
    const mail = { service: 'Email', method: 'Acknowledge', parameters: [['Id', 'str', '5']] satisfies JsonEntry[] };
    await ask(platform.interactionServer.port, messageOf({ ...mail, target: [['AppType', 'int', 64]] }));
    await ask(platform.stubServers[0]?.port ?? 0, messageOf(mail));
    await ask(platform.interactionServer.port, messageOf({ ...mail, target: [['AppName', 'str', 'Nobody']] }));
    expect([1, 2, 3].map((id) => platform.exported(id, 'send'))).toEqual([
      `npx esp-host send Email Acknowledge Id=5 --to 127.0.0.1:${platform.interactionServer.port} --app-type 64\n`,
      `npx esp-host send Email Acknowledge Id=5 --to 127.0.0.1:${platform.stubServers[0]?.port}\n`,
      `npx esp-host send Email Acknowledge Id=5 --to 127.0.0.1:${platform.interactionServer.port} --app-name Nobody\n`,
    ]);
  });
});

describe('a stub answers the same to', () => {
  it.each([...REQUESTS, ...BYTES])('%s', async (_name, request) => {
    const { platform, answer } = await asked(request);
    const path = file('stub.yaml', platform.exported(1, 'stub'));
    const server = await startStubServer({ stubs: new StubSet(loadStubs(path).config), logger: setting.log.logger });
    setting.onEnd(() => server.close());
    expect(await ask(server.port, messageOf(request))).toEqual(answer);
    const other = messageOf({ ...request, method: 'Another' });
    expect(await ask(server.port, other)).not.toEqual(answer);
  });

  it('a stub that is added through the API', async () => {
    const { platform } = await setting.whole();
    const message = messageOf({
      target: [['AppName', 'str', 'Mail']],
      service: 'Email',
      method: 'New',
      parameters: [],
    });
    const answer = await ask(platform.interactionServer.port, message);
    const { stubs } = loadStubs(file('stub.yaml', platform.exported(1, 'stub'))).config;
    platform.stubs('Mail').add(stubs[0], 'first');
    expect(await ask(platform.interactionServer.port, message)).toEqual(answer);
    expect(platform.journal.get(2)?.stub).toBe('Email.New, entry 1 of the journal');
  });
});

describe('a strategy case expects the same of', () => {
  it.each(REQUESTS)('%s', async (_name, request) => {
    const { platform } = await asked(request);
    const strategy = loadStrategy(file('case.yaml', platform.exported(1, 'strategy-case')));
    const [test] = strategy.tests;
    if (test === undefined) throw new Error('no test');
    const world = WORLD.replace('  - { stubs: ./mail.yaml }\n', '').replace('strategies: ./strategies\n', '');
    const files = { config: file('config.yaml', CHANNEL_CONFIG), platform: file('platform.yaml', world) };
    const result = await runCase(strategy, test, files);
    expect(result.differences).toEqual([]);
    const other = await runCase(strategy, { ...test, expect: { ...test.expect, data: { reply: { No: 'x' } } } }, files);
    expect(other.differences).toHaveLength(1);
  });

  it.each<[string, string]>([
    ['bytes', 'entry 1 has binary data in Parameters.Photo, which a strategy cannot send: export it as send or stub'],
    ['repeated keys', 'entry 1 repeats Parameters.Name, which a strategy cannot send: export it as send or stub'],
  ])('not of %s', async (name, why) => {
    const [, request] = BYTES.find(([one]) => one === name) ?? [];
    const { platform } = await asked(request ?? { parameters: [] });
    expect(() => platform.exported(1, 'strategy-case')).toThrow(why);
  });
});

describe('an exchange', () => {
  const TARGET: ExportTarget = { name: 'DMS', type: 171, options: ['--to', '127.0.0.1:7120'] };

  const exportEntry = (found: JournalEntry, form: TextForm, target: ExportTarget): string =>
    exportText(exchangeOf(found, target), form);

  function entry(parameters: JsonEntry[], end?: (journal: Journal) => void, service = 'Greeting') {
    const journal = new Journal();
    const message = messageOf({ parameters, service });
    const frame = encodeMessage(message, charset());
    journal.begin({ client: 'a', application: 'DMS', key: 'a', request: new EspRequest(message), frame });
    end?.(journal);
    const found = journal.get(1);
    if (found === undefined) throw new Error('no entry');
    return found;
  }

  it('that is still pending has no stub', () => {
    for (const form of ['stub', 'strategy-case'] as const) {
      expect(() => exportEntry(entry([]), form, TARGET)).toThrow(
        'entry 1 is still pending: try again after its answer',
      );
    }
  });

  it('that was never answered remains unanswered', async () => {
    const lost = entry([], (journal) => journal.end(1, 'lost', 'gone'));
    expect(exportEntry(lost, 'stub', TARGET)).toContain('answer:\n      none: true\n');
    const strategy = loadStrategy(file('case.yaml', exportEntry(lost, 'strategy-case', TARGET)));
    expect(strategy.tests[0]?.expect).toEqual({ routedTo: 'no answer', path: ['ask', 'unanswered'] });
  });

  it('with secrets mentions that they are missing', () => {
    const found = entry([['Login', 'list', [['Password', 'str', 'hunter2']]]], (journal) => journal.end(1, 'none', ''));
    for (const form of ['send', 'stub', 'strategy-case'] as const) {
      const text = exportEntry(found, form, TARGET);
      expect(text).toMatch(/^# Secret values are masked: fill them in\.\n/);
      expect(text).not.toContain('hunter2');
    }
  });

  it('that does not fit a command line has no send line', () => {
    expect(() => exportEntry(entry([], undefined, 'a\0b'), 'send', TARGET)).toThrow(
      'entry 1 contains text that a command line cannot express: export it as stub',
    );
  });

  it('without a service has no strategy', () => {
    const found = entry([], (journal) => journal.end(1, 'none', ''), '');
    expect(() => exportEntry(found, 'strategy-case', TARGET)).toThrow('entry 1 has no Service or no Method');
    expect(exportEntry(found, 'send', TARGET)).toBe("npx esp-host send '' Greet --to 127.0.0.1:7120\n");
  });

  it('with malformed lists cannot be repeated', () => {
    const journal = new Journal();
    const request = new EspRequest(messageOf({ parameters: [] }));
    journal.begin({ client: 'a', application: 'DMS', key: 'a', request, frame: Buffer.from('00000005ff', 'hex') });
    const [found] = journal.find();
    if (found === undefined) throw new Error('no entry');
    expect(() => exportEntry(found, 'send', TARGET)).toThrow('entry 1 is malformed and cannot be exported');
  });
});
