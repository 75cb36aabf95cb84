import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { EspRequest, KeyValueList, responseTo } from '#wire';
import { Setting } from '../../mock-platform/interaction-server/setting.js';
import { REACH } from '../../mock-platform/strategies/files.js';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';
import type { Ended } from '../../support/processes.js';
import { runCommand } from '../../support/run-command.js';

let setting = new Setting();
afterEach(async () => {
  await setting.end();
  setting = new Setting();
});
afterAll(removeFolders);

const SHIPPED = 'strategies/reach-the-customer.yaml';
const strategy = (...words: string[]): Promise<Ended> => runCommand(['strategy', ...words]);

/** Times are not the same twice. */
const timeless = (text: string): string => text.replaceAll(/\(\d+ ms\)/g, '(N ms)');

/** A port at which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('strategy run', () => {
  /** An Interaction Server whose DMS answers with this Id. */
  async function answering(Id: string): Promise<string> {
    const { server, interactionServer } = await setting.usual();
    server.answer = (message) => responseTo(new EspRequest(message), 171, KeyValueList.from({ Id }));
    return `127.0.0.1:${interactionServer.port}`;
  }

  it('prints a line per step', async () => {
    const { code, stdout, stderr } = await strategy('run', SHIPPED, '--to', await answering('+16315551002'));
    expect([code, stderr]).toEqual([0, '']);
    expect(timeless(stdout)).toBe(`Reach the customer
  ask          DMS Messaging.ValidateContact Id=+16315551002 _umsChannel=whatsapp => response Id=+16315551002 (N ms) -> whatsapp
  whatsapp     Medium=whatsapp Address=+16315551002 -> to-whatsapp
  to-whatsapp  routed to WhatsApp queue
`);
  });

  it('accepts data, and prints the run as JSON', async () => {
    const words = ['--set', 'Id=+1 2', '--set', 'Tries:=7', '--json'];
    const { code, stdout } = await strategy('run', file('a.yaml', REACH), '--to', await answering(''), ...words);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      before: { Id: '+1 2', Segment: 'gold', Tries: 7 },
      steps: [
        { id: 'ask', sent: { parameters: { Id: '+1 2', Tries: 7 } }, outcome: { kind: 'response' } },
        { id: 'sms' },
      ],
      end: { kind: 'routed', routedTo: 'SMS' },
    });
  });

  it('exits with 2 if it ends nowhere', async () => {
    const { interactionServer } = await setting.usual();
    const path = file('a.yaml', REACH.replace('appName: DMS', 'appName: Nobody').replace('other: sms', '701: sms'));
    const { code, stdout } = await strategy('run', path, '--to', `127.0.0.1:${interactionServer.port}`);
    expect(code).toBe(2);
    expect(timeless(stdout)).toBe(`Reach
  ask  Nobody Messaging.ValidateContact Id=+16315551002 Tries=3 List={"Greeting":"Hello gold"} => fault 902 Nobody unknown application (N ms)
  ends nowhere at ask: on.fault has neither 902 nor other
`);
  });

  it('explains how to start a missing server', async () => {
    const port = await freePort();
    expect(await strategy('run', SHIPPED, '--to', `127.0.0.1:${port}`)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `cannot connect to 127.0.0.1:${port}: nothing listens there; start the mock platform (npm start), ` +
        'or use --start or --to\n',
    });
  });

  it.each([
    ['+1-631-555-1002', 0, 'routed to WhatsApp queue'],
    ['+16315559999', 0, 'routed to SMS queue'],
    ['none', 0, 'fault 904 Messaging.ValidateContact incorrect Id: no digits (N ms) -> email'],
  ])('--start runs against a platform of its own: %s', async (id, expected, text) => {
    const { code, stdout } = await strategy('run', SHIPPED, '--start', '--set', `Id=${id}`);
    expect(code).toBe(expected);
    expect(timeless(stdout)).toContain(text);
  });

  it.each([
    [['--set', 'ID=x', '--start'], "'Reach the customer' has no ID in its data (it has: Id, Medium, Address)\n"],
    [['--set', 'Id'], `'Id': write a parameter as Name=text, Name:=5 or Name:='{"a":"b"}'`],
    [['--set', 'Id:={"a":"b"}'], '--set Id: expected a string or an integer\n'],
    [['--start', '--to', '127.0.0.1:7110'], "'--start' cannot be used with option '--to"],
    [['--start', '--config', 'none.yaml'], 'none.yaml:1:1: no such file'],
    [['--start', '--platform', 'none.yaml'], 'none.yaml:1:1: no such file'],
  ])('%j cannot run', async (words, text) => {
    const { code, stdout, stderr } = await strategy('run', SHIPPED, ...words);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(text);
  });

  it('reports the location of an error in a strategy', async () => {
    const path = file('a.yaml', REACH.replace('go: whatsapp', 'go: wahtsapp'));
    const { code, stderr } = await strategy('run', path);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `${path}:17:15: steps[0].on.response[0].go refers to an unknown step: wahtsapp; did you mean whatsapp?\n`,
    );
  });
});

describe('strategy test', () => {
  it('runs the cases of a folder, each on a platform of its own', async () => {
    const { code, stdout, stderr } = await strategy('test', 'strategies');
    expect([code, stderr]).toEqual([0, '']);
    const lines = timeless(stdout).split('\n');
    expect(lines[0]).toBe(`Reach the customer (${SHIPPED})`);
    expect(lines).toContain('  ok    a number on WhatsApp (N ms)');
    expect(lines.at(-2)).toMatch(/^\d+ cases, all passed$/);
  });

  it('prints JSON', async () => {
    const text = readFileSync(join(ROOT, SHIPPED), 'utf8').replace(/tests:.*/s, '');
    const path = file('a.yaml', `${text}tests:\n  - { name: a, expect: { routedTo: SMS queue } }\n`);
    const { code, stdout } = await strategy('test', path, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        name: 'Reach the customer',
        file: path,
        cases: [{ name: 'a', passed: false, differences: [expect.anything()] }],
      },
    ]);
  });

  it('shows the difference and the run of a case that fails, and writes JUnit XML', async () => {
    const text = readFileSync(join(ROOT, SHIPPED), 'utf8').replace(/tests:.*/s, '');
    const path = folder();
    file('a.yaml', `${text}tests:\n  - { name: "<VIP> & co", expect: { routedTo: SMS queue } }\n`, path);
    file('b.yaml', text, path);
    const report = join(path, 'reports', 'junit.xml');
    const { code, stdout } = await strategy('test', path, '--junit', report);
    expect(code).toBe(2);
    expect(timeless(stdout)).toBe(`Reach the customer (${join(path, 'a.yaml')})
  FAIL  <VIP> & co (N ms)
        routedTo: expected SMS queue, but routed to WhatsApp queue
        Reach the customer
          ask          DMS Messaging.ValidateContact Id=+16315551002 _umsChannel=whatsapp => response Id=+16315551002 (N ms) -> whatsapp
          whatsapp     Medium=whatsapp Address=+16315551002 -> to-whatsapp
          to-whatsapp  routed to WhatsApp queue
Reach the customer (${join(path, 'b.yaml')}): no tests
1 case, 1 failed
`);
    const xml = readFileSync(report, 'utf8');
    expect(xml).toContain('tests="1" failures="1" errors="0"');
    expect(xml).toContain('<testcase name="&lt;VIP&gt; &amp; co" classname="Reach the customer"');
    expect(xml).toContain('<failure message="routedTo: expected SMS queue, but routed to WhatsApp queue"');
  });

  it.each<[string, () => string[], string]>([
    ['a strategy without tests', () => [file('a.yaml', REACH)], 'has no tests\n'],
    ['an empty folder', () => [folder()], 'contains no strategies (.yaml or .yml files)\n'],
    ['a config that is not there', () => ['strategies', '--config', 'none.yaml'], 'none.yaml:1:1: no such file'],
    ['a report at an invalid path', () => ['strategies', '--junit', `${SHIPPED}/a.xml`], 'cannot write'],
  ])('%s: 1', async (_what, words, text) => {
    const { code, stderr } = await strategy('test', ...words());
    expect(code).toBe(1);
    expect(stderr).toContain(text);
  });
});

describe('strategy sweep', () => {
  it('prints where the customer ends up, without any server', async () => {
    const { code, stdout, stderr } = await strategy('sweep', SHIPPED);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^ {2}ask: response Id=\+16315551002 \(not on WhatsApp, API client 2\.45\.1\) +WhatsApp queue +ask -> /m,
    );
    expect(stdout).toMatch(/^ {2}ask: fault 901 +E-mail queue +ask -> email -> to-email$/m);
    expect(stdout).toMatch(/\n11 paths, none of them to nowhere\n$/);
  });

  it('exits with 2 if a path ends nowhere, also with JSON', async () => {
    const path = file('a.yaml', REACH.replace('other: sms', '17: sms'));
    const { code, stdout } = await strategy('sweep', path);
    expect(code).toBe(2);
    expect(stdout).toMatch(/ask: fault 920 +NOWHERE: on\.fault has neither 920 nor other +ask$/m);
    const json = await strategy('sweep', path, '--json', '--set', 'Segment=silver');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      paths: [{ end: { routedTo: 'WhatsApp silver' } }, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}],
    });
  });

  it('exits with 1 if not everything was tried', async () => {
    const { code, stdout, stderr } = await strategy('sweep', SHIPPED, '--paths', '3');
    expect([code, stderr]).toEqual([1, 'not all paths were tried: increase --paths\n']);
    expect(stdout).toContain('cut short: the sweep reached its limits\n3 paths');
    expect((await strategy('sweep', SHIPPED, '--paths', '0')).code).toBe(1);
  });
});
