import { describe, expect, it } from '@jest/globals';
import { welcome } from '../../../mock-platform/platform/welcome.js';
import type { RunningPlatform } from '../../../mock-platform/runtime/index.js';

const address = (port: number, host = '127.0.0.1') => ({ host, port });

const stubs = (name: string, port: number) => ({ ...address(port), stubs: { application: { name } } });

/** A platform, of which the text reads only these parts. */
const platform = (more: object = {}) =>
  ({
    host: { methods: ['Billing.GetBalance', 'Billing.Pay'] },
    esp: address(7120),
    interactionServer: { ...address(7110), isConnected: (name: string) => name !== 'Off' },
    ...{ stubServers: [], upstreams: [], reloads: undefined, replay: undefined },
    prepared: { application: { name: 'DMS', type: 171 }, tls: undefined, httpTls: undefined },
    applications: [
      { name: 'DMS', address: 'host' },
      { name: 'Off', address: 'host' },
    ],
    ...more,
  }) as unknown as RunningPlatform;

const shown = (more?: object): string => welcome(platform(more), 'http://127.0.0.1:8080');
const commands = (more?: object): string[] =>
  shown(more)
    .split('\n')
    .filter((line) => line.includes('npx'))
    .map((line) => line.replace('  npx esp-host send ', ''));

describe('the text for the terminal', () => {
  it('says what runs where, and how to try it', () => {
    expect(shown()).toBe(`
  Host                127.0.0.1:7120, as DMS (type 171): Billing.GetBalance, Billing.Pay
  Interaction Server  127.0.0.1:7110, connected to DMS
  Stubs               none
  Console             http://127.0.0.1:8080

Try, in another terminal:

  npx esp-host send Billing GetBalance
  npx esp-host send Billing GetBalance --to 127.0.0.1:7110 --app-name DMS

Ctrl-C stops it all.
`);
  });

  it('has the stubs, the upstreams, and calls over HTTP', () => {
    const text = shown({
      host: { methods: [], httpAddress: address(7180) },
      stubServers: [stubs('Mail', 7121), stubs('Chat', 7122)],
      upstreams: [
        { name: 'plain', url: 'http://127.0.0.1:1', mock: {} },
        {
          name: 'own',
          url: 'http://127.0.0.1:2',
          mock: {
            summary: () => [
              ['Billing', 'at 2'],
              ['A title that is longer', 'x'],
            ],
          },
        },
      ],
      reloads: {},
    });
    expect(text).toContain(`, as DMS (type 171): none
  Calls over HTTP     http://127.0.0.1:7180/openapi.json, with the token of listeners.http
  Interaction Server `);
    expect(text).toContain(`
  Stubs               Mail (127.0.0.1:7121), Chat (127.0.0.1:7122)
  plain               http://127.0.0.1:1
  Billing             at 2
  A title that is longer  x
  Console `);
    expect(text).toMatch(
      /\nChanges to config\.yaml and plugin code are reloaded automatically\.\n\nCtrl-C stops it all\.\n$/,
    );
  });

  it('names the scheme of calls over HTTP', () => {
    const prepared = { application: { name: 'DMS', type: 171 }, httpTls: {} };
    const text = shown({ host: { methods: [], httpAddress: address(7180, '::1') }, prepared });
    expect(text).toContain('  https://[::1]:7180/openapi.json, ');
  });

  it('says that a replay answers only what was recorded', () => {
    const text = shown({ replay: 'traffic.jsonl' });
    expect(text).toContain('  Replay              127.0.0.1:7120, as DMS ');
    expect(text).toContain('\n\nAnswers only the requests in traffic.jsonl.\n\nCtrl-C ');
    expect(text).not.toContain('npx');
  });
});

describe('the commands to try', () => {
  const mock = (examples: object) => ({ name: 'a', url: '', mock: { examples: () => examples } });

  it('have the example of a mock, of a method that the host has', () => {
    const examples = { 'Other.Method': 'A=1', 'Billing.Pay': 'Account=17' };
    expect(commands({ upstreams: [{ name: 'b', url: '', mock: {} }, mock(examples)] })).toEqual([
      'Billing Pay Account=17',
      'Billing Pay Account=17 --to 127.0.0.1:7110 --app-name DMS',
    ]);
  });

  it('need no method of the host', () => {
    const upstreams = [mock({ 'A.B.C': 'A=1' })];
    expect(commands({ host: { methods: [] }, upstreams })[0]).toBe('A.B C A=1');
    expect(commands({ host: { methods: [] } })[0]).toBe('Service Method');
  });

  it('name the port of the host if it is not the default', () => {
    expect(commands({ esp: address(7121) })[0]).toBe('Billing GetBalance --to 127.0.0.1:7121');
    expect(commands({ esp: address(7120, '10.0.0.1') })[0]).toBe('Billing GetBalance --to 10.0.0.1:7120');
  });

  it('name the application that is this host', () => {
    const applications = [
      { name: 'Stub', address: undefined, stubs: {} },
      { name: 'Far', address: address(1) },
      { name: "Ann's", address: 'host' },
    ];
    expect(commands({ applications })[1]).toBe(`Billing GetBalance --to 127.0.0.1:7110 --app-name 'Ann'\\''s'`);
    expect(commands({ applications: applications.slice(0, 2) })[1]).toBe('Billing GetBalance --to 127.0.0.1:7110');
  });

  it('go only through Interaction Server if the host needs TLS', () => {
    const prepared = { application: { name: 'DMS', type: 171 }, tls: {} };
    expect(commands({ prepared })).toEqual(['Billing GetBalance --to 127.0.0.1:7110 --app-name DMS']);
  });

  it('quote names', () => {
    expect(commands({ host: { methods: ['A b.C.d-e+f_1 '] } })[0]).toBe("'A b.C' 'd-e+f_1 '");
    expect(commands({ host: { methods: ['A.b.C-d+e_1'] } })[0]).toBe('A.b C-d+e_1');
  });
});
