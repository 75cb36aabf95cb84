import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import { ConfigError, loadConfig, parseConfig, secret } from '../../src/config/index.js';

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

/** The problems of a config, one line each. */
function said(text: string, env: NodeJS.ProcessEnv = {}): string[] {
  try {
    parseConfig(text, 'config.yaml', env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}

const good = 'application: { name: DMS }\n';

describe('a wrong config', () => {
  it.each<[string, string, string[]]>([
    ['unknown key at the top', `${good}limit: {}\n`, ['config.yaml:2:1: unknown key limit: did you mean limits?']],
    [
      'a password that begins with *, read as an alias',
      `${good}plugins:\n  - use: x\n    options: { keys: [a, *secret], b: *c }\n`,
      [
        'config.yaml:4:26: plugins[0].options.keys[1] is an undefined YAML alias: quote a string that begins with *',
        'config.yaml:4:39: plugins[0].options.b is an undefined YAML alias: quote a string that begins with *',
      ],
    ],
    [
      'an alias of what there is',
      'application: { name: &name DMS }\nplugins: [{ use: *name }]\nlimits: { inFlight: *name }\n',
      ['config.yaml:3:21: limits.inFlight must be a number, not "DMS"'],
    ],
    [
      'unknown key further down',
      `${good}listeners:\n  esp:\n    host: 127.0.0.1\n    prot: 7120\n`,
      ['config.yaml:5:5: unknown key listeners.esp.prot: did you mean port?'],
    ],
    [
      'unknown key like no other',
      `${good}logging: { colour: red }\n`,
      ['config.yaml:2:12: unknown key logging.colour: known keys are level, format, phoneNumbers'],
    ],
    [
      'wrong choice',
      'application:\n  name: DMS\n  addressing: lenent\n',
      ['config.yaml:3:15: application.addressing must be lenient or strict, not "lenent"; did you mean lenient?'],
    ],
    [
      'text for a number',
      `${good}limits:\n  deadlineMs: soon\n`,
      ['config.yaml:3:15: limits.deadlineMs must be a number, not "soon"'],
    ],
    [
      'number out of range',
      `${good}listeners: { esp: { port: 70000 } }\n`,
      ['config.yaml:2:27: listeners.esp.port must be at most 65535, not 70000'],
    ],
    [
      'fraction for a whole number',
      `${good}limits: { inFlight: 1.5 }\n`,
      ['config.yaml:2:21: limits.inFlight must be a whole number, not 1.5'],
    ],
    [
      'text in place of a path',
      `${good}listeners: { esp: { tls: { certificate: "-----BEGIN\\n", key: k } } }\n`,
      ['config.yaml:2:41: listeners.esp.tls.certificate must be the path of a file, not its content'],
    ],
    [
      'too few bytes for buffers',
      `${good}limits: { messageBytes: 16380, bufferedBytes: 65535 }\n`,
      ['config.yaml:2:47: limits.bufferedBytes must be at least 65536, not 65535'],
    ],
    [
      'buffers for less than four messages',
      `${good}limits: { messageBytes: 16385, bufferedBytes: 65539 }\n`,
      ['config.yaml:2:47: limits.bufferedBytes must be at least 4 times limits.messageBytes'],
    ],
    [
      'long value',
      `${good}logging: { level: ${'x'.repeat(50)} }\n`,
      [`config.yaml:2:19: logging.level must be error or warn or info or debug, not "${'x'.repeat(39)}...`],
    ],
    [
      'phone number with more behind it',
      `${good}channels: { w: { type: whatsapp, phoneNumber: "+919876543210x" } }\n`,
      [
        'config.yaml:2:47: channels.w.phoneNumber must be a phone number in E.164, such as "+919876543210", not "+919876543210x"',
      ],
    ],
    ['zero', `${good}limits: { inFlight: 0 }\n`, ['config.yaml:2:21: limits.inFlight must be at least 1, not 0']],
    [
      'missing key',
      'application:\n  type: 171\n',
      ['config.yaml:2:3: application.name is missing: it must be the AppName of the application'],
    ],
    ['missing block', 'logging: { level: info }\n', ['config.yaml:1:1: application is missing: it must be a mapping']],
    [
      'missing block behind a comment',
      '# To do\n  logging: { level: info }\n',
      ['config.yaml:1:1: application is missing: it must be a mapping'],
    ],
    [
      'phone number that YAML reads as a number',
      `${good}channels:\n  whatsapp:\n    type: whatsapp\n    phoneNumber: +919876543210\n`,
      [
        'config.yaml:5:18: channels.whatsapp.phoneNumber must be a phone number in quotes, such as "+919876543210", not 919876543210',
      ],
    ],
    [
      'invalid phone number',
      `${good}channels: { w: { type: whatsapp, phoneNumber: "09876543210" } }\n`,
      [
        'config.yaml:2:47: channels.w.phoneNumber must be a phone number in E.164, such as "+919876543210", not "09876543210"',
      ],
    ],
    [
      'one channel twice',
      `${good}channels:\n  chatbot: { type: whatsapp }\n  channel-chatbot: { type: whatsapp }\n`,
      ['config.yaml:4:20: channels.channel-chatbot is the same channel as chatbot: the prefix channel- is ignored'],
    ],
    [
      'unknown charset',
      `${good}listeners: { esp: { charset: klingon } }\n`,
      ['config.yaml:2:30: listeners.esp.charset must be a charset, such as utf-8, windows-1251, gb18030 or shift_jis'],
    ],
    [
      'certificate without key',
      `${good}listeners:\n  esp:\n    tls:\n      certificate: host.pem\n`,
      ['config.yaml:5:7: listeners.esp.tls.key is missing: it must be a string'],
    ],
    [
      'names of clients without their authority',
      `${good}listeners:\n  esp:\n    tls: { certificate: a, key: b, clientNames: [ixn] }\n`,
      [
        'config.yaml:4:49: listeners.esp.tls.clientNames must be used with clientCa: names count only in certificates of that authority',
      ],
    ],
    ['list for a block', `${good}limits: [1, 2]\n`, ['config.yaml:2:9: limits must be a mapping']],
    [
      'text for a list',
      `${good}plugins: ./plugins/messaging\n`,
      ['config.yaml:2:10: plugins must be a list, not "./plugins/messaging"'],
    ],
    [
      'variable that is not set',
      `${good}listeners: { esp: { host: "\${ESP_ADDRESS}" } }\n`,
      [
        'config.yaml:2:27: listeners.esp.host uses the environment variable ESP_ADDRESS, which is not set: set it, or write ${ESP_ADDRESS:-default}',
      ],
    ],
    ['list at the top', '- application\n', ['config.yaml:1:1: must be a mapping, such as application: { name: DMS }']],
    ['nothing', '', ['config.yaml:1:1: is empty: it needs content such as application: { name: DMS }']],
    [
      'two mistakes',
      'application: { name: DMS, kind: 171 }\nlimits: { drainMs: -1 }\n',
      [
        'config.yaml:1:27: unknown key application.kind: known keys are name, type, tenant, addressing',
        'config.yaml:2:20: limits.drainMs must be at least 1, not -1',
      ],
    ],
  ])('%s', (_name, text, expected) => expect(said(text).sort()).toEqual(expected));

  it('with exponential aliases is not read', () => {
    const nested = Array.from(
      { length: 9 },
      (_, n) => `x${n + 1}: &a${n + 1} [${'*a'.concat(String(n), ', ').repeat(9)}]`,
    );
    expect(said(`${good}x0: &a0 [x]\n${nested.join('\n')}\n`)[0]).toMatch(
      /^config.yaml:1:1: is not valid YAML: Excessive alias count/,
    );
  });

  it.each([
    ['a tab', 'application:\n\tname: DMS\n', /^config.yaml:2:1: is not valid YAML: /],
    [
      'a key twice',
      'application: { name: DMS }\napplication: { name: X }\n',
      /^config.yaml:2:1: is not valid YAML: the key application is already in line 1: remove one of them$/,
    ],
    ['an open quote', 'application: { name: "DMS }\n', /^config.yaml:\d+:\d+: is not valid YAML: /],
  ])('with %s is reported with its position', (_name, text, line) => expect(said(text)[0]).toMatch(line));

  it.each([
    ['ESP_CONFIG_INVALID_YAML', 'application: {'],
    ['ESP_CONFIG_INVALID_YAML', '- application'],
    ['ESP_CONFIG_INVALID_YAML', `${good}plugins: *none`],
    ['ESP_CONFIG_MISSING_VARIABLE', 'application: { name: "${NAME}" }'],
    ['ESP_CONFIG_UNKNOWN_KEY', `${good}limit: {}`],
    ['ESP_CONFIG_MISSING_KEY', 'application: {}'],
    ['ESP_CONFIG_INVALID_VALUE', 'application: { name: 5 }'],
    ['ESP_CONFIG_INVALID_VALUE', `${good}channels: { a: { type: x }, channel-a: { type: x } }`],
  ])('has the code %s: %s', (code, text) => {
    expect(thrownBy(() => parseConfig(text, 'config.yaml', {}))).toMatchObject({
      name: 'ConfigError',
      code: 'ESP_CONFIG_INVALID',
      problems: [{ code, file: 'config.yaml' }],
    });
  });

  it('that does not exist has its own code', () => {
    expect(thrownBy(() => loadConfig('/nowhere/config.yaml'))).toMatchObject({
      problems: [{ code: 'ESP_CONFIG_UNREADABLE_FILE', line: 1, column: 1 }],
    });
  });

  it('never ends in anything but a ConfigError', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'application:',
        '\n',
        '  ',
        ' name: DMS',
        '- ',
        '${A}',
        '${',
        '&a ',
        '*a',
        '!!int ',
        '? ',
        '|',
        '{',
        ']',
        'limits: 5',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        said(pieces.join(''));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("a plugin's part", () => {
  const contacts = z.discriminatedUnion('driver', [
    z.strictObject({ driver: z.literal('on-premises'), url: z.url('must be a URL'), password: secret() }),
    z.strictObject({ driver: z.literal('number-plan') }),
  ]);
  const check = (text: string, env: NodeJS.ProcessEnv = {}): string => {
    const config = parseConfig(
      `${good}channels:\n  w:\n    type: whatsapp\n    contacts: ${text}\n`,
      'config.yaml',
      env,
    );
    try {
      config.validate(['channels', 'w'], z.looseObject({ contacts }));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each([
    [
      '{ driver: on-premise }',
      'config.yaml:5:25: channels.w.contacts.driver must be on-premises or number-plan, not "on-premise"; did you mean on-premises?',
    ],
    ['{ driver: number-plan, url: x }', 'config.yaml:5:38: unknown key channels.w.contacts.url: known keys are driver'],
    [
      '{ driver: on-premises, url: x, password: y }',
      'config.yaml:5:43: channels.w.contacts.url must be a URL, not "x"',
    ],
    [
      '{ driver: on-premises, url: "http://x", passwort: y, password: z }',
      'config.yaml:5:55: unknown key channels.w.contacts.passwort: did you mean password?',
    ],
    [
      '{ driver: on-premises, url: "http://x", password: 123 }',
      'config.yaml:5:65: channels.w.contacts.password must be a string, or { file: path }',
    ],
  ])('is checked with the same messages: %s', (text, expected) => expect(check(text)).toBe(expected));

  it('has the message of its schema', () => {
    const config = parseConfig(`${good}channels: { w: { type: a, n: 5 } }\n`);
    const message = (schema: z.ZodType) => {
      const error = thrownBy(() => config.validate(['channels', 'w', 'n'], schema));
      return (error as Error).message.replace('config.yaml:2:30: channels.w.n ', '');
    };
    expect(message(z.int().refine(() => false, 'no luck'))).toBe('is invalid: no luck');
    expect(message(z.int().refine(() => false, 'cannot be so'))).toBe('cannot be so');
    expect(message(z.strictObject({}))).toBe('must be a mapping, not 5');
    expect(message(z.array(z.int()))).toBe('must be a list, not 5');
  });

  it('does not show a string in place of a mapping or a URL', () => {
    const config = parseConfig(`${good}channels: { w: { type: a, n: "hunter2", u: "http://a@b" } }\n`);
    const message = (key: string, schema: z.ZodType) =>
      (thrownBy(() => config.validate(['channels', 'w', key], schema)) as Error).message;
    expect(message('n', z.strictObject({}))).toBe('config.yaml:2:30: channels.w.n must be a mapping');
    expect(message('n', z.record(z.string(), z.int()))).toBe('config.yaml:2:30: channels.w.n must be a mapping');
    expect(message('u', z.int())).toBe('config.yaml:2:44: channels.w.u must be a number');
  });

  it('says what the options of a union are', () => {
    const config = parseConfig(`${good}channels: { w: { type: a, n: [5] } }\n`);
    const message = (schema: z.ZodType, path: readonly PropertyKey[] = []) =>
      (thrownBy(() => config.validate(['channels', 'w', ...path], schema)) as Error).message.replace(/^[^ ]+ /, '');
    const of = (union: z.ZodType) => message(z.looseObject({ n: union }));
    expect(of(z.union([z.string(), z.int(), z.strictObject({})]))).toBe(
      'channels.w.n must be a string or a number or a mapping',
    );
    expect(message(z.union([z.string(), z.int()]), ['n'])).toBe('channels.w.n must be a string or a number');
    expect(of(z.union([z.array(z.string()), z.string()]))).toBe('channels.w.n is invalid: Invalid input');
    expect(of(z.union([z.string('cannot be so'), z.string()]))).toBe('channels.w.n is invalid: Invalid input');
    expect(of(z.union([z.string(), z.int()], 'must be a text'))).toBe('channels.w.n must be a text');
  });

  it('suggests what the options of a discriminated union allow, wherever it is', () => {
    const driver = z.discriminatedUnion('driver', [
      z.strictObject({ driver: z.enum(['postgres', 'mariadb']), host: z.string() }),
      z.strictObject({ driver: z.literal('memory') }),
    ]);
    const schema = z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('stored'), store: driver }),
      z.strictObject({ kind: z.literal('none') }),
    ]);
    const problem = (text: string, of: z.ZodType = schema) => {
      const config = parseConfig(`${good}plugins: [{ use: x, options: ${text} }]\n`);
      const error = thrownBy(() => config.validate(['plugins', 0, 'options'], of));
      return (error as Error).message.replace(/^.*plugins\[0\]\.options\./, '');
    };
    expect(problem('{ kind: stored, store: { driver: postgre } }')).toBe(
      'store.driver must be postgres or mariadb or memory, not "postgre"; did you mean postgres?',
    );
    expect(problem('{ kind: stored, store: { driver: mariadb, host: a, hots: b } }')).toBe(
      'store.hots: did you mean host?',
    );
    expect(problem('{ kind: stored, store: { driver: memory, host: b } }')).toBe('store.host: known keys are driver');
    expect(problem('{ kind: none, store: {} }')).toBe('store: known keys are kind');
    const added = z.preprocess(
      () => ({ a: { b: { store: { driver: 'memry' } } } }),
      z.strictObject({ a: z.strictObject({ b: z.strictObject({ store: driver }) }) }),
    );
    expect(problem('x', added)).toContain('a.b.store.driver is missing: it must be postgres or mariadb or memory');
    const only = z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('stored') })]);
    expect(problem('{ kind: store }', only)).toBe('kind must be stored, not "store"; did you mean stored?');
  });

  it('reports the file of a secret that cannot be read', () => {
    expect(check('{ driver: on-premises, url: "http://x", password: { file: none.txt } }')).toMatch(
      /^config.yaml:5:73: channels.w.contacts.password.file cannot be read \(ENOENT\): .*none.txt$/,
    );
  });

  it('never shows values from the environment', () => {
    expect(check('{ driver: on-premises, url: "${URL}", password: x }', { URL: 'hunter2' })).not.toContain('hunter2');
  });
});
