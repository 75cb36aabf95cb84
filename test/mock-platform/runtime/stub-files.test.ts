import { writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Logger } from 'esp-host';
import { StubFiles, serveStubs } from '../../../mock-platform/runtime/index.js';
import { HttpStubSet, loadHttpStubs, loadStubs, StubSet } from '../../../mock-platform/stubs/index.js';
import { until } from '../../support/eventually.js';
import { file, removeFolders } from '../../support/files.js';
import { LogLines } from '../../support/log-lines.js';
import { outcome, RawClient, request } from '../../support/raw-client.js';
import { said } from '../stubs/esp/sets.js';
import { said as httpSaid } from '../stubs/http/sets.js';

afterAll(removeFolders);

const esp = (balance: string) => `stubs: [{ name: a, answer: { parameters: { Balance: "${balance}" } } }]\n`;
const http = (balance: string) => `stubs: [{ answer: { json: ${balance} } }]\n`;

describe('stub files', () => {
  const warn = jest.fn<Logger['warn']>();
  let paths: { readonly esp: string; readonly http: string };
  let sets: { readonly esp: StubSet; readonly http: HttpStubSet };
  let files: StubFiles;

  beforeEach(() => {
    warn.mockClear();
    paths = { esp: file('mail.yaml', esp('1')), http: file('billing.yaml', http('1')) };
    sets = { esp: new StubSet(loadStubs(paths.esp).config), http: new HttpStubSet(loadHttpStubs(paths.http).config) };
    const logger: Logger = { warn, error: warn, info: warn, debug: warn };
    files = new StubFiles(
      [
        { path: paths.esp, owner: 'Mail', stubs: { esp: sets.esp } },
        { path: paths.http, owner: 'billing', stubs: { http: sets.http } },
        { path: paths.http, owner: 'again', stubs: { http: sets.http } },
      ],
      logger,
    );
  });

  it('are listed once each', () =>
    expect(files.list()).toEqual([
      { path: paths.esp, kind: 'stubs', owners: ['Mail'], problems: [] },
      { path: paths.http, kind: 'http-stubs', owners: ['billing', 'again'], problems: [] },
    ]));

  it('are loaded again, and tell it', async () => {
    const reloaded = jest.fn();
    const stop = files.subscribe(reloaded);
    writeFileSync(paths.esp, esp('2'));
    writeFileSync(paths.http, http('2'));
    await files.reload();
    expect([said(sets.esp), httpSaid(sets.http)]).toEqual(['{"Balance":"2"}', '200 2']);
    stop();
    await files.reload();
    expect(reloaded).toHaveBeenCalledTimes(1);
    expect(warn).not.toHaveBeenCalled();
  });

  it('are loaded once for each change', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] });
    const polled = async (): Promise<number> => {
      jest.advanceTimersByTime(250);
      await until(() => jest.getTimerCount() > 0, 'the files are checked, and the next check is due');
      return jest.getTimerCount();
    };
    writeFileSync(paths.esp, esp('20'));
    await files.reload();
    files.watch();
    expect(await polled()).toBe(1);
    writeFileSync(paths.esp, esp('300'));
    // The second timer is that of the reload.
    expect(await polled()).toBe(2);
    files.close();
    jest.useRealTimers();
  });

  it('with mistakes have no effect, and are reported once', async () => {
    writeFileSync(paths.esp, 'stubs: [{ nam: a }]\n');
    await files.reload();
    await files.reload();
    expect(said(sets.esp)).toBe('{"Balance":"1"}');
    expect(files.list()[0]?.problems[0]).toMatchObject({ line: 1, column: 11 });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith(
      `${paths.esp}:1:11: unknown key stubs[0].nam: did you mean name?; the previous stubs stay`,
      { problems: 2 },
    );
    writeFileSync(paths.esp, esp('3'));
    await files.reload();
    expect([files.list()[0]?.problems, said(sets.esp)]).toEqual([[], '{"Balance":"3"}']);
  });
});

it('a stub file is served as it is now, with a log of its answers', async () => {
  const path = file('mail.yaml', esp('1'));
  const log = new LogLines();
  const server = await serveStubs({ file: path, logger: log.logger });
  const client = await RawClient.open(server.port);
  const balance = async () => outcome(await client.ask(request(1, 'Billing', 'GetBalance')));
  expect(await balance()).toBe('{"Balance":"1"}');
  expect(await log.line(/INFO {2}answered/)).toMatch(
    /answered request=Billing\.GetBalance stub=a client=127\.0\.0\.1:\d+$/,
  );
  writeFileSync(path, 'stubs: 5\n');
  await log.line(/WARN.*stubs must be a list, not 5; the previous stubs stay/);
  expect(await balance()).toBe('{"Balance":"1"}');
  writeFileSync(path, 'stubs: [{ name: silent, match: { service: Billing }, answer: { none: true } }]\n');
  await log.line(/mail\.yaml loaded again stubs=1/);
  client.send(request(2, 'Billing', 'GetBalance'));
  expect(await log.line(/no answer/)).toMatch(/request=Billing\.GetBalance stub=silent/);
  expect(log.matching(/loaded again/)).toHaveLength(1);
  expect(outcome(await client.ask(request(3, 'Mail', 'Send')))).toBe('902 Mail unknown service');
  expect(log.matching(/request=Mail\.Send/)).toEqual([expect.stringContaining('no stub matched')]);
  await server.close();
  await client.closed;
});
