import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { AdminSetting, greet } from '../mock-platform/admin/setting.js';
import { file, removeFolders } from '../support/files.js';
import { startUpstream, stopUpstreams } from '../support/http.js';
import { runCommand } from '../support/run-command.js';

const run = (...words: string[]) => runCommand(words);

let setting = new AdminSetting();
afterEach(async () => {
  await setting.end();
  setting = new AdminSetting();
});
afterAll(removeFolders);

const journal = (...words: string[]) => run('journal', ...words);

/** Times are not the same twice. */
const timeless = (text: string): string =>
  text.replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME').replaceAll(/\(\d+ ms\)/g, '(N ms)');

describe('journal', () => {
  it('list prints a line per exchange, oldest first', async () => {
    const { platform, api } = await setting.whole();
    for (const name of ['Ann', 'Bob Ray']) await api.post('/api/send', greet(name));
    await api.post('/api/send', greet('Cid', { service: 'Nothing' }));
    const { code, stdout, stderr } = await journal('list', '--admin', platform.admin.url);
    expect([code, stderr]).toEqual([0, '']);
    expect(timeless(stdout)).toBe(`1  TIME  DMS Greeting.Greet Name=Ann => response Greeting=Hello, Ann! (N ms)
2  TIME  DMS Greeting.Greet Name=Bob Ray => response Greeting=Hello, Bob Ray! (N ms)
3  TIME  DMS Nothing.Greet Name=Cid => fault FaultCode=902 FaultString=Nothing unknown service (N ms)
`);
    const filtered = await journal(
      'list',
      '--admin',
      platform.admin.url,
      '--service',
      'Greeting',
      '--limit',
      '1',
      '--json',
    );
    expect(
      filtered.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual([2]);
  });

  it('show prints a whole entry', async () => {
    const { platform, api } = await setting.whole();
    await api.post('/api/send', greet('Ann'));
    const { code, stdout } = await journal('show', '1', '--admin', platform.admin.url);
    expect([code, JSON.parse(stdout)]).toEqual([0, (await api.get('/api/journal/1')).json]);
  });

  it('export prints the exchange in each form', async () => {
    const { platform, api } = await setting.whole();
    await api.post('/api/send', greet('Ann'));
    for (const form of ['send', 'stub', 'strategy-case'] as const) {
      expect(await journal('export', '1', '--as', form, '--admin', platform.admin.url)).toEqual({
        code: 0,
        stdout: platform.exported(1, form),
        stderr: '',
      });
    }
    const words = platform.exported(1, 'send').trimEnd().split(' ').slice(2);
    expect(await run(...words)).toEqual({ code: 0, stdout: 'Greeting=Hello, Ann!\n', stderr: '' });
  });

  it('export prints a test, with a comment on what it lacks', async () => {
    const { platform, api } = await setting.whole();
    await api.post('/api/send', greet('Ann'));
    await api.post('/api/send', greet('Ann', { service: 'Nothing' }));
    const exported = (id: string) => journal('export', id, '--as', 'test', '--admin', platform.admin.url);
    expect(await exported('1')).toEqual({ code: 0, stdout: await platform.exportedTest(1), stderr: '' });
    expect(await exported('2')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'entry 2 calls Nothing.Greet, which no plugin has: export it as stub\n',
    });
  });

  it('export prints a strategy that passes its test', async () => {
    const { platform, api } = await setting.whole();
    await api.post('/api/send', greet('Ann'));
    const strategy = file('case.yaml', platform.exported(1, 'strategy-case'));
    const { stdout } = await run('strategy', 'run', strategy, '--to', `127.0.0.1:${platform.interactionServer.port}`);
    expect(stdout).toMatch(/routed to response\n$/);
  });

  it.each<[string, string[], string]>([
    [
      'an entry that is not there',
      ['show', '9'],
      'the journal does not have entry 9, or no longer has it; /api/journal lists the entries\n',
    ],
    ['not a number', ['show', 'x'], 'Expected a whole number greater than 0.'],
    [
      'an unknown form',
      ['export', '1', '--as', 'curl'],
      'Allowed choices are send, stub, http-stub, strategy-case, test.',
    ],
    ['no form', ['export', '1'], "required option '--as <form>' not specified"],
  ])('refuses %s', async (_name, words, why) => {
    const { platform } = await setting.whole();
    const { code, stdout, stderr } = await journal(...words, '--admin', platform.admin.url);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(why)]);
  });

  it('explains how to start a platform if none answers', async () => {
    const { platform } = await setting.whole();
    const { url } = platform.admin;
    await platform.stop();
    const { code, stderr } = await journal('list', '--admin', url);
    expect([code, stderr]).toEqual([
      1,
      `no answer from ${url}: connect ECONNREFUSED ${new URL(url).host}; start the mock platform (npm start), or set --admin\n`,
    ]);
    expect((await journal('list', '--admin', 'here')).stderr).toContain(
      'Expected a URL such as http://127.0.0.1:8080.',
    );
  });
});

describe('journal, as an admin API answers it,', () => {
  afterEach(stopUpstreams);

  /** An admin API that answers everything with this text. It keeps the paths. */
  async function admin(text: string, status = 200) {
    const paths: string[] = [];
    const url = await startUpstream(({ url: path = '' }, response) => {
      paths.push(path);
      response.writeHead(status).end(text);
    });
    return { paths, ask: (...words: string[]) => journal(...words, '--admin', `${url}ignored`) };
  }
  const failed = (stderr: string) => ({ code: 1, stdout: '', stderr });

  const entry = {
    ...{
      id: 7,
      at: Date.UTC(2026, 0, 2, 3, 4, 5, 67),
      durationMs: 38.5,
      application: 'DMS',
      service: 'A',
      method: 'B',
    },
    ...{ parameters: [], outcome: 'response', results: [] },
  };

  it('lists the entries with their times, the last one first in the answer', async () => {
    const parameters = [
      ['Id', 'str', '+1'],
      ['Count', 'int', 5],
    ];
    const pending = { ...entry, id: 8, durationMs: null, parameters, outcome: 'pending' };
    const { paths, ask } = await admin(JSON.stringify({ entries: [pending, entry] }));
    expect(await ask('list')).toEqual({
      code: 0,
      stdout: '7  03:04:05.067  DMS A.B => response (39 ms)\n8  03:04:05.067  DMS A.B Id=+1 Count:=5 => pending\n',
      stderr: '',
    });
    const { stdout } = await ask('list', '--json');
    expect(stdout).toBe(`${JSON.stringify(entry)}\n${JSON.stringify(pending)}\n`);
    expect(paths).toEqual(['/api/journal?limit=20', '/api/journal?limit=20']);
  });

  it('passes each filter on', async () => {
    const { paths, ask } = await admin('{ "entries": [] }');
    const filters = ['--service', 'A B', '--method', 'C', '--application', 'D', '--outcome', 'lost', '--text', 'e&f'];
    expect(await ask('list', ...filters, '--limit', '3')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(paths).toEqual(['/api/journal?service=A+B&method=C&application=D&outcome=lost&text=e%26f&limit=3']);
  });

  it.each(['response', 'fault', 'none', 'lost', 'pending'])('has the outcome %s', async (outcome) => {
    const { ask } = await admin('{ "entries": [] }');
    expect(await ask('list', '--outcome', outcome)).toMatchObject({ code: 0 });
    expect((await ask('list', '--outcome', `${outcome}s`)).stderr).toContain(
      'Allowed choices are response, fault, none, lost, pending.',
    );
  });

  it('shows an entry in lines, and exports it as it is', async () => {
    const { paths, ask } = await admin('{"id":7}');
    expect(await ask('show', '7')).toEqual({ code: 0, stdout: '{\n  "id": 7\n}\n', stderr: '' });
    expect(await ask('export', '7', '--as', 'http-stub')).toEqual({ code: 0, stdout: '{"id":7}', stderr: '' });
    expect(paths).toEqual(['/api/journal/7', '/api/journal/7/export?as=http-stub']);
  });

  it('says when an exported test fails', async () => {
    const text = "// A.B, entry 7 of the journal.\n// This test fails: the method answers fault 900 'x'.\nit();\n";
    const { ask } = await admin(text);
    const stderr = "the exported test fails: the method answers fault 900 'x'.\n";
    expect(await ask('export', '7', '--as', 'test')).toEqual({ code: 0, stdout: text, stderr });
    expect(await ask('export', '7', '--as', 'stub')).toEqual({ code: 0, stdout: text, stderr: '' });
  });

  it.each<[string, string | undefined]>([
    ['{"error":"no entry 7"}', 'no entry 7'],
    ['{"error":5}', undefined],
    ['{}', undefined],
    ['null', undefined],
    ['<html>', undefined],
  ])('fails with what the API says, or with its status: %s', async (text, why) => {
    const { ask } = await admin(text, 500);
    const { code, stdout, stderr } = await ask('show', '7');
    expect([code, stdout]).toEqual([1, '']);
    if (why === undefined) expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:\d+ answered with status 500\n$/);
    else expect(stderr).toBe(`${why}\n`);
  });

  it.each(['ftp://127.0.0.1', 'xhttp://a', 'httpss://a', '127.0.0.1:8080', ''])('has no URL %j', async (url) => {
    expect((await journal('list', `--admin=${url}`)).stderr).toContain('Expected a URL such as http://127.0.0.1:8080.');
  });

  it('may have a URL with TLS', async () => {
    expect((await journal('list', '--admin=https://127.0.0.1:1')).stderr).toMatch(
      /^no answer from https:\/\/127\.0\.0\.1:1: /,
    );
  });

  it('exports from a recording, without a platform', async () => {
    const request = { connection: 1, direction: 'toServer', messageId: 500, referenceId: 1, userData: null };
    const asked = (service: string) => [
      ['AppName', 'str', 'Own'],
      ['Service', 'str', service],
      ['Method', 'str', 'B'],
      ['Parameters', 'list', [['City', 'str', 'Мир']]],
    ];
    const path = file('r.jsonl', `${JSON.stringify({ ...request, request: asked('A') })}\n`);
    expect(await journal('export', '1', '--as', 'send', '--recording', path)).toEqual({
      code: 0,
      stdout: "npx esp-host send A B 'City=Мир' --app-name Own\n",
      stderr: '',
    });
    const exported = (...words: string[]) => journal('export', ...words, '--recording', path);
    expect(await exported('2', '--as', 'send')).toEqual(
      failed(`line 2 of ${path} is not a request: choose a line with direction toServer\n`),
    );
    const invalid = await journal('export', '1', '--as', 'send', '--recording', file('r.jsonl', '{}\n'));
    expect(invalid.stderr).toMatch(/^\S+r\.jsonl:1:1: connection must be a number\n$/);
    expect(await exported('1', '--as', 'send', '--charset', 'klingon')).toEqual(failed("unknown charset 'klingon'\n"));
  });
});
