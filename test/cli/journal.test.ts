import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { AdminSetting, greet } from '../mock-platform/admin/setting.js';
import { file, removeFolders } from '../support/files.js';
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
