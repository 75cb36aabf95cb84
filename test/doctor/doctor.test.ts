import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startInteractionServer } from 'esp-host/mock';
import { loadConfig, prepare, Server } from '#server';
import { examineCertificates } from '../../src/doctor/examine.js';
import { examine, type InteractionServerAddress } from '../../src/doctor/index.js';
import { examineInteractionServer } from '../../src/doctor/interaction-server.js';
import { examinePorts, portHolder } from '../../src/doctor/ports.js';
import { EspFault, type EspMessage, EspRequest, faultTo, MessageId } from '../../src/esp/index.js';
import type { Finding } from '../../src/host/index.js';
import { charset, decodeBody, encodeMessage, FrameReader } from '../../src/wire/index.js';
import { pluginOf } from '../support/esp-host.js';
import { until } from '../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { LogLines } from '../support/log-lines.js';
import { certificates } from '../support/tls.js';

const home = folder();
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const { server, client } = await certificates();
  file('host.pem', server.certificate, home);
  file('host.key', server.key, home);
  file('clients.pem', client.certificate + server.certificate, home);
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(removeFolders);

interface Parts {
  readonly esp?: string;
  readonly more?: string;
}

function config({ esp = '{ port: 0 }', more = '' }: Parts): Promise<Awaited<ReturnType<typeof prepare>>> {
  const lines = [
    'application: { name: DMS }',
    `plugins: [{ use: ${ROOT}test/fixtures/plugins/greeting }]`,
    `listeners: { esp: ${esp}, metrics: { enabled: false }${more} }`,
  ];
  return prepare(loadConfig(file('config.yaml', lines.join('\n'), home)), { typescript: true });
}

async function all(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const one of findings) found.push(one);
  return found;
}

async function findings(parts: Parts, interactionServer?: InteractionServerAddress): Promise<Finding[]> {
  return all(examine({ prepared: await config(parts), interactionServer }));
}

/** The finding about one thing. */
async function about(name: string, ...given: Parameters<typeof findings>): Promise<Finding | undefined> {
  return (await findings(...given)).find((one) => one.about.startsWith(name));
}

async function taken(): Promise<number> {
  const server: NetServer = createServer().listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

describe('a port', () => {
  it('that is free is good', async () => {
    expect(await about('listeners.esp.port', {})).toEqual({
      about: 'listeners.esp.port',
      state: 'good',
      text: '127.0.0.1:0 is free',
    });
  });

  it('in use by another program is trouble, with its name', async () => {
    const port = await taken();
    const finding = await about('listeners.esp.port', { esp: `{ port: ${port} }` });
    expect(finding).toMatchObject({
      state: 'trouble',
      advice: 'stop it, or choose another port in listeners.esp.port',
    });
    expect(finding?.text).toMatch(new RegExp(`^127.0.0.1:${port} is in use by .+ \\(process ${process.pid}\\)$`));
  });

  it('in use by a host is good', async () => {
    const listen =
      "require('node:net').createServer().listen(0,'127.0.0.1',function(){console.log(this.address().port)})";
    const child = spawn(process.execPath, ['-e', listen, '/opt/bin/esp-host']);
    ends.push(() => child.kill());
    const [printed] = await once(child.stdout, 'data');
    const port = Number(printed);
    expect(await about('listeners.esp.port', { esp: `{ port: ${port} }` })).toEqual({
      about: 'listeners.esp.port',
      state: 'good',
      text: `an esp-host listens on 127.0.0.1:${port}: process ${child.pid}`,
    });
  });

  it('in use by a process that is not visible is trouble', async () => {
    const port = await taken();
    const [finding] = await all(examinePorts(await config({ esp: `{ port: ${port} }` }), '/nowhere'));
    expect(finding).toEqual({
      about: 'listeners.esp.port',
      state: 'trouble',
      text: `127.0.0.1:${port} is in use by a process of another user`,
      advice: 'stop it, or choose another port in listeners.esp.port',
    });
  });

  it('stays free', async () => {
    const port = await taken();
    await ends.pop()?.();
    expect(await about('listeners.esp.port', { esp: `{ port: ${port} }` })).toMatchObject({ state: 'good' });
    const server = createServer().listen(port, '127.0.0.1');
    ends.push(() => server.close());
    await once(server, 'listening');
  });

  it('on an address of another machine is trouble', async () => {
    expect(await about('listeners.esp.port', { esp: '{ host: 192.0.2.1, port: 0 }' })).toMatchObject({
      state: 'trouble',
      text: 'cannot listen on 192.0.2.1:0: this machine has no such address; see listeners.esp.host',
      advice: 'correct listeners.esp',
    });
  });

  it('of the HTTP listener is checked, too', async () => {
    const more = `, http: { port: ${await taken()}, token: 0123456789abcdef }`;
    expect(await about('listeners.http.port', { more })).toMatchObject({ state: 'trouble' });
  });

  it('of the listener for webhooks is checked, too', async () => {
    const listeners = `{ esp: { port: 0 }, webhooks: { port: ${await taken()} }, metrics: { enabled: false } }`;
    const text = `application: { name: A }\nlisteners: ${listeners}\nstate: { file: state.db }\n`;
    const found = await all(examinePorts({ loaded: loadConfig(file('config.yaml', text)) }));
    expect(found).toMatchObject([
      { about: 'listeners.esp.port', state: 'good' },
      { about: 'listeners.webhooks.port', state: 'trouble' },
    ]);
  });
});

describe('the process that listens on a port', () => {
  /** A /proc with one process, which has the socket 77. */
  function proc(table: string, row: string, command: string): string {
    const made = folder();
    mkdirSync(join(made, 'net'));
    mkdirSync(join(made, '42/fd'), { recursive: true });
    mkdirSync(join(made, 'self/fd'), { recursive: true });
    file(table, `  sl  local_address rem_address   st\n${row}\n`, join(made, 'net'));
    symlinkSync('socket:[76]', join(made, '42/fd/0'));
    symlinkSync('socket:[77]', join(made, '42/fd/1'));
    symlinkSync('socket:[77]', join(made, 'self/fd/1'));
    file('comm', 'node\n', join(made, '42'));
    file('cmdline', command, join(made, '42'));
    return made;
  }
  const row = (state: string, local = '0100007F:1BD0'): string =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 77 1`;

  it.each([
    ['node\0/opt/bin/esp-host\0serve', true],
    ['node\0/opt/bin/esp-host.cjs\0serve', true],
    ['node\0/opt/my-esp-host\0serve', false],
    ['node\0/opt/esp-host/server.js', false],
  ])('is found with its command line %j', (command, isHost) => {
    expect(portHolder(7120, proc('tcp', row('0A'), command))).toEqual({ pid: '42', name: 'node', isHost });
    expect(portHolder(7120, proc('tcp6', row('0A'), command))).toEqual({ pid: '42', name: 'node', isHost });
  });

  it.each([
    ['is connected, not listening', row('01')],
    ['listens on another port', row('0A', '0100007F:1BD1')],
    ['has another socket', row('0A').replace(' 77 ', ' 78 ')],
  ])('is not one that %s', (_name, text) => expect(portHolder(7120, proc('tcp', text, 'node'))).toBeUndefined());

  it('is not /proc/self', () => {
    const made = proc('tcp', row('0A'), 'node');
    rmSync(join(made, '42/fd/1'));
    expect(portHolder(7120, made)).toBeUndefined();
  });

  it('has a port with leading zeros', () =>
    expect(portHolder(80, proc('tcp', row('0A', '00000000:0050'), 'node'))?.pid).toBe('42'));

  it('is unknown without /proc', () => expect(portHolder(7120, '/nowhere')).toBeUndefined());
});

describe('the health and metrics listener', () => {
  const metricsPort = async (metrics: string): Promise<string | undefined> => {
    const text = `application: { name: DMS }\nplugins: []\nlisteners: { esp: { port: 0 }${metrics} }\n`;
    const prepared = await prepare(loadConfig(file('metrics.yaml', text, home)), { typescript: true });
    for await (const { about: name, text: said } of examine({ prepared })) {
      if (name === 'listeners.metrics.port') return said;
    }
    return undefined;
  };

  it('is checked where configured, and on its default port otherwise', async () => {
    expect(await metricsPort(', metrics: { port: 0 }')).toBe('127.0.0.1:0 is free');
    expect(await metricsPort('')).toContain('127.0.0.1:7190 ');
  });

  it('is not checked if it is disabled', async () => {
    expect(await metricsPort(', metrics: { enabled: false }')).toBeUndefined();
  });
});

describe('the charset', () => {
  it('is reported for the operator to compare', async () => {
    expect(await about('listeners.esp.charset', { esp: '{ port: 0, charset: windows-1251 }' })).toEqual({
      about: 'listeners.esp.charset',
      state: 'good',
      text: 'type 0 strings are windows-1251: Interaction Server and its clients must use the same charset',
    });
  });
});

it('everything is examined, in a fixed order', async () => {
  const prepared = await config({ more: ', http: { port: 0, token: 0123456789abcdef }' });
  const warnings = [{ file: 'config.yaml', line: 3, column: 5, message: 'channels.a is old' }];
  const found = await all(examine({ prepared: { ...prepared, warnings } }));
  expect(found.map(({ about: what, state }) => [what, state])).toEqual([
    ['config.yaml:3:5', 'warning'],
    ['listeners.esp.port', 'good'],
    ['listeners.http.port', 'good'],
    ['listeners.esp.charset', 'good'],
    ['plugins', 'good'],
  ]);
  expect(found[0]?.text).toBe('channels.a is old');
});

describe('plugins', () => {
  it('are stopped after they were checked', async () => {
    const events: string[] = [];
    const definition = {
      ...pluginOf('A', 'Ask', () => ({})),
      start: () => void events.push('start'),
      stop: () => void events.push('stop'),
      async *check(): AsyncGenerator<Finding> {
        events.push('check');
        yield { about: 'the moon', state: 'good', text: 'is new' };
      },
    };
    const plugins = [{ use: 'a', definition, options: {} }];
    const found = await all(examine({ prepared: { ...(await config({})), plugins } }));
    expect(found.at(-1)).toEqual({ about: 'the moon', state: 'good', text: 'is new' });
    expect(events).toEqual(['start', 'check', 'stop']);
  });

  it('are started, and their methods listed', async () => {
    expect(await about('plugins', {})).toEqual({
      about: 'plugins',
      state: 'good',
      text: expect.stringMatching(/^started, with the methods: Greeting\.\w+/),
    });
  });

  it.each<[string[], string]>([
    [[], 'none'],
    [['A', 'B'], 'A.Ask, B.Ask'],
  ])('are listed with their methods, of the services %j', async (services, methods) => {
    const definitions = services.map((service) => pluginOf(service, 'Ask', () => ({})));
    const plugins = definitions.map((definition) => ({ use: definition.name, definition, options: {} }));
    const found = await all(examine({ prepared: { ...(await config({})), plugins } }));
    expect(found.at(-1)?.text).toBe(`started, with the methods: ${methods}`);
  });

  it('that do not start are trouble, and the last that is found', async () => {
    const {
      plugins: [plugin],
      ...rest
    } = await config({});
    if (plugin === undefined) throw new Error('the config has a plugin');
    const start = (): never => {
      throw new Error('no database');
    };
    const broken = { ...plugin, definition: { ...plugin.definition, bind: start } };
    const found = await all(examine({ prepared: { ...rest, plugins: [broken] } }));
    expect(found.at(-1)).toEqual({
      about: 'plugins',
      state: 'trouble',
      text: expect.stringContaining('no database'),
      advice: 'see what the plugin reports, and check its options and channels',
    });
  });
});

describe('a certificate', () => {
  const DAY_MS = 86_400_000;
  const tls = '{ port: 0, tls: { certificate: host.pem, key: host.key, clientCa: clients.pem } }';

  it('is checked, and each authority, with the end of its validity', async () => {
    const found = (await findings({ esp: tls })).filter((one) => one.about.includes('.tls.'));
    expect(found.map((one) => [one.about, one.state])).toEqual([
      ['listeners.esp.tls.certificate', 'good'],
      ['listeners.esp.tls.clientCa', 'good'],
      ['listeners.esp.tls.clientCa', 'good'],
    ]);
    expect(found.map((one) => one.text)).toEqual([
      expect.stringMatching(/^CN=localhost is valid until .* GMT \(\d+ days\)$/),
      expect.stringMatching(/^CN=interaction-server is valid until/),
      expect.stringMatching(/^CN=localhost is valid until/),
    ]);
  });

  it.each([
    [-2, 'trouble', /is not valid before/, /^use a certificate that is valid today/],
    [345, 'warning', /is valid until .* \((19|20) days\)/, /^replace the certificate/],
    [400, 'trouble', /expired on/, /^replace the certificate/],
  ])('%i days from its beginning is %s', async (days, state, text, advice) => {
    const prepared = await config({ esp: tls });
    const [first] = examineCertificates(prepared, Date.now() + days * DAY_MS);
    expect(first).toMatchObject({ state, text: expect.stringMatching(text), advice: expect.stringMatching(advice) });
  });
});

it('the certificates of all listeners are checked', async () => {
  const { tls } = await config({ esp: '{ port: 0, tls: { certificate: host.pem, key: host.key } }' });
  const prepared = { tls, httpTls: tls, webhooksTls: tls } as Awaited<ReturnType<typeof config>>;
  expect([...examineCertificates(prepared)].map((one) => one.about)).toEqual([
    'listeners.esp.tls.certificate',
    'listeners.http.tls.certificate',
    'listeners.webhooks.tls.certificate',
  ]);
  expect([...examineCertificates({ ...prepared, tls: undefined, webhooksTls: undefined })]).toHaveLength(1);
});

describe('the days of a certificate', () => {
  it('start with its first second', async () => {
    const prepared = await config({ esp: '{ port: 0, tls: { certificate: host.pem, key: host.key } }' });
    const begin = Date.parse(new X509Certificate(prepared.tls?.certificate ?? '').validFrom);
    const states = [begin - 1, begin].map((now) => [...examineCertificates(prepared, now)][0]?.state);
    expect(states).toEqual(['trouble', 'good']);
  });

  const DAY_MS = 86_400_000;

  it.each([
    [30, 0, 'good'],
    [30, 1, 'warning'],
    [0, 0, 'warning'],
    [0, 1, 'trouble'],
  ])('%i days less %i ms before its end: %s', async (days, ms, state) => {
    const prepared = await config({ esp: '{ port: 0, tls: { certificate: host.pem, key: host.key } }' });
    const [{ text } = { text: '' }] = examineCertificates(prepared);
    const end = Date.parse(/until (.*GMT)/.exec(text)?.[1] ?? '');
    const [first] = examineCertificates(prepared, end - days * DAY_MS + ms);
    expect(first?.state).toBe(state);
  });
});

describe('Interaction Server', () => {
  it.each([
    ['below', 9999, 'warning'],
    ['at', 10_000, 'warning'],
    ['over', 10_001, 'good'],
  ])('has a timeout %s the deadline of the host', async (_what, timeoutMs, state) => {
    const prepared = await config({});
    const [first] = await all(examineInteractionServer(prepared, { host: '127.0.0.1', port: 1, timeoutMs }));
    const { file: path } = prepared.loaded;
    expect(first).toEqual(
      state === 'good'
        ? {
            ...{ about: 'Interaction Server 127.0.0.1:1', state },
            text: 'third-party-server-timeout is longer than limits.deadlineMs (10000 ms)',
          }
        : {
            ...{ about: `${path}:1:1`, state },
            text: `limits.deadlineMs is 10000 ms: Interaction Server gives up after ${timeoutMs} ms, before the host answers`,
            advice: `write less than ${timeoutMs} there, or raise third-party-server-timeout of Interaction Server`,
          },
    );
  });

  async function running(type: number) {
    const server = await Server.start({ prepared: await config({}), logger: new LogLines().logger });
    ends.push(() => server.stop());
    const applications = [{ name: 'DMS', type, address: server.address }];
    const interactionServer = await startInteractionServer({ applications, logger: new LogLines().logger } as never);
    ends.push(() => interactionServer.close());
    await until(() => interactionServer.isConnected('DMS'));
    return { host: '127.0.0.1', port: interactionServer.port };
  }

  const states = (all: readonly Finding[]) =>
    all.filter((one) => one.about.startsWith('Interaction Server')).map((one) => [one.about.split(', ')[1], one.state]);

  it('is good if its requests reach the host by name and by type', async () => {
    const all = await findings({}, await running(171));
    expect(states(all)).toEqual([
      ['AppName DMS', 'good'],
      ['AppType 171', 'good'],
    ]);
    expect(all.at(-1)?.text).toBe('requests reach the host');
  });

  it('is reached over TLS, with client certificates', async () => {
    const { server, client } = await certificates();
    const { port } = await running(171);
    const front = createTlsServer({
      cert: server.certificate,
      key: server.key,
      ca: client.certificate,
      requestCert: true,
    });
    front.on('secureConnection', (socket) => socket.pipe(connect(port, '127.0.0.1')).pipe(socket));
    front.on('tlsClientError', () => undefined);
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    ends.push(() => front.close());
    const at = { host: '127.0.0.1', port: (front.address() as { port: number }).port };
    const tls = { ca: server.certificate, ...client };
    expect(states(await findings({}, { ...at, tls })).map(([, state]) => state)).toEqual(['good', 'good']);
    const [without] = (await findings({}, at)).filter((one) => one.about.startsWith('Interaction Server'));
    expect(without).toMatchObject({ state: 'trouble', advice: expect.stringMatching(/add --tls or --tls-ca$/) });
    const distrusted = await findings({}, { ...at, tls: {} });
    expect(distrusted.at(-1)).toMatchObject({ state: 'trouble', text: expect.stringMatching(/trusted authority/) });
  });

  it('is trouble if one of them does not', async () => {
    const all = await findings({}, await running(64));
    expect(states(all)).toEqual([
      ['AppName DMS', 'good'],
      ['AppType 171', 'trouble'],
    ]);
    expect(all.at(-1)?.text).toMatch(/^another server answered: 902 /);
    expect(all.at(-1)?.advice).toMatch(/^check that the host runs, /);
  });

  it.each<[string, (message: EspMessage) => EspMessage, string]>([
    [
      'a response',
      ({ referenceId }) => ({
        messageId: MessageId.Event3rdServerResponse,
        referenceId,
        request: undefined,
        userData: undefined,
      }),
      'another server answered: a response',
    ],
    [
      'another fault',
      (message) => faultTo(new EspRequest(message), 171, new EspFault(777, 'no such thing')),
      'another server answered: 777 no such thing',
    ],
  ])('is trouble if it answers with %s', async (_name, answer, text) => {
    let isClosed = false;
    const server = createServer((socket) => {
      const reader = new FrameReader(
        {
          body: (bytes, start, end) =>
            socket.write(encodeMessage(answer(decodeBody(bytes, start, end, charset())), charset())),
          addp: () => undefined,
        },
        1 << 20,
      );
      socket
        .on('data', (chunk: Buffer) => reader.push(chunk))
        .on('end', () => {
          isClosed = true;
        });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const { port } = server.address() as { port: number };
    const found = (await findings({}, { host: '127.0.0.1', port })).filter((one) => /^Interaction/.test(one.about));
    const finding = { state: 'trouble', text, advice: expect.stringMatching(/^check that the host runs, .*\.esp$/) };
    expect(found).toEqual([
      { about: `Interaction Server 127.0.0.1:${port}, AppName DMS`, ...finding },
      { about: `Interaction Server 127.0.0.1:${port}, AppType 171`, ...finding },
    ]);
    await until(() => isClosed);
  });

  it('over TLS is trouble if it does not answer, without advice about TLS', async () => {
    const { server } = await certificates();
    const silent = createTlsServer({ cert: server.certificate, key: server.key }, (socket) => {
      socket.on('error', () => undefined).once('data', () => socket.destroy());
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    ends.push(() => silent.close());
    const { port } = silent.address() as { port: number };
    const at = { host: '127.0.0.1', port, tls: { ca: server.certificate } };
    const [finding] = (await findings({}, at)).filter((one) => one.about.startsWith('Interaction Server'));
    expect(finding).toMatchObject({ state: 'trouble', text: expect.stringContaining(`127.0.0.1:${port} was lost`) });
    expect(finding?.advice).toMatch(/^check that the host runs, .* are those of listeners\.esp$/);
  });

  it('is trouble if it cannot be reached', async () => {
    const [finding] = (await findings({}, { host: '127.0.0.1', port: 1 })).filter((one) => /^Inter/.test(one.about));
    expect(finding).toMatchObject({
      state: 'trouble',
      text: expect.stringMatching(/^cannot connect to 127.0.0.1:1/),
      advice: 'start it, or correct --interaction-server and the --tls options',
    });
  });
});
