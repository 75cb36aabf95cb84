import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/eventually.js';
import { removeFolders } from '../../support/files.js';
import { type AdminClient, AdminSetting, greet } from './setting.js';

const setting = new AdminSetting();
afterAll(async () => {
  await setting.end();
  removeFolders();
});

const ACKNOWLEDGE = greet('x', {
  to: 'interaction-server',
  appName: 'Mail',
  service: 'Email',
  method: 'Acknowledge',
  parameters: [['Id', 'str', 'I1']],
});

describe('/api/files', () => {
  let api: AdminClient;
  let mail: { readonly id: string; readonly path: string };

  beforeAll(async () => {
    ({ api } = await setting.whole());
    [mail] = (await api.get('/api/files')).json;
  });

  const newId = async () => (await api.post('/api/send', ACKNOWLEDGE)).json.reply.request;
  const read = async (id = mail.id) => (await api.get(`/api/files/${id}`)).json;

  it('lists the stub files, then the strategies, also those with mistakes', async () => {
    const { json } = await api.get('/api/files');
    expect(json).toMatchObject([
      { kind: 'stubs', owners: ['Mail'], problems: [] },
      { kind: 'strategy', owners: [] },
      { kind: 'strategy' },
    ]);
    expect(json.map(({ path }: { path: string }) => path.split('/').at(-1))).toEqual([
      'mail.yaml',
      'broken.yaml',
      'greet.yaml',
    ]);
  });

  it('has the text as on the disk, and what its keys may be', async () => {
    const { text, schema } = await read();
    expect(text).toBe(readFileSync(mail.path, 'utf8'));
    expect(Object.keys(schema.properties)).toEqual(['application', 'stubs', 'unmatched']);
  });

  it('checks a text as esp-host check does', async () => {
    const { text } = await read();
    const check = async (given: string) =>
      (await api.post(`/api/files/${mail.id}/check`, { text: given })).json.problems;
    expect(await check(text)).toEqual([]);
    expect(await check(text.replace('present:', 'presnt:'))).toMatchObject([{ line: 4, column: 69 }]);
    expect(await check('stubs: [')).toMatchObject([{ code: 'ESP_CONFIG_INVALID_YAML', line: 1 }]);
  });

  it('saves a text, with effect at once', async () => {
    const { text, digest } = await read();
    const next = `# mine\n${text.replace('-a"', '-b"')}`;
    const { status, json } = await api.put(`/api/files/${mail.id}`, { text: next, digest });
    expect([status, json.digest]).toEqual([200, (await read()).digest]);
    expect(readFileSync(mail.path, 'utf8')).toBe(next);
    expect(await newId()).toContainEqual(['Parameters', 'list', [['NewId', 'str', 'I1-b']]]);
  });

  it('saves no text with mistakes, and none for a file that has changed', async () => {
    const { text, digest } = await read();
    const wrong = await api.put(`/api/files/${mail.id}`, { text: 'stubs: 1', digest });
    expect([wrong.status, wrong.json.error]).toEqual([400, expect.stringContaining('mail.yaml:1:8: stubs must be')]);
    const late = await api.put(`/api/files/${mail.id}`, { text, digest: 'old' });
    expect([late.status, late.json.error]).toEqual([409, expect.stringContaining('has changed on the disk')]);
    expect((await read()).text).toBe(text);
  });

  it('also saves a strategy', async () => {
    const greeting = (await api.get('/api/files')).json[2];
    const { text, digest } = await read(greeting.id);
    const next = text.replace('routeTo: Greeted', 'routeTo: Well greeted # a comment');
    expect((await api.put(`/api/files/${greeting.id}`, { text: next, digest })).status).toBe(200);
    expect((await api.post('/api/strategies/run', { file: 'greet.yaml' })).json.routedTo).toBe('Well greeted');
  });

  it('tests a strategy, each case on a platform of its own', async () => {
    const greeting = (await api.get('/api/strategies')).json[1];
    const { text, digest } = await read(greeting.id);
    const cases = `tests:
  - { name: wrong, set: { Name: Bob }, expect: { routedTo: Failed } }
  - { name: right, faults: [{ kind: espFault, code: 920, text: busy }], expect: { routedTo: Failed } }
`;
    expect((await api.put(`/api/files/${greeting.id}`, { text: text + cases, digest })).status).toBe(200);
    expect((await api.get('/api/strategies')).json[1].tests).toEqual(['wrong', 'right']);
    const { json } = await api.post('/api/strategies/test', { file: 'greet.yaml' });
    expect(json.cases).toMatchObject([
      {
        name: 'wrong',
        differences: [expect.stringMatching(/^routedTo: expected Failed/)],
        run: { before: { Name: 'Bob' } },
      },
      { name: 'right', differences: [] },
    ]);
    expect((await api.get('/api/faults')).json.rules).toEqual([]);
    expect((await api.post('/api/strategies/test', { file: 'broken.yaml' })).status).toBe(400);
  });

  it('knows no file by its path', async () => {
    const path = encodeURIComponent(join(dirname(mail.path), 'platform.yaml'));
    for (const id of [path, encodeURIComponent(mail.path), '..%2Fmail.yaml'])
      expect((await api.get(`/api/files/${id}`)).status).toBe(404);
    expect((await api.put(`/api/files/${path}`, { text: '', digest: '' })).status).toBe(404);
  });

  it('reloads a stub file that another program saves', async () => {
    writeFileSync(mail.path, readFileSync(mail.path, 'utf8').replace('-b"', '-c"'));
    await until(async () => JSON.stringify(await newId()).includes('I1-c'), 'the saved answer');
  });
});
