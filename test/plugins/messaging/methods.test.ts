import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { file, ROOT, removeFolders } from '../../support/files.js';
import { runCommand } from '../../support/run-command.js';

afterAll(removeFolders);

const run = (...words: string[]) => runCommand(['methods', ...words]);

describe('esp-host methods', () => {
  it('prints the methods of config.yaml', async () => {
    expect(await run()).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^Messaging\.ValidateContact \[_umsChannel:string\] Id:string\n {2}-> Id:string\n {2}Says .*\n {2}Warning: From .* 2\.43 on/,
      ),
      stderr: '',
    });
  });

  it('prints a page for strategists', async () => {
    const { code, stdout } = await run('--markdown');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    for (const line of [
      '# ESP methods of DMS',
      '## Messaging.ValidateContact',
      '| 904 | `Messaging.ValidateContact incorrect Id: no digits` | Id is refused: no digits |',
      '| 920 | `CHANNEL failed to execute request Messaging.ValidateContact: status 500` | the upstream failed |',
      '| Application | `DMS`, or the type `SocialMS` |',
      '| Service name | `Messaging` |',
      '| Method parameters | `_umsChannel` (optional), `Id` |',
      '## ChatService.InviteToChat',
      '| 904 | `ChatService.InviteToChat incorrect _umsClientId: no digits` | _umsClientId is refused: no digits |',
      "| `StandardResponseId` | string | no |  | The template to send, from the channel's invitations; default: that of the channel |",
      '| Method parameters | `_umsChannel` (optional), `_umsClientId`, `_umsBusinessId`, `StandardResponseId` (optional), `ChatQueueKey` (optional) |',
      '| 902 | `SERVICE unknown service` | no plugin has a method of this service |',
    ]) {
      expect(lines).toContain(line);
    }
    expect(stdout).toMatch(/^> \*\*Warning\.\*\* From WhatsApp Business API client 2\.43 on/m);
    expect(stdout.match(/^> \*\*Do not retry\*\* after a fault that ends with `is unknown`/gm)).toHaveLength(1);
    expect(stdout).not.toContain('undefined');
  });

  it('prints JSON', async () => {
    const { stdout } = await run('--json');
    const { application, methods } = JSON.parse(stdout);
    expect(application).toMatchObject({ name: 'DMS', type: 171, typeName: 'SocialMS' });
    expect(methods.slice(0, 2)).toMatchObject([
      {
        service: 'Messaging',
        method: 'ValidateContact',
        response: [{ name: 'Id', type: 'string' }],
        idempotent: true,
      },
      { service: 'ChatService', method: 'InviteToChat', idempotent: false },
    ]);
  });

  it('compares with an older version, and names the steps that a change concerns', async () => {
    const { stdout: now } = await run('--json');
    expect(await run('--diff', file('now.json', now))).toEqual({ code: 0, stdout: 'no changes\n', stderr: '' });
    const older = JSON.parse(now);
    older.methods[0].response.push({ ...older.methods[0].response[0], name: 'Note' });
    older.methods[0].parameters = [];
    const diff = ['--diff', file('older.json', JSON.stringify(older))];
    const { code, stdout } = await run(...diff, '--strategies', 'strategies');
    expect(code).toBe(2);
    expect(stdout).toContain('  breaks  parameter Id is new and required\n');
    expect(stdout).toContain('  breaks  result Note is gone\n');
    expect(stdout).toMatch(/; 0 steps to look at\n$/);
    older.methods[0].response = [{ ...older.methods[0].response[0], type: 'one of a, b' }];
    const more = ['--diff', file('oldest.json', JSON.stringify(older)), '--strategies', 'strategies', '--json'];
    const changes = JSON.parse((await run(...more)).stdout);
    expect(changes.find(({ kind }: { kind: string }) => kind === 'result-type')).toMatchObject({
      ...{ method: 'Messaging.ValidateContact', subject: 'Id', breaks: true },
      steps: [{ file: 'strategies/reach-the-customer.yaml', step: 'ask', why: 'reads Id' }],
    });
  });

  it('reports an older version that cannot be read, and options without each other', async () => {
    const wrong = async (...words: string[]) => (await run(...words)).stderr;
    expect(await wrong('--diff', 'none.json')).toMatch(/none\.json cannot be used for --diff: ENOENT/);
    expect(await wrong('--diff', file('empty.json', '{}'))).toMatch(/it is not what esp-host methods --json prints/);
    expect(await wrong('--strategies', 'strategies')).toMatch(/--strategies needs --diff/);
    expect(await wrong('--markdown', '--diff', 'a.json')).toMatch(/cannot be used with/);
  });

  it('needs only the plugins, no secrets', async () => {
    const config = `application: { name: Hello }\nplugins: [{ use: ${join(ROOT, 'test/fixtures/plugins/greeting')} }]\n`;
    const { code, stdout } = await run('--config', file('config.yaml', config));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Greeting\.Greet Name:string \[Language:one of en, de\]\n {2}-> Greeting:string\n/);
  });

  it('reports errors in a config', async () => {
    const path = file('config.yaml', 'application: { name: A }\nplugins: [{ use: ./none }]\n');
    const { code, stderr } = await run('--config', path);
    expect(code).toBe(1);
    expect(stderr).toMatch(/config\.yaml:2:18: plugins\[0\]\.use cannot be used: .* does not exist: /);
  });
});
