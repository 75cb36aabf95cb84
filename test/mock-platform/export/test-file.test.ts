import { describe, expect, it } from '@jest/globals';
import type { PluginDefinition } from 'esp-host';
import {
  charset,
  EspFault,
  type EspMessage,
  EspRequest,
  encodeMessage,
  faults,
  faultTo,
  type JsonEntry,
  listFromJson,
  MessageId,
  responseTo,
} from '#wire';
import { ExportError } from '../../../mock-platform/errors.js';
import { exchangeOf, testFile } from '../../../mock-platform/export/index.js';
import { replyOf } from '../../../mock-platform/export/test/replies.js';
import type { TestSetting } from '../../../mock-platform/export/test/test-setting.js';
import { Journal, type JournalCall, type JournalEntry, type Marks } from '../../../mock-platform/journal/index.js';
import { journalKey } from '../../../mock-platform/journal/journal.js';
import odd from '../../fixtures/plugins/odd/index.js';
import upstream from '../../fixtures/plugins/upstream/index.js';

const APPLICATION = { name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' } as const;

const settingOf = (definition: PluginDefinition, more: Partial<TestSetting> = {}): TestSetting => ({
  ...{ definition, specifier: './index.js', folder: './odd', application: APPLICATION, options: undefined },
  ...{ methods: new Set(['Odd.Repeat', 'Odd.Count', 'Upstream.Post']), channels: {}, hasSecrets: false },
  ...more,
});

interface Asked {
  readonly service?: string;
  readonly method?: string;
  readonly parameters?: JsonEntry[];
  readonly userData?: JsonEntry[];
  readonly more?: JsonEntry[];
  readonly text?: 'str' | 'utf16';
  /** Default: the parameters. */
  readonly answer?: JsonEntry[] | EspFault | ((journal: Journal) => void);
  readonly answerUserData?: JsonEntry[];
  readonly calls?: Partial<JournalCall>[];
  readonly marks?: Marks;
}

const CALL = { at: 1, durationMs: 1, method: 'POST', url: 'http://x.example/a', status: 200 };

/** Adds an exchange to a journal. */
function entryIn(journal: Journal, asked: Asked): JournalEntry {
  const { service = 'Odd', method = 'Repeat', parameters = [], userData, more = [], text = 'str', calls = [] } = asked;
  const message: EspMessage = {
    messageId: MessageId.Request3rdServer,
    referenceId: 7,
    request: listFromJson([
      ['Version', text, '1.0'],
      ['AppName', text, 'DMS'],
      ['AppType', 'int', 171],
      ...more,
      ['Service', text, service],
      ['Method', text, method],
      ['Parameters', 'list', parameters],
    ]),
    userData: userData && listFromJson(userData),
  };
  const request = new EspRequest(message);
  const bytes = (one: EspMessage): Buffer => encodeMessage(one, charset());
  const asker = { client: 'a', referenceId: journal.size };
  const key = journalKey('a', journal.size);
  const id = journal.begin({ client: 'a', application: 'DMS', key, request, frame: bytes(message) });
  for (const call of calls) journal.upstream({ ...CALL, ...call, ...asker, startedAt: 1 } as never);
  const { answer = parameters, answerUserData = userData, marks } = asked;
  if (typeof answer === 'function') answer(journal);
  else if (Array.isArray(answer)) {
    const lists = [listFromJson(answer), answerUserData && listFromJson(answerUserData)] as const;
    journal.answer(id, bytes(responseTo(request, 171, ...lists)));
  } else journal.answer(id, bytes(faultTo(request, 171, answer)));
  if (marks !== undefined) journal.mark(id, marks);
  const entry = journal.get(id);
  if (entry === undefined) throw new Error('no entry');
  return entry;
}

const target = { name: 'DMS', type: 171, options: [] };

function exported(
  asked: Asked,
  setting: TestSetting | undefined = settingOf(odd),
  earlier: Asked[] = [],
  seesUpstream = true,
) {
  const journal = new Journal();
  const before = earlier.map((one) => entryIn(journal, one)).reverse();
  const exchange = exchangeOf(entryIn(journal, asked), target);
  return testFile(exchange, { setting, earlier: before, seesUpstream });
}

const comments = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('// '));
/** From `it(` to the end. */
const body = (text: string): string => text.slice(text.indexOf('it('));

describe('a test', () => {
  it('is a whole file', async () => {
    expect(
      await exported({ parameters: [['A', 'str', 'x']] }),
    ).toBe(`// Odd.Repeat, entry 1 of the journal. Save it as ./odd/repeat-entry-1.test.ts
import { expect, it } from '@jest/globals';
import { espMatchers, testPlugin } from 'esp-host/testing';
import plugin from './index.js';

expect.extend(espMatchers);

it('Odd.Repeat answers as in entry 1 of the journal', async () => {
  const tested = await testPlugin(plugin);
  const outcome = await tested.call('Odd.Repeat', { A: 'x' });
  await tested.stop();
  expect(outcome).toBeEspResponse({ A: 'x' });
});
`);
  });

  it('has the upstreams, and what earlier exchanges got from them', async () => {
    const Url = 'http://x.example/a';
    const asked = { service: 'Upstream', method: 'Post', parameters: [['Url', 'str', Url]] satisfies JsonEntry[] };
    const answer: JsonEntry[] = [['Status', 'str', '201']];
    const own = await exported({ ...asked, answer, calls: [{ status: 201, responseBody: 'ok' }] }, settingOf(upstream));
    expect(own).toContain("import { espMatchers, fakeHttp, testPlugin } from 'esp-host/testing';\n");
    expect(body(own)).toBe(`it('Upstream.Post answers as in entry 1 of the journal', async () => {
  const http = fakeHttp([
    { method: 'POST', url: 'http://x.example/a', status: 201, body: 'ok' },
  ]);
  const tested = await testPlugin(plugin, { http });
  const outcome = await tested.call('Upstream.Post', { Url: 'http://x.example/a' });
  await tested.stop();
  expect(outcome).toBeEspResponse({ Status: '201' });
});
`);
    const call = { ...asked, answer, calls: [{ status: 201 }] };
    const cached = await exported({ ...asked, answer }, settingOf(upstream), [call]);
    expect(cached).toContain(`  const http = fakeHttp([
    // From entry 1: the plugin had it cached.
    { method: 'POST', url: 'http://x.example/a', status: 201 },
  ]);
`);
    expect(comments(cached)).toHaveLength(1);
  });

  it('expects a fault, whatever the ReferenceId', async () => {
    const short = await exported({ method: 'None', answer: faults.unknownMethod('Odd.None') }, settingOf(odd));
    expect(body(short)).toContain("it('Odd.None faults as in entry 1 of the journal'");
    expect(short).toContain("  expect(outcome).toBeEspFault(902, 'Odd.None unknown method');\n");
    const crash = await exported({ method: 'Crash', answer: faults.unexpected('Odd.Crash', 17) });
    expect(crash).toContain(
      '  expect(outcome).toBeEspFault(900, /^Odd\\.Crash failed unexpectedly \\(ReferenceId \\d+\\)$/);\n',
    );
    expect(comments(crash)).toHaveLength(1);
  });

  it.each<[string, string, string[]]>([
    ['no number', 'A1', ["'A1',"]],
    ['zeros before it', '007', ["'007',"]],
    ['a number', '1007', ['1007,']],
  ])('expects a fault whose code has %s, on several lines if it is long', async (_what, code, [shown]) => {
    const text = 'x'.repeat(90);
    expect(await exported({ answer: new EspFault(code, text) })).toContain(
      `  expect(outcome).toBeEspFault(\n    ${shown}\n    '${text}',\n  );\n`,
    );
  });

  it('waits for a deadline that passed', async () => {
    const answer = faults.deadlinePassed('DMS', 'Odd.Hang', 200, true);
    const text = await exported({ method: 'Hang', answer });
    expect(body(text)).toBe(`it('Odd.Hang faults as in entry 1 of the journal', async () => {
  const tested = await testPlugin(plugin, {
    deadlineMs: 200,
  });
  const called = tested.call('Odd.Hang', {});
  tested.clock.advance(200);
  const outcome = await called;
  await tested.stop();
  expect(outcome).toBeEspFault(920, 'DMS failed to execute request Odd.Hang: deadline of 200 ms passed');
});
`);
    expect(comments(text)).toHaveLength(1);
  });

  it('has what config.yaml says, if it is not the default', async () => {
    const setting = settingOf(odd, {
      ...{ application: { ...APPLICATION, type: 23, addressing: 'strict' }, options: { a: 1 } },
      ...{ channels: { w: { type: 'whatsapp' } } as never, specifier: 'odd-plugin', folder: undefined },
    });
    const text = await exported({}, setting);
    expect(text).toContain(`  const tested = await testPlugin(plugin, {
    application: { type: 23, addressing: 'strict' },
    options: { a: 1 },
    channels: { w: { type: 'whatsapp' } },
  });
`);
    expect(text).toContain("import plugin from 'odd-plugin';\n");
    expect(comments(text)[0]).toBe('// Odd.Repeat, entry 1 of the journal. Save it as repeat-entry-1.test.ts');
    expect(await exported({}, settingOf(odd, { options: {}, channels: {} }))).toContain('testPlugin(plugin);\n');
  });

  it('calls with UserData, UTF-16 and lists, on several lines if they are long', async () => {
    const utf16 = await exported({ text: 'utf16', parameters: [['A', 'utf16', 'ä']], userData: [['S', 'utf16', 'g']] });
    expect(utf16).toContain(
      "  const outcome = await tested.call('Odd.Repeat', { A: 'ä' }, { text: 'utf16', userData: { S: 'g' } });\n",
    );
    expect(utf16).toContain(
      "  expect(outcome).toBeEspResponse({ A: 'ä' });\n  expect(outcome.userData).toEqual({ S: 'g' });\n",
    );
    const long: JsonEntry[] = [['A', 'str', 'x'.repeat(70)]];
    expect(await exported({ parameters: long })).toContain(
      `  const outcome = await tested.call('Odd.Repeat', {\n    A: '${'x'.repeat(70)}',\n  });\n`,
    );
    expect(
      await exported({ parameters: long, userData: [['S', 'str', 'g']] }),
    ).toContain(`  const outcome = await tested.call(
    'Odd.Repeat',
    { A: '${'x'.repeat(70)}' },
    { userData: { S: 'g' } },
  );
`);
    const mixed: JsonEntry[] = [['A', 'utf16', 'x']];
    const typed = await exported({ parameters: mixed });
    expect(typed).toContain("import { KeyValueList } from 'esp-host';\n");
    expect(typed).toContain(
      "tested.call('Odd.Repeat', new KeyValueList([{ key: 'A', type: 'utf16', value: 'x' }]));\n",
    );
  });

  it.each([
    [59, true],
    [60, false],
  ])('has a line of up to 120 characters: a value of %i fits: %s', async (length, fits) => {
    const text = await exported({ parameters: [['A', 'str', 'x'.repeat(length)]] });
    const line = text.split('\n').find((one) => one.includes('tested.call')) ?? '';
    expect(line.endsWith(');')).toBe(fits);
    expect(
      Math.max(
        ...body(text)
          .split('\n')
          .map((one) => one.length),
      ),
    ).toBeLessThanOrEqual(120);
  });

  it('cannot assert secrets within lists of other types', async () => {
    const secret: JsonEntry[] = [
      ['Password', 'str', 'hunter2'],
      ['A', 'utf16', 'x'],
    ];
    const text = await exported({ parameters: [], answer: secret, answerUserData: secret });
    expect(text).toContain('  expect(outcome).toBeEspResponse();\n});\n');
    expect(comments(text).slice(-2)).toEqual([
      '// The test cannot assert the Parameters of the answer.',
      '// The test cannot assert the UserData of the answer.',
    ]);
    const plain = await exported({ parameters: [['Password', 'str', 'hunter2']] });
    expect(plain).toContain("tested.call('Odd.Repeat', { Password: '*******' });");
    expect(plain).toContain('toBeEspResponse({ Password: expect.anything() })');
    expect(comments(plain)).toEqual([expect.any(String), '// Secrets are masked as ***.']);
  });
});

describe('the comments', () => {
  it('say where to save it, whatever the method is called', async () => {
    const saved = async (method: string) =>
      comments(await exported({ method, answer: faults.unknownMethod(`Odd.${method}`) }))[0]?.replace(/^.* as /, '');
    expect(await saved('GetURLOfX2Y')).toBe('./odd/get-urlof-x2-y-entry-1.test.ts');
    expect(await saved('a/b c\n')).toBe('./odd/a-b-c--entry-1.test.ts');
  });

  it('are on one line each', async () => {
    const text = await exported({ method: 'a\n\u2028b', answer: faults.unknownMethod('Odd.a b') });
    expect(comments(text)[0]).toBe('// Odd.a b, entry 1 of the journal. Save it as ./odd/a--b-entry-1.test.ts');
  });

  it('say what is not sent, and that secrets are masked', async () => {
    const text = await exported(
      {
        more: [
          ['TenantId', 'int', 5],
          ['MediaType', 'str', 'chat'],
        ],
      },
      settingOf(odd, { hasSecrets: true }),
    );
    expect(comments(text).slice(1)).toEqual([
      '// Secrets are masked as ***.',
      '// The test does not send these keys of the request: TenantId, MediaType.',
    ]);
  });

  it.each<[string, Asked, string]>([
    [
      'another value',
      { answer: [['A', 'str', 'x']] },
      'the method answers with different values (A: missing, not str "x")',
    ],
    [
      'other UserData',
      { userData: [['S', 'str', 'a']], answerUserData: [['S', 'str', 'b']] },
      'the method answers with different values (UserData.S: str "a", not str "b")',
    ],
    ['a response', { answer: faults.unknownMethod('Odd.Repeat') }, 'the method answers a response'],
    [
      'a fault',
      { method: 'Crash', answer: [] },
      "the method answers fault 900 'Odd.Crash failed unexpectedly (ReferenceId 1)'",
    ],
    [
      'another fault',
      { method: 'Crash', answer: faults.unknownMethod('Odd.Crash') },
      "the method answers fault 900 'Odd.Crash failed unexpectedly (ReferenceId 1)'",
    ],
  ])('say that the test fails: %s', async (_what, asked, problem) => {
    expect(comments(await exported(asked))).toContain(`// This test fails: ${problem}.`);
  });

  it('say that a call has no reply', async () => {
    const Url = 'http://x.example/a?token=hunter2';
    const asked: Asked = { service: 'Upstream', method: 'Post', parameters: [['Url', 'str', Url]], answer: [] };
    const call = 'the method calls POST http://x.example/a?token=***';
    expect(comments(await exported(asked, settingOf(upstream)))[1]).toBe(
      `// This test fails: ${call}, which is not in the journal: add a reply for it.`,
    );
    expect(comments(await exported(asked, settingOf(upstream), [], false))[1]).toBe(
      `// This test fails: ${call}, and recordings contain no upstream calls: add a reply for it, or export the exchange from the mock platform.`,
    );
  });

  it('say that the trial run failed', async () => {
    const start = () => {
      throw new Error('cannot start');
    };
    const text = await exported({}, settingOf({ ...odd, start } as never));
    expect(comments(text)[1]).toMatch(/^\/\/ This test fails: the trial run failed: .*cannot start/);
  });

  it('say how long an upstream that timed out takes', async () => {
    const calls = [
      { status: undefined as never, failure: 'timeout', durationMs: 1500.5 },
      { failure: 'ECONNRESET', durationMs: 9000 },
    ];
    const text = await exported({ calls });
    expect(comments(text)[1]).toBe('// An upstream call timed out, so the test takes as long as the timeout.');
    expect(text).toMatch(/\n\}, 6501\);\n$/);
  });
});

describe('replies of earlier exchanges', () => {
  const Url = 'http://x.example/a';
  const asked: Asked = {
    service: 'Upstream',
    method: 'Post',
    parameters: [['Url', 'str', Url]],
    answer: [['Status', 'str', '200']],
  };
  const other: Asked = { ...asked, parameters: [['Url', 'str', 'http://x.example/b']] };
  const used = async (...earlier: Asked[]) =>
    /From entry (\d+)/.exec(await exported(asked, settingOf(upstream), earlier))?.[1];
  const ok: Partial<JournalCall> = { status: 200 };

  it('are those of the same request, else the newest', async () => {
    expect(await used({ ...asked, calls: [ok] }, { ...other, calls: [ok] })).toBe('1');
    expect(await used({ ...other, calls: [ok] }, { ...other, calls: [ok] })).toBe('2');
    expect(await used({ ...asked, calls: [ok] }, { ...asked, calls: [ok] })).toBe('2');
  });

  it.each<[string, Asked]>([
    ['another URL', { ...asked, calls: [{ ...ok, url: 'http://x.example/c' }] }],
    ['another HTTP method', { ...asked, calls: [{ ...ok, method: 'GET' }] }],
    ['a call that failed', { ...asked, calls: [{ ...ok, failure: 'timeout' }] }],
    ['a response that was cut', { ...asked, calls: [{ ...ok, responseCut: true }] }],
    ['another plugin', { ...asked, service: 'Billing', calls: [ok] }],
  ])('are not those of %s', async (_what, earlier) => expect(await used(earlier)).toBeUndefined());

  it('are the last of several', async () => {
    const text = await exported(asked, settingOf(upstream), [
      { ...asked, calls: [ok, { ...ok, responseBody: 'last' }] },
    ]);
    expect(text).toContain("{ method: 'POST', url: 'http://x.example/a', body: 'last' },\n");
  });
});

describe('there is no test of', () => {
  const injected = (kind: string) => ({ id: 'f', kind, title: '', since: 1 });
  const noAnswer = (outcome: 'none' | 'lost') => (journal: Journal) => journal.end(journal.size, outcome, '');
  const stopping = faults.stopping('DMS', 'Odd.Repeat', false);

  it.each<[string, Asked, string]>([
    ['a pending request', { answer: () => undefined }, 'entry 1 is still pending: try again after its answer'],
    [
      'a request without an answer',
      { answer: noAnswer('none') },
      'entry 1 has no answer for a test to expect: export it as stub or strategy-case',
    ],
    [
      'a lost request',
      { answer: noAnswer('lost') },
      'entry 1 has no answer for a test to expect: export it as stub or strategy-case',
    ],
    [
      'a malformed answer',
      { answer: (journal) => journal.answer(1, Buffer.from('00000005ff', 'hex')) },
      'the answer to entry 1 is malformed: export it as send',
    ],
    [
      'an answer of a stub',
      { marks: { stub: 's' } },
      "entry 1 was answered by the stub 's', not by a plugin: export it as stub",
    ],
    [
      'an injected fault',
      { marks: { injectedFault: injected('espFault') } },
      "entry 1 was answered by the injected fault 'f': export it as stub",
    ],
    [
      'an overloaded host',
      { answer: faults.overloaded('DMS', 'Odd.Repeat') },
      'entry 1 was answered by the host, not by the method (920 DMS failed to execute request Odd.Repeat: overloaded): export it as stub',
    ],
    [
      'a host that stops',
      { answer: stopping },
      `entry 1 was answered by the host, not by the method (920 ${stopping.message}): export it as stub`,
    ],
    [
      'another application',
      { answer: faults.unknownApplication('Other') },
      'entry 1 was answered by the host, not by the method (902 Other unknown application): export it as stub',
    ],
    [
      'a response that was cut',
      { calls: [{ responseCut: true }] },
      'POST http://x.example/a answered entry 1 with more than 64 kB or with binary data, which the journal does not store in full: export it as stub, or write the test by hand',
    ],
  ])('%s', async (_what, asked, problem) => {
    await expect(exported(asked)).rejects.toEqual(new ExportError(problem));
  });

  it('a method that no plugin has', async () => {
    const journal = new Journal();
    const exchange = exchangeOf(entryIn(journal, {}), target);
    await expect(testFile(exchange, { setting: undefined, earlier: [], seesUpstream: true })).rejects.toEqual(
      new ExportError('entry 1 calls Odd.Repeat, which no plugin has: export it as stub'),
    );
  });

  it('but there is one of an answer that a fault delayed', async () => {
    const text = await exported({ marks: { injectedFault: injected('delay') } });
    expect(comments(text)).toHaveLength(1);
  });
});

describe('the reply of a fake upstream', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };

  it.each<[Partial<JournalCall>, object]>([
    [{ method: 'GET' }, { url: 'http://x.example/a' }],
    [{ url: 'http://x.example/a?token=***' }, { method: 'POST', url: 'http://x.example/a?token=*' }],
    [
      { status: 201, responseBody: 'a' },
      { method: 'POST', url: CALL.url, status: 201, body: 'a' },
    ],
    [{ failure: 'timeout' }, { method: 'POST', url: CALL.url, hangs: true }],
    [{ failure: 'abandoned' }, { method: 'POST', url: CALL.url, hangs: true }],
    [{ failure: 'ECONNREFUSED' }, { method: 'POST', url: CALL.url, error: 'ECONNREFUSED' }],
    [{ status: undefined as never }, { method: 'POST', url: CALL.url, error: 'ECONNRESET' }],
    [
      { responseHeaders: JSON_TYPE, responseBody: '{"a":1}' },
      { method: 'POST', url: CALL.url, json: { a: 1 } },
    ],
    [
      { responseHeaders: { ...JSON_TYPE, etag: 'e' }, responseBody: '5' },
      { method: 'POST', url: CALL.url, json: 5, headers: { etag: 'e' } },
    ],
    [
      { responseHeaders: { 'content-type': 'application/problem+json' }, responseBody: '5' },
      { method: 'POST', url: CALL.url, json: 5, headers: { 'content-type': 'application/problem+json' } },
    ],
    [
      { responseHeaders: JSON_TYPE, responseBody: '{ "a": 1 }' },
      { method: 'POST', url: CALL.url, body: '{ "a": 1 }', headers: JSON_TYPE },
    ],
    [
      { responseHeaders: JSON_TYPE, responseBody: '{' },
      { method: 'POST', url: CALL.url, body: '{', headers: JSON_TYPE },
    ],
    [{ responseHeaders: JSON_TYPE }, { method: 'POST', url: CALL.url, headers: JSON_TYPE }],
    [
      { responseHeaders: { 'content-type': 'text/jsonp' }, responseBody: '5' },
      { method: 'POST', url: CALL.url, body: '5', headers: { 'content-type': 'text/jsonp' } },
    ],
  ])('%j', (call, reply) => expect(replyOf({ ...CALL, ...call })).toEqual(reply));
});
