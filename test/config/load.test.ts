import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  Application,
  Channels,
  type ChannelType,
  defineChannel,
  e164,
  filePath,
  type LoadedFile,
  loadConfig,
  loadYaml,
  nearest,
  parseConfig,
  parseYaml,
  pemFile,
  Secret,
  secret,
} from '../../src/config/index.js';
import { folder as newFolder, removeFolders } from '../support/files.js';

afterAll(removeFolders);

it('a config with only a name has the documented defaults', () => {
  expect(parseConfig('application: { name: DMS }').config).toEqual({
    application: { name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' },
    channels: {},
    plugins: [],
    listeners: { esp: { host: '127.0.0.1', port: 7120, charset: 'utf-8' } },
    limits: {
      deadlineMs: 10_000,
      drainMs: 10_000,
      inFlight: 10_000,
      inFlightPerConnection: 1000,
      connections: 1000,
      messageBytes: 16_777_216,
      bufferedBytes: 134_217_728,
      listDepth: 128,
      listEntries: 100_000,
      frameMs: 10_000,
      firstRequestMs: 60_000,
    },
    logging: { level: 'info', format: 'text', phoneNumbers: 'masked' },
  });
});

it('an HTTP listener has the documented defaults', () => {
  const { http } = parseConfig('application: { name: A }\nlisteners: { http: { token: 0123456789abcdef } }').config
    .listeners;
  expect(http).toMatchObject({ host: '127.0.0.1', port: 7180 });
});

describe('the environment', () => {
  const port = (text: string, env: NodeJS.ProcessEnv) =>
    parseConfig(`application: { name: "\${NAME:-DMS}" }\nlisteners:\n  esp:\n    port: ${text}\n`, 'c', env).config;

  it('is converted if a number is expected', () => {
    expect(port('"${PORT}"', { PORT: '7999' }).listeners.esp.port).toBe(7999);
    expect(port('${PORT:-7121}', {}).listeners.esp.port).toBe(7121);
  });

  it.each<[string, unknown]>([
    ['true', true],
    ['false', false],
    ['-2.5', -2.5],
    ['12.25', 12.25],
    ['', 'must be true or false'],
    ['True', 'must be true or false'],
    ['truely', 'must be true or false'],
    ['untrue', 'must be true or false'],
    ['1.', 'must be a number'],
    ['1x', 'must be a number'],
    ['x1', 'must be a number'],
    ['1.x', 'must be a number'],
  ])('%j is converted to the expected type: %s', (value, read) => {
    const wanted = typeof read === 'number' || String(read).includes('number') ? z.number() : z.boolean();
    const config = parseConfig(
      'application: { name: DMS }\nplugins: [{ use: x, options: { on: "${ON:-}" } }]\n',
      'config.yaml',
      { ON: value },
    );
    const on = () => config.validate(['plugins', 0, 'options'], z.strictObject({ on: wanted })).on;
    if (typeof read === 'string') expect(on).toThrow(`plugins[0].options.on ${read}`);
    else expect(on()).toBe(read);
  });

  it('stays a string if a string is expected, next to converted values', () => {
    const config = parseConfig(
      'application: { name: DMS }\nplugins: [{ use: x, options: { a: "${A}", b: ["${B}"], c: "true" } }]\n',
      'config.yaml',
      { A: 'true', B: '2' },
    );
    const options = (schema: z.ZodType) => config.validate(['plugins', 0, 'options'], schema);
    const texts = z.strictObject({ a: z.string(), b: z.array(z.string()), c: z.string() });
    expect(options(texts)).toEqual({ a: 'true', b: ['2'], c: 'true' });
    const others = z.strictObject({ a: z.boolean(), b: z.array(z.int()), c: z.string() });
    expect(options(others)).toEqual({ a: true, b: [2], c: 'true' });
    // What stands in the file itself is not read as something else.
    expect(() => options(z.strictObject({ a: z.boolean(), b: z.array(z.int()), c: z.boolean() }))).toThrow(
      'plugins[0].options.c must be true or false',
    );
  });

  it('stays a string if a string is expected', () => {
    expect(port('1', { NAME: '00123' }).application.name).toBe('00123');
  });

  it('is converted once if two schemas check the value', () => {
    const config = parseConfig(
      'application: { name: DMS }\nplugins: [{ use: x, options: { on: "${ON}", n: "${N}" } }]\n',
      'config.yaml',
      { ON: 'true', N: '5' },
    );
    const schema = z.object({ on: z.boolean().and(z.boolean()), n: z.number().and(z.int()) });
    expect(config.validate(['plugins', 0, 'options'], schema)).toEqual({ on: true, n: 5 });
  });

  it('is not used in keys', () => {
    const config = parseConfig(
      'application: { name: DMS }\nplugins: [{ use: x, options: { "${A}": 1 } }]\n',
      'config.yaml',
      { A: 'a' },
    );
    expect(config.given(['plugins', 0, 'options'])).toEqual({ '${A}': 1 });
  });

  it('uses the default if it is empty, and $${ is ${', () => {
    expect(port('1', { NAME: '' }).application.name).toBe('DMS');
    expect(parseConfig('application: { name: "$${NAME}" }', 'c', {}).config.application.name).toBe('${NAME}');
  });
});

describe('a secret', () => {
  it('never shows', () => {
    const hidden = { password: new Secret('hunter2') };
    expect(`${hidden.password}`).toBe('[secret]');
    expect(JSON.stringify(hidden)).toBe('{"password":"[secret]"}');
    expect(inspect(hidden)).toBe('{ password: [secret] }');
    expect(hidden.password.reveal()).toBe('hunter2');
  });

  it('may be in a file, with a path relative to the config', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'password.txt'), 'hunter2\n');
    writeFileSync(
      join(folder, 'config.yaml'),
      'application: { name: DMS }\nplugins: [{ use: x, options: { password: { file: password.txt }, ca: ca.pem } }]\n',
    );
    const schema = z.strictObject({ password: secret(), ca: filePath() });
    const options = loadConfig(join(folder, 'config.yaml')).validate(['plugins', 0, 'options'], schema);
    expect(options.password.reveal()).toBe('hunter2');
    expect(options.ca).toBe(join(folder, 'ca.pem'));
  });
});

it.each([
  ['hunter2', 'hunter2'],
  ['hunter2\n', 'hunter2'],
  ['hunter2\r\n', 'hunter2'],
  ['hunter2\n\n', 'hunter2\n'],
  ['two\nlines\n', 'two\nlines'],
])('the file of a secret may end with a line break: %j', (content, revealed) => {
  const path = join(newFolder(), 'secret.txt');
  writeFileSync(path, content);
  expect(secret().parse({ file: path }).reveal()).toBe(revealed);
});

describe('a phone number', () => {
  it.each([
    ['+1234567', true],
    ['+123456789012345', true],
    ['+123456', false],
    ['+1234567890123456', false],
    ['+0123456789', false],
    ['1234567', false],
    ['x+1234567', false],
    ['+1234567x', false],
  ])('is a plus and 7 to 15 digits: %s', (text, valid) => expect(e164().safeParse(text).success).toBe(valid));
});

describe('a PEM file', () => {
  const folder = newFolder();
  const config = join(folder, 'config.yaml');
  const options = (name: string) => {
    writeFileSync(config, `application: { name: DMS }\nplugins: [{ use: x, options: { ca: ${name} } }]\n`);
    return loadConfig(config).validate(['plugins', 0, 'options'], z.strictObject({ ca: pemFile() }));
  };

  it('returns its text', () => {
    writeFileSync(join(folder, 'ca.pem'), 'the text');
    expect(options('ca.pem')).toEqual({ ca: 'the text' });
  });

  it('that cannot be read is reported with its path', () => {
    const path = join(folder, 'none.pem');
    expect(() => options('none.pem')).toThrow(`${config}:2:36: plugins[0].options.ca cannot be read (ENOENT): ${path}`);
  });
});

it('an application has the values of the config', () => {
  const { application } = parseConfig('application: { name: A, type: 23, tenant: B, addressing: strict }').config;
  expect(new Application(application)).toEqual({ name: 'A', type: 23, tenant: 'B', addressing: 'strict' });
});

it('the file of a secret that cannot be read is reported with its path', () => {
  const config = parseConfig(
    'application: { name: DMS }\nplugins: [{ use: x, options: { pin: { file: /nowhere/pin } } }]\n',
  );
  expect(() => config.validate(['plugins', 0, 'options'], z.strictObject({ pin: secret() }))).toThrow(
    /:2:45: plugins\[0\]\.options\.pin\.file cannot be read \(ENOENT\): \/nowhere\/pin$/,
  );
});

describe('the files of a config', () => {
  const schema = z.strictObject({ ca: filePath(), token: secret() });

  function loaded() {
    const folder = newFolder();
    const files = ['config.yaml', 'ca.pem', 'token.txt'].map((name) => join(folder, name));
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    write('token.txt', 'hunter2');
    write(
      'config.yaml',
      'application: { name: DMS }\nplugins: [{ use: x, options: { ca: ca.pem, token: { file: token.txt } } }]\n',
    );
    const read = () => {
      const config = loadConfig(join(folder, 'config.yaml'));
      config.validate(['plugins', 0, 'options'], schema);
      return config;
    };
    return { read, write, files };
  }

  it('are the config and the files that its values name', () => {
    const { read, files } = loaded();
    expect(read().files).toEqual(files);
  });

  it('change the fingerprint of the parts that name them', () => {
    const { read, write } = loaded();
    const prints = () => [read().fingerprint(['plugins']), read().fingerprint(['application', 'limits'])];
    const [plugins, others] = prints();
    expect(plugins).toMatch(/^[0-9a-f]{64}$/);
    expect(prints()).toEqual([plugins, others]);
    write('token.txt', 'hunter3');
    const [changed] = prints();
    expect(changed).not.toBe(plugins);
    expect(prints()).toEqual([changed, others]);
    write('ca.pem', '');
    expect(prints()).toEqual([changed, others]);
    write('ca.pem', 'ca');
    expect(prints()[0]).not.toBe(changed);
  });

  it('change the fingerprint if text moves from one to the other', () => {
    const { read, write } = loaded();
    const print = (ca: string, token: string) => {
      write('ca.pem', ca);
      write('token.txt', token);
      return read().fingerprint(['plugins']);
    };
    expect(print('ab', 'c')).not.toBe(print('a', 'bc'));
  });

  it('leave other fingerprints unchanged', () => {
    const print = (text: string) => parseConfig(text, 'config.yaml', {}).fingerprint(['application', 'limits']);
    const before = print('application: { name: DMS }\n');
    expect(print('# a comment\napplication:\n  name: DMS\nlogging: { level: debug }\n')).toBe(before);
    expect(print('application: { name: DMS, type: 23 }\n')).not.toBe(before);
    expect(print('application: { name: DMS }\nlimits: { drainMs: 5 }\n')).not.toBe(before);
  });
});

it('the nearest word can have an added, missing, changed or swapped letter', () => {
  expect(nearest('a', ['a'])).toBe('a');
  expect(nearest('prot', ['host', 'port'])).toBe('port');
  expect(nearest('prts', ['ports'])).toBe('ports');
  expect(nearest('portss', ['ports'])).toBe('ports');
  expect(nearest('PORT', ['port'])).toBe('port');
  // Two changes in four letters are too many, and these are no swaps.
  for (const [word, other] of [
    ['aaab', 'aabc'],
    ['aaab', 'aaca'],
    ['abcd', 'abef'],
  ] as const) {
    expect(nearest(word, [other])).toBeUndefined();
  }
  expect(nearest('levle', ['lev', 'leve', 'level'])).toBe('leve');
});

it('all documented choices are allowed', () => {
  const text = `application: { name: DMS, addressing: strict }
logging: { level: debug, format: json, phoneNumbers: shown }
limits: { messageBytes: 16380, bufferedBytes: 65536 }
listeners: { http: { host: 0.0.0.0, port: 0, token: 0123456789abcdef }, metrics: { enabled: false } }
`;
  const { logging, limits, listeners, application } = parseConfig(text).config;
  expect(application.addressing).toBe('strict');
  expect(logging).toEqual({ level: 'debug', format: 'json', phoneNumbers: 'shown' });
  expect(limits).toMatchObject({ messageBytes: 16_380, bufferedBytes: 65_536 });
  expect(listeners.http).toMatchObject({ host: '0.0.0.0', port: 0 });
  expect(listeners.metrics).toEqual({ enabled: false, host: '127.0.0.1', port: 7190 });
});

describe('a problem that a caller reports', () => {
  const path = join(newFolder(), 'codes.yaml');
  writeFileSync(path, 'codes: { 904: emial, other: { a: x } }\n');
  const codes = z.strictObject({ codes: z.record(z.string(), z.unknown()) });
  const said = (...problem: Parameters<LoadedFile<unknown>['problem']>): string =>
    loadYaml(path, codes)
      .problem(...problem)
      .message.replace(path, '');

  it('is reported at the value, also for a numeric key', () => {
    expect(said(['codes', '904'], 'is wrong')).toBe(':1:15: codes.904 is wrong');
    expect(said(['codes', 'other', 'a'], 'is wrong')).toBe(':1:34: codes.other.a is wrong');
    expect(said(['codes', 'other', 'b', 0], 'is missing')).toBe(':1:29: codes.other.b[0] is missing');
  });

  it('does not compare long words', () => {
    const long = 'x'.repeat(1_000_000);
    expect(nearest(long, [long, 'x'])).toBeUndefined();
    expect(nearest('servce', [long, 'service'])).toBe('service');
  });

  it('suggests the choice nearest to the value, or to a word', () => {
    expect(said(['codes', '904'], 'is wrong', ['sms', 'email'])).toBe(':1:15: codes.904 is wrong; did you mean email?');
    expect(said(['codes', '904'], 'is wrong', ['sms', 'email'], 'sns')).toContain('; did you mean sms?');
    expect(said(['codes', '904'], 'is wrong', ['sms', 'email'], 'fax!')).toBe(':1:15: codes.904 is wrong');
  });
});

describe('keys are suggested', () => {
  const inner = z.strictObject({ empty: z.boolean() });
  const when = '{ empty: true, emtpy: true }';

  it.each<[string, z.ZodType, string, string]>([
    ['behind a preprocessed value', z.preprocess((value) => value, inner), when, 'when.emtpy'],
    ['before a transform', inner.transform((value) => value), when, 'when.emtpy'],
    ['in an optional value with a default', inner.optional().default({ empty: true }), when, 'when.emtpy'],
    ['behind a lazy schema', z.lazy(() => inner), when, 'when.emtpy'],
    [
      'that a preprocessing adds',
      z.preprocess(() => ({ a: { b: { emtpy: 1 } } }), z.strictObject({ a: z.strictObject({ b: inner }) })),
      'x',
      'when.a.b.emtpy',
    ],
    [
      'in an intersection',
      z.looseObject({ a: z.unknown() }).and(z.object({ b: inner })),
      `{ b: ${when} }`,
      'when.b.emtpy',
    ],
    ['in a map', z.record(z.string(), inner), `{ a: ${when} }`, 'when.a.emtpy'],
    ['in a list', z.array(inner), `[${when}]`, 'when[0].emtpy'],
    ['in a list of maps', z.array(z.record(z.string(), inner)), `[{ a: ${when} }]`, 'when[0].a.emtpy'],
  ])('%s', (_name, schema, text, key) => {
    expect(() => parseYaml(`when: ${text}\n`, 'f', z.strictObject({ when: schema }))).toThrow(
      `unknown key ${key}: did you mean empty?`,
    );
  });

  it('unless there are none', () => {
    const none = z.strictObject({ a: z.strictObject({}) });
    expect(() => parseYaml('a: { d: 5 }\n', 'f', none)).toThrow('unknown key a.d: no keys are allowed here');
  });
});

it('mistakes that a caller finds are reported each at its value', () => {
  const file = parseYaml('a:\n  b: 1\n  c: [2, 3]\n', 'f.yaml', z.unknown());
  const error = file.mistakes(
    ['a'],
    [
      { path: ['c', 1], message: 'is odd' },
      { path: ['d', 'e'], message: 'is missing' },
    ],
  );
  expect(error.message).toBe('f.yaml:3:10: a.c[1] is odd\nf.yaml:2:3: a.d.e is missing');
  expect(error.problems).toMatchObject([
    { code: 'ESP_CONFIG_INVALID_VALUE', line: 3, column: 10 },
    { code: 'ESP_CONFIG_INVALID_VALUE', line: 2, column: 3 },
  ]);
});

it('a file that cannot be read is reported with the reason', () => {
  const at = newFolder();
  expect(() => loadConfig(join(at, 'none.yaml'))).toThrow(
    `${join(at, 'none.yaml')}:1:1: no such file: create it, or name another`,
  );
  expect(() => loadConfig(at)).toThrow(`${at}:1:1: cannot be read: EISDIR`);
});

describe('channels', () => {
  const problem = () => new Error();
  const channels = new Channels([
    { name: 'chatbot', type: 'whatsapp', settings: {}, problem },
    { name: 'channel-sales', type: 'sms', settings: {}, problem },
  ]);

  it.each([
    ['chatbot', 'chatbot'],
    ['channel-chatbot', 'chatbot'],
    ['sales', 'channel-sales'],
    ['channel-sales', 'channel-sales'],
    ['Chatbot', undefined],
    ['', undefined],
  ])('%j is found as %j', (name, found) => expect(channels.find(name)?.name).toBe(found));

  it('are listed by type', () => {
    const names = (type?: string | ChannelType) =>
      (type === undefined ? channels.list() : channels.list(type)).map(({ name }) => name);
    expect(names()).toEqual(['chatbot', 'channel-sales']);
    expect(names('sms')).toEqual(['channel-sales']);
    expect(names(defineChannel(z.strictObject({ type: z.literal('whatsapp') })))).toEqual(['chatbot']);
    expect(names('fax')).toEqual([]);
  });
});
