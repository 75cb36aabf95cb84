import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CaseResult,
  loadStrategies,
  loadStrategy,
  type Platform,
  runCase,
  runThrough,
  type Strategy,
  sampleResponses,
  startOnFreePorts,
  sweepStrategy,
  type TestCase,
} from 'esp-host/mock';
import { file, ON_PREMISES, ROOT, removeFolders } from '../../support/files.js';
import { freePort } from '../../support/free-port.js';
import { LogLines } from '../../support/log-lines.js';
import { whatsAppOf } from './whatsapp-api.js';

const { logger } = new LogLines();
const { strategy: path, ...onPremises } = ON_PREMISES;
const files = { ...onPremises, logger };
const reach = loadStrategy(path);
const SHIPPED = { config: join(ROOT, 'config.yaml'), platform: join(ROOT, 'platform.yaml'), logger };

afterAll(removeFolders);

const caseOf = (test: Partial<TestCase>): TestCase => ({
  ...{ name: 'A case', set: {}, expect: {} },
  ...{ upstreams: [], faults: [], stubs: [], upstreamStubs: [] },
  ...test,
});

/** Settings of the upstream for a case. */
const whatsapp = (settings: Record<string, unknown>): Pick<TestCase, 'upstreams'> => ({
  upstreams: [{ name: 'whatsapp', check: () => settings, problem: (message) => new Error(message) }],
});

describe('a case', () => {
  const runOne = (test: Partial<TestCase>): Promise<CaseResult> => runCase(reach, caseOf(test), files);
  const stranger = { Id: '+16315559999' };

  it('runs on the platform of platform.yaml, and reports differences from its expectations', async () => {
    const result = await runOne({ set: stranger, expect: { routedTo: 'WhatsApp queue', path: ['ask'] } });
    expect(result).toMatchObject({
      name: 'A case',
      differences: [
        'routedTo: expected WhatsApp queue, but routed to SMS queue',
        'path: expected ask, but was ask, sms, to-sms',
      ],
      run: { end: { routedTo: 'SMS queue' } },
    });
  });

  it('gets its own numbers and version, without affecting the next', async () => {
    const expected = [
      await runOne({
        set: stranger,
        ...whatsapp({ numbers: ['+16315559999'] }),
        expect: { routedTo: 'WhatsApp queue' },
      }),
      await runOne({ set: stranger, expect: { routedTo: 'SMS queue' } }),
      await runOne({ ...whatsapp({ numbers: [] }), expect: { routedTo: 'SMS queue' } }),
      await runOne({ expect: { routedTo: 'WhatsApp queue' } }),
      await runOne({ set: stranger, ...whatsapp({ version: '2.45.1' }), expect: { routedTo: 'WhatsApp queue' } }),
      await runOne({ set: stranger, expect: { routedTo: 'SMS queue' } }),
    ];
    expect(expected.map(({ differences }) => differences)).toEqual([[], [], [], [], [], []]);
  });

  it('cannot run if the platform cannot start', async () => {
    const broken = { ...files, platform: onPremises.config };
    await expect(runCase(reach, caseOf({}), broken)).rejects.toThrow(/config\.yaml:\d+:\d+: /);
  });
});

describe('the strategies that come with esp-host, and that of the On-Premises API', () => {
  const shipped = loadStrategies(join(ROOT, 'strategies')).map((one): [string, Strategy, typeof files] => [
    one.name,
    one,
    SHIPPED,
  ]);
  const all: typeof shipped = [...shipped, [`${reach.name}, On-Premises`, reach, files]];

  it.each(all)('%s: its own tests pass', async (_name, strategy, where) => {
    expect(strategy.tests.length).toBeGreaterThan(0);
    for (const test of strategy.tests) expect((await runCase(strategy, test, where)).differences).toEqual([]);
  });

  it.each(all)('%s: no path ends nowhere', async (_name, strategy, where) => {
    const { paths, cut, neverTaken } = await sweepStrategy(strategy, { responses: await sampleResponses(where) });
    expect(paths.filter(({ end }) => end.kind === 'nowhere')).toEqual([]);
    expect([cut, neverTaken]).toEqual([false, []]);
  });
});

describe('a sweep', () => {
  const step = '{ appName: DMS, service: Messaging, method: ValidateContact, parameters: { Id: "{{Id}}" } }';
  const strategy = loadStrategy(
    file(
      'sweep.yaml',
      `name: Sweep
data: { Id: "+1 631 555 1002" }
steps:
  - { id: ask, externalService: ${step}, on: { fault: { other: end }, timeout: end } }
  - { id: end, routeTo: Queue }
`,
    ),
  );
  const forced = async (set: Record<string, string>, from: Parameters<typeof sampleResponses>[0]) => {
    const { paths } = await sweepStrategy(strategy, { set, responses: await sampleResponses(from) });
    const outcomes = paths.map((path) => path.forced[0]?.outcome ?? '');
    return outcomes.filter((outcome) => outcome.startsWith('response'));
  };
  const responses = (number: string): string[] => [
    `response Id=${number} (on WhatsApp)`,
    'response Id= (not on WhatsApp)',
    `response Id=${number} (not on WhatsApp, API client 2.45.1)`,
  ];

  it.each<[string, Parameters<typeof sampleResponses>[0]]>([
    ['platform.yaml', { platform: files.platform }],
    ['config.yaml', { config: files.config }],
  ])('forces the responses of ValidateContact that the mock in %s defines', async (_name, from) => {
    expect(await forced({}, from)).toEqual(responses('+16315551002'));
    expect(await forced({ Id: '+1 (631) 555-1003' }, from)).toEqual(responses('+16315551003'));
    expect(await forced({ Id: 'none' }, from)).toEqual(responses('+16315551002'));
  });

  it('forces none of them without either file', async () => expect(await forced({}, {})).toEqual(['response']));
});

describe('docs/strategies.md', () => {
  it('has a strategy and a case that behave as documented', async () => {
    const docs = readFileSync(join(ROOT, 'docs/strategies.md'), 'utf8');
    const [strategy = '', tests = ''] = [...docs.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text);
    const documented = loadStrategy(file('docs.yaml', strategy + tests));
    expect(documented.tests).toHaveLength(1);
    for (const test of documented.tests) expect((await runCase(documented, test, SHIPPED)).differences).toEqual([]);
  });
});

it('platforms on free ports run side by side, even if config.yaml has a port for HTTP', async () => {
  const http = `listeners: { http: { port: ${await freePort()}, token: a-token-of-the-tests } }`;
  const config = file('config.yaml', `application: { name: DMS }\n${http}\n`);
  const started = [await startOnFreePorts({ ...files, config }), await startOnFreePorts({ ...files, config })];
  for (const platform of started) await platform.stop();
});

describe("a user's own test", () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startOnFreePorts(files);
  });
  afterAll(() => platform.stop());

  it('runs a strategy on its own platform, and checks the run', async () => {
    const run = await runThrough(platform.interactionServer, reach, { Id: '+1 (516) 283-7151' });
    expect(run.end).toEqual({ kind: 'routed', step: 'to-whatsapp', routedTo: 'WhatsApp queue' });
    expect(run.after).toMatchObject({ Medium: 'whatsapp', Address: '+15162837151' });
  });

  it('breaks an upstream of the host', async () => {
    whatsAppOf(platform).respondWith(() => ({ status: 500 }));
    const run = await runThrough(platform.interactionServer, reach, { Id: '+16315550000' });
    whatsAppOf(platform).respondWith(undefined);
    expect(run.steps[0]).toMatchObject({ outcome: { kind: 'fault', code: '920' }, branch: 'on.fault.other' });
    expect(run.end).toMatchObject({ routedTo: 'E-mail queue' });
  });
});
