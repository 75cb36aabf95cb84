import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { loadYaml } from '#server';
import type { PlainValues } from '#wire';
import { platformSchema } from '../../../mock-platform/configuration/index.js';
import { type Platform, startPlatform } from '../../../mock-platform/platform/platform.js';
import { loadApplications } from '../../../mock-platform/runtime/applications.js';
import { file, folder, ROOT, removeFolders } from '../../support/files.js';
import { LogLines } from '../../support/log-lines.js';
import { outcome, RawClient, request } from '../../support/raw-client.js';

const platforms: Platform[] = [];
afterEach(async () => {
  for (const platform of platforms.splice(0)) await platform.stop();
});
afterAll(removeFolders);

const CONFIG = `application: { name: DMS }
plugins: [{ use: ${join(ROOT, 'test/fixtures/plugins/greeting')} }]
listeners: { esp: { port: 0 }, metrics: { port: 0 } }
`;
const WORLD = `interactionServer: { port: 0 }
upstreams: {}
`;
const SHIPPED = join(ROOT, 'stubs');
const HOST = '  - { name: DMS, type: 171, address: host }\n';

/** A platform with these applications; `into` has the files that they name. */
async function start(applications: string, into = folder(), log = new LogLines()): Promise<Platform> {
  const platform = await startPlatform({
    config: file('config.yaml', CONFIG, into),
    platform: file('platform.yaml', `${WORLD}applications:\n${applications}`, into),
    logger: log.logger,
    ports: { console: 0 },
  });
  platforms.push(platform);
  return platform;
}

const refusal = async (applications: string, into = folder()): Promise<string> =>
  start(applications, into).then(
    () => '',
    (error: Error) => error.message.replaceAll(`${into}/`, ''),
  );

const stubs = (name: string, type: number): string => `application: { name: ${name}, type: ${type} }
stubs: [{ answer: { parameters: { From: ${name} } } }]
`;

describe('the shipped platform', () => {
  it('has the host, Classification Server and E-mail Server behind Interaction Server', () => {
    const world = loadYaml(join(ROOT, 'platform.yaml'), platformSchema);
    expect(loadApplications(world).map(({ name, type }) => [name, type])).toEqual([
      ['DMS', 171],
      ['Classification Server', 90],
      ['E-mail Server', 64],
    ]);
  });

  it.each<[PlainValues, string, string, PlainValues, string]>([
    [{ AppName: 'DMS' }, 'Greeting', 'Greet', { Name: 'Ann' }, '{"Greeting":"Hello, Ann!"}'],
    [{ AppType: 171 }, 'Greeting', 'Greet', { Name: 'Ann' }, '{"Greeting":"Hello, Ann!"}'],
    [
      { AppName: 'Classification Server' },
      'Classification',
      'Classify',
      { InteractionId: 'I1', Text: 'I want a Refund, it is broken' },
      '{"InteractionId":"I1","Category":"[list]"}',
    ],
    [
      { AppType: 90 },
      'Classification',
      'Screen',
      { InteractionId: 'I1', Text: 'call me: 555-1002' },
      '{"InteractionId":"I1","Rule":"PhoneNumber","Matched":"true"}',
    ],
    [
      { AppType: 'Classification Server' },
      'Classification',
      'Screen',
      { InteractionId: 'I1', Text: 'mail me' },
      '{"InteractionId":"I1","Matched":"false"}',
    ],
    [{ AppType: 'E-Mail Server Java' }, 'Email', 'CreateWebEmailIn', {}, '{"NewInteractionId":"IXN1"}'],
    [{ AppType: 64 }, 'Email', 'CreateWebEmailIn', {}, '{"NewInteractionId":"IXN1"}'],
    [{ AppName: 'E-mail Server' }, 'Email', 'Nothing', {}, 'InvalidServiceName Nothing unknown method'],
    [{ AppName: 'Classification Server' }, 'Email', 'CreateWebEmailIn', {}, '902 Email unknown service'],
    [{ AppName: 'Other' }, 'Email', 'CreateWebEmailIn', {}, '902 Other unknown application'],
  ])('%j %s.%s', async (target, service, method, parameters, expected) => {
    const shipped = ['classification-server', 'email-server'].map((name) => `  - stubs: ${SHIPPED}/${name}.yaml\n`);
    const { interactionServer } = await start(HOST + shipped.join(''));
    const client = await RawClient.open(interactionServer.port);
    expect(outcome(await client.ask(request(1, service, method, parameters, target)))).toBe(expected);
    await client.close();
  });

  it('answers acknowledgements and autoresponses with a new interaction', async () => {
    const { interactionServer } = await start(`  - stubs: ${SHIPPED}/email-server.yaml\n`);
    const client = await RawClient.open(interactionServer.port);
    for (const method of ['CreateAcknowledgement', 'CreateAutoresponse']) {
      const reply = await client.ask(request(1, 'Email', method, { InteractionId: 'I1' }, { AppType: 64 }));
      expect(outcome(reply)).toMatch(/^\{"NewInteractionId":"[0-9a-f-]{36}","ParentInteractionId":"I1"\}$/);
    }
    await client.close();
  });
});

describe('applications of platform.yaml', () => {
  it('get name and type from their stub file by default, and take turns if they share a type', async () => {
    const into = folder();
    file('one.yaml', stubs('One', 90), into);
    file('two.yaml', 'stubs: [{ answer: { parameters: { From: Two } } }]\n', into);
    const log = new LogLines();
    const platform = await start(
      '  - stubs: ./one.yaml\n  - { name: Two, type: 90, typeName: Sorter, stubs: ./two.yaml }\n',
      into,
      log,
    );
    expect(platform.stubServers.map((server) => server.stubs.application)).toEqual([
      { name: 'One', type: 90 },
      { name: 'Two', type: 90 },
    ]);
    const client = await RawClient.open(platform.interactionServer.port);
    const from = async (target: PlainValues) => outcome(await client.ask(request(1, 'A', 'B', {}, target)));
    expect([await from({ AppType: 90 }), await from({ AppType: 'sorter' }), await from({ AppName: 'One' })]).toEqual([
      '{"From":"One"}',
      '{"From":"Two"}',
      '{"From":"One"}',
    ]);
    expect(platform.stubServers.map((server) => server.stubs.list()[0]?.hits)).toEqual([2, 1]);
    expect(platform.welcome()).toMatch(/Stubs +One \(127\.0\.0\.1:\d+\), Two \(127\.0\.0\.1:\d+\)\n/);
    await client.close();
    await platform.stop();
    expect(log.matching(/WARN|ERROR/)).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      'a name twice',
      '  - stubs: ./one.yaml\n  - { name: One, type: 1, address: "127.0.0.1:1" }\n',
      'platform.yaml:5:13: applications[1].name is One, but another application has this name too',
    ],
    [
      'a name twice, of files',
      '  - stubs: ./one.yaml\n  - stubs: ./one.yaml\n',
      'platform.yaml:5:12: applications[1].stubs is One, but another application has this name too',
    ],
    [
      'no name anywhere',
      '  - stubs: ./nameless.yaml\n',
      'platform.yaml:4:5: applications[0] must have name and type, because nameless.yaml has no application: { name, type }',
    ],
    [
      'address and stubs',
      '  - { name: A, type: 1, address: host, stubs: ./one.yaml }\n',
      'platform.yaml:4:5: applications[0] must have either address (HOST:PORT, or host) or stubs (a stub file)',
    ],
    [
      'neither address nor stubs',
      '  - { name: A, type: 1 }\n',
      'platform.yaml:4:5: applications[0] must have either address (HOST:PORT, or host) or stubs (a stub file)',
    ],
    [
      'an address without a name',
      '  - { type: 1, address: host }\n',
      'platform.yaml:4:5: applications[0] must have a name: the AppName of the application',
    ],
    [
      'an address without a type',
      '  - { name: A, address: host }\n',
      'platform.yaml:4:5: applications[0] must have a type: the number in Configuration Layer, such as 171',
    ],
    [
      'stubs over TLS',
      '  - { stubs: ./one.yaml, tls: {} }\n',
      'platform.yaml:4:5: applications[0] cannot have both stubs and tls',
    ],
    [
      'no such file',
      '  - stubs: ./none.yaml\n',
      'platform.yaml:4:12: applications[0].stubs cannot be read (ENOENT): none.yaml',
    ],
    ['a mistake in a file', '  - stubs: ./wrong.yaml\n', 'wrong.yaml:1:8: stubs must be a list, not 5'],
  ])('refuses %s', async (_name, applications, expected) => {
    const into = folder();
    file('one.yaml', stubs('One', 90), into);
    file('nameless.yaml', 'stubs: []\n', into);
    file('wrong.yaml', 'stubs: 5\n', into);
    expect(await refusal(applications, into)).toBe(expected);
  });
});
