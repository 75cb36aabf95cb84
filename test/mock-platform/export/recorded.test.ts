import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { charset, EspRequest, encodeMessage, type JsonEntry, messageFromJson, parametersOf } from '#wire';
import { ExportError } from '../../../mock-platform/errors.js';
import {
  type ExportForm,
  type RecordedApplication,
  type RecordedRequest,
  recordedExport,
  recordedRequests,
  stubsFrom,
} from '../../../mock-platform/export/index.js';
import { loadStubs, StubSet } from '../../../mock-platform/stubs/index.js';
import { file, removeFolders } from '../../support/files.js';

afterAll(removeFolders);

const utf8 = charset();

const line = (direction: string, json: object, connection = 1): string =>
  JSON.stringify({ connection, direction, userData: null, ...json });
const asked = (referenceId: number | null, account: string, head: JsonEntry[] = [], connection = 1): string => {
  const request = [
    ...head,
    ['Service', 'str', 'Billing'],
    ['Method', 'str', 'GetBalance'],
    ['Parameters', 'list', [['Account', 'str', account]]],
  ];
  return line('toServer', { messageId: 500, referenceId, request }, connection);
};
const answered = (referenceId: number, balance: string, connection = 1): string => {
  const request = [['Parameters', 'list', [['Balance', 'str', balance]]]];
  return line('toClient', { messageId: 501, referenceId, request }, connection);
};
const recording = (...lines: string[]): string => file('r.jsonl', lines.join('\n'));

const OWN: JsonEntry[] = [
  ['AppName', 'str', 'Own'],
  ['AppType', 'int', 64],
];

describe('recorded requests', () => {
  async function requests(lines: readonly string[]) {
    const broken: number[] = [];
    async function* each() {
      yield* lines;
    }
    const found: RecordedRequest[] = [];
    const add = (number: number) => void broken.push(number);
    for await (const one of recordedRequests('r.jsonl', each(), utf8, add)) found.push(one);
    return { found, broken };
  }

  it('come with their lines, without answers, other messages and empty lines', async () => {
    const other = line('toServer', { messageId: 501, referenceId: 3, request: [] });
    const malformed = JSON.stringify({ connection: 1, direction: 'toServer', error: 'x', hex: '00' });
    const lines = [asked(1, '17'), '', answered(1, '5'), malformed, other, asked(null, '18'), ' '];
    const { found, broken } = await requests(lines);
    expect(broken).toEqual([4]);
    expect(found.map(({ body: _body, sendLine: _line, ...rest }) => rest)).toEqual([
      { line: 1, service: 'Billing', method: 'GetBalance', hasReferenceId: true, masked: false },
      { line: 6, service: 'Billing', method: 'GetBalance', hasReferenceId: false, masked: false },
    ]);
    const body = encodeMessage(messageFromJson(JSON.parse(lines[0] ?? '')), utf8).subarray(4);
    expect(found[0]?.body).toEqual(body);
  });

  it('know whether they contain masked values', async () => {
    const request = (more: object) => line('toServer', { messageId: 500, referenceId: 1, request: [], ...more });
    const secret = [['Password', 'str', '***']];
    const { found } = await requests([request({ request: secret }), request({ userData: secret }), request({})]);
    expect(found.map(({ masked }) => masked)).toEqual([true, true, false]);
  });

  it('can be sent again, if a command line can express them', async () => {
    const { found } = await requests([asked(1, '17'), asked(2, '17', [['AppName', 'str', 'a\0b']])]);
    expect(found.map((one) => one.sendLine(['--to', 'a:1']))).toEqual([
      'npx esp-host send Billing GetBalance Account=17 --to a:1',
      '# line 2 contains text that a command line cannot express: export it as stub',
    ]);
  });

  it('must be lines of a recording', async () => {
    await expect(requests(['{}'])).rejects.toMatchObject({
      code: 'ESP_MOCK_INVALID_RECORDING',
      message: expect.stringMatching(/^r\.jsonl:1:\d+: connection must be a number$/),
    });
  });
});

describe('stubs from a recording', () => {
  const stubs = (lines: string[], given: RecordedApplication = {}) =>
    parse(stubsFrom(recording(...lines), given, utf8));
  const exchange = (head?: JsonEntry[]) => [asked(1, '17', head), answered(1, '5')];

  it('are those of its application, with answers in sequence', () => {
    const answers = ['5', '6'].map((balance) => ({
      request: [['Parameters', 'list', [['Balance', 'str', balance]]]],
    }));
    const match = { service: 'Billing', method: 'GetBalance', parameters: { Account: '17' } };
    const twice = [...exchange(OWN), asked(2, '17', OWN), answered(2, '6'), asked(3, '18', OWN), answered(3, '7')];
    expect(stubs(twice)).toEqual({
      application: { name: 'Own', type: 64 },
      stubs: [
        { name: 'Billing.GetBalance, line 1 of the recording', match, answers },
        {
          name: 'Billing.GetBalance, line 5 of the recording',
          match: { ...match, parameters: { Account: '18' } },
          answer: { request: [['Parameters', 'list', [['Balance', 'str', '7']]]] },
        },
      ],
    });
  });

  it('keep faults of another layout', () => {
    const fault = line('toClient', { messageId: 502, referenceId: 1, request: [['FaultCode', 'str', '{{9}}']] });
    expect(stubs([asked(1, '17'), fault]).stubs[0].answer).toEqual({
      request: [['FaultCode', 'str', '{{braces}}9}}']],
      messageId: 502,
    });
  });

  it('keep UserData of another layout', () => {
    const answer = line('toClient', { messageId: 501, referenceId: 1, request: null, userData: [['A', 'int', 1]] });
    expect(stubs([asked(1, '17'), answer]).stubs[0].answer).toEqual({ request: [], userData: [['A', 'int', 1]] });
  });

  it('name the given application, or else a default one', () => {
    expect(stubs(exchange(OWN), { name: 'Mail', type: 5 }).application).toEqual({ name: 'Mail', type: 5 });
    expect(stubs(exchange()).application).toEqual({ name: 'Recorded server', type: 23 });
    expect(stubs(exchange([['AppType', 'str', 'Billing']])).application.type).toBe(23);
  });

  describe('compare', () => {
    const listed = (...filters: JsonEntry[][]): string[] =>
      filters.flatMap((filter, index) => {
        const request = [
          ['Service', 'str', 'Billing'],
          ['Method', 'str', 'Find'],
          ['Parameters', 'list', [['F', 'list', filter]]],
        ];
        const id = index + 1;
        return [line('toServer', { messageId: 500, referenceId: id, request }), answered(id, `${id}`)];
      });
    const compared = (filter: JsonEntry[]) => stubs(listed(filter)).stubs[0].match.parameters;
    const name = (value: string): JsonEntry => ['Name', 'str', value];
    const nested = (depth: number): JsonEntry[] => [depth === 0 ? name('x') : ['L', 'list', nested(depth - 1)]];
    const path = (depth: number, ...more: string[]) => ['F', ...Array<string>(depth).fill('L'), ...more].join('.');
    const present = { present: true };

    it.each<[string, JsonEntry[], object]>([
      ['the values of a list', [name('x'), ['Size', 'int', 3]], { 'F.Name': 'x', 'F.Size': 3 }],
      ['lists in lists', nested(2), { 'F.L.L.Name': 'x' }],
      ['the presence of an empty list', [], { F: present }],
      ['the presence of bytes', [['Photo', 'bin', '00ff']], { 'F.Photo': present }],
      ['the presence of a list of binary keys', [[{ hex: 'ff' }, 'str', 'x']], { F: present }],
      ['the first value of a key', [name('x'), name('y')], { 'F.Name': 'x' }],
      ['keys with dots', [['tkv.a', 'str', 'x']], { 'F.tkv.a': 'x' }],
      [
        'a path that two values have only once',
        [
          ['A.B', 'int', 1],
          ['A', 'list', [['B', 'int', 2]]],
        ],
        { 'F.A.B': 1, 'F.A': present },
      ],
      [
        'the presence of secrets at any depth',
        [['Login', 'list', [name('x'), ['Password', 'str', 'hunter2']]]],
        { 'F.Login.Name': 'x', 'F.Login.Password': present },
      ],
      ['the presence of a list of secrets', [['Password', 'list', [name('hunter2')]]], { 'F.Password': present }],
      [
        'the presence of texts with secrets',
        [name('{"password":"hunter2"}'), ['Url', 'str', 'token=***']],
        { 'F.Name': present, 'F.Url': present },
      ],
      ['paths of up to 10 keys', nested(8), { [path(8, 'Name')]: 'x' }],
      ['the presence of deeper lists', nested(9), { [path(9)]: present }],
    ])('%s', (_name, filter, expected) => {
      expect(compared(filter)).toEqual(expected);
    });

    it('a limited number of values, the outer ones first', () => {
      const many = Array.from({ length: 600 }, (_, index): JsonEntry => [`k${index}`, 'int', index]);
      const found = Object.keys(compared([['L', 'list', many], name('x')]));
      expect([found[0], found.length]).toEqual(['F.Name', 498]);
    });

    it('requests that differ in a list, the more specific first', () => {
      const filters = [[name('x')], [name('x'), ['Size', 'int', 3]], [name('y')], []] satisfies JsonEntry[][];
      const text = stubsFrom(recording(...listed(...filters)), {}, utf8);
      const set = new StubSet(loadStubs(file('stubs.yaml', text)).config);
      const answers = listed(...filters)
        .filter((_line, index) => index % 2 === 0)
        .map((json) => set.answer(new EspRequest(messageFromJson(JSON.parse(json)))).message);
      const balances = answers.map((message) => message && parametersOf(message.request).string('Balance'));
      expect(balances).toEqual(['1', '2', '3', '4']);
      expect(text).not.toMatch(/^#/);
    });

    it('not what stubs cannot tell apart: those requests share their answers', () => {
      const repeated = listed([name('x'), name('y')], [name('x'), name('z')]);
      expect(stubs(repeated).stubs).toMatchObject([
        { name: 'Billing.Find, lines 1, 3 of the recording', answers: [{}, {}] },
      ]);
      expect(stubsFrom(recording(...repeated), {}, utf8)).toMatch(
        /^# The requests in lines 1, 3 match the same stub, which gives their answers in sequence\.\napplication/,
      );
      const many = Array.from({ length: 12 }, (_, index) => [name('x'), name(`${index}`)]);
      expect(stubs(listed(...many)).stubs[0].name).toMatch(/, lines 1, 3, .*, 19 and 2 more of the recording$/);
    });
  });

  it('say that secrets are masked', () => {
    const answer = line('toClient', { messageId: 501, referenceId: 1, request: [['Token', 'str', '***']] });
    expect(stubsFrom(recording(asked(1, '17'), answer), {}, utf8)).toMatch(/^# Secret values are masked: fill them in/);
  });

  it('need an answered request', () => {
    expect(() => stubs([asked(1, '17')])).toThrow(new ExportError('the recording has no answered request'));
  });
});

describe('an exchange of a recording', () => {
  const exported = (lines: string[], number: number, form: ExportForm = 'strategy-case') => {
    const config = file('config.yaml', 'application: { name: Own }\n');
    return recordedExport({ file: recording(...lines), line: number, form, charset: utf8, config });
  };
  const strategy = async (lines: string[], number: number) => parse(await exported(lines, number));

  it('is named after its line and file', async () => {
    const { name, steps, tests } = await strategy([asked(1, '17', OWN), answered(1, '5')], 1);
    expect(name).toBe('Billing.GetBalance, line 1 of r.jsonl');
    expect(steps[0].externalService).toMatchObject({ appName: 'Own', appType: 64, parameters: { Account: '17' } });
    expect(tests[0].expect.data).toEqual({ reply: { Balance: '5' } });
    expect(await exported([asked(1, '17')], 1, 'send')).toBe('npx esp-host send Billing GetBalance Account=17\n');
  });

  it('belongs to the usual application if it names none', async () => {
    const stub = parse(await exported([asked(1, '17'), answered(1, '5')], 1, 'stub'));
    expect(stub.application).toEqual({ name: 'Recorded server', type: 23 });
    const own = parse(await exported([asked(1, '17', OWN), answered(1, '5')], 1, 'stub'));
    expect(own.application).toEqual({ name: 'Own', type: 64 });
  });

  it('has the answer of its own connection and ReferenceId, in order', async () => {
    const lines = [
      ...[asked(1, '17'), asked(1, '18'), asked(2, '19'), asked(1, '20', [], 2), answered(2, 'for 19')],
      ...[answered(1, 'for 17'), answered(1, 'for 20', 2), answered(1, 'for 18')],
    ];
    const answers = await Promise.all([1, 2, 3, 4].map(async (number) => (await strategy(lines, number)).tests[0]));
    expect(answers.map((test) => test.expect.data.reply.Balance)).toEqual(['for 17', 'for 18', 'for 19', 'for 20']);
  });

  it('may have no answer', async () => {
    const unanswered = [asked(null, '17'), answered(1, '5'), asked(2, '18')];
    expect((await strategy(unanswered, 1)).tests[0].expect.routedTo).toBe('no answer');
    expect((await strategy(unanswered, 3)).tests[0].expect.routedTo).toBe('no answer');
  });

  it.each([2, 3, 9])('is not in line %i', async (number) => {
    const other = line('toServer', { messageId: 501, referenceId: 3, request: [] });
    await expect(exported([asked(1, '17'), answered(1, '5'), other], number)).rejects.toThrow(
      new RegExp(`^line ${number} of .*r\\.jsonl is not a request: choose a line with direction toServer$`),
    );
  });

  it('is a test only if a plugin has its method', async () => {
    await expect(exported([asked(1, '17'), answered(1, '5')], 1, 'test')).rejects.toThrow(
      new ExportError('line 1 calls Billing.GetBalance, which no plugin has: export it as stub'),
    );
  });
});
