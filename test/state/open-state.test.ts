import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { openState, Records } from '../../src/state/index.js';
import { Metrics } from '../../src/telemetry/index.js';
import { file, folder, removeFolders } from '../support/files.js';
import { freePort } from '../support/free-port.js';
import { LogLines } from '../support/log-lines.js';

afterAll(removeFolders);

const parts = () => ({ logger: new LogLines().logger, metrics: new Metrics() });

it('a file is open for one host, and commands beside it', async () => {
  const path = join(folder(), 'state.db');
  const host = await openState({ file: path }, parts());
  await new Records(host, 'plugin').put('a', 1, { keepMs: 60_000 });
  await expect(openState({ file: path }, parts())).rejects.toMatchObject({
    code: 'ESP_STATE_UNUSABLE',
    message: `${path} cannot be used: another host uses it`,
  });
  const command = await openState({ file: path }, { ...parts(), isCommand: true });
  expect(await new Records(command, 'plugin').get('a')).toBe(1);
  await command.close();
  await host.close();
});

it('a file and its folder are for their owner alone, and closed for good', async () => {
  const path = join(folder(), 'new/state.db');
  const state = await openState({ file: path }, parts());
  await new Records(state, 'plugin').put('a', 1, { keepMs: 60_000 });
  expect([dirname(path), path].map((one) => statSync(one).mode & 0o777)).toEqual([0o700, 0o600]);
  await state.close();
  await expect(new Records(state, 'plugin').get('a')).rejects.toMatchObject({
    code: 'ESP_STATE_FAILED',
    message: 'the state file is closed',
  });
});

it('a command makes the file of a host that has not started yet', async () => {
  const path = join(folder(), 'state.db');
  const command = await openState({ file: path }, { ...parts(), isCommand: true });
  await new Records(command, 'plugin').put('a', 1, { keepMs: 60_000 });
  const host = await openState({ file: path }, parts());
  expect(await new Records(host, 'plugin').get('a')).toBe(1);
  await Promise.all([command.close(), host.close()]);
});

it('a file that is no database is refused', async () => {
  const path = file('state.db', 'x'.repeat(5000));
  for (const isCommand of [false, true]) {
    await expect(openState({ file: path }, { ...parts(), isCommand })).rejects.toMatchObject({
      code: 'ESP_STATE_UNUSABLE',
      message: expect.stringContaining(`${path} cannot be used: `),
    });
  }
});

it('a command needs the Redis server, and a host starts without it', async () => {
  const redis = { url: `redis://127.0.0.1:${await freePort()}`, keyPrefix: 'p:', timeoutMs: 1000 };
  await expect(openState({ redis }, { ...parts(), isCommand: true })).rejects.toMatchObject({
    code: 'ESP_STATE_UNUSABLE',
    message: expect.stringMatching(/^redis 127\.0\.0\.1:\d+ cannot be used: /),
  });
  const host = await openState({ redis }, parts());
  const records = new Records(host, 'plugin');
  expect(records.isShared).toBe(true);
  await expect(records.get('a')).rejects.toMatchObject({ code: 'ESP_STATE_FAILED' });
  await host.close();
});
