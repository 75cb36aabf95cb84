import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/eventually.js';
import { file, folder, removeFolders } from '../../support/files.js';
import { CONFIG } from '../platform-setting.js';
import { type AdminClient, AdminSetting, askBalance, greet } from './setting.js';

let setting = new AdminSetting();
afterEach(async () => {
  await setting.end();
  setting = new AdminSetting();
});
afterAll(removeFolders);

/** Sends a request, and returns its entry. */
async function sent(api: AdminClient, request: object) {
  const { json } = await api.post('/api/send', request);
  return (await api.get(`/api/journal/${json.entry}`)).json;
}

const send = async (api: AdminClient, request: object) => (await sent(api, request)).cause;

/** Sends a request to the stubbed Mail. */
const mail = (parameters: unknown[]) => ({
  ...{ to: 'interaction-server', appName: 'Mail', service: 'Email', method: 'Acknowledge', parameters },
});

describe('the cause of an exchange', () => {
  it('is a fault of its upstream call, which is on until it is used up or removed', async () => {
    const { platform, api } = await setting.whole();
    platform.faults.add({ kind: 'upstreamStatus', status: 503, times: 2 });
    const before = Date.now();
    const { cause, upstream, injectedFault, id } = await sent(api, askBalance());
    expect(cause).toEqual({
      kind: 'injected',
      text: `Injected fault fault-1: upstreamStatus 503, for POST ${platform.upstream('billing').url}/v1/balance`,
      fault: { id: 'fault-1', since: expect.any(Number), isOn: true },
      call: 0,
    });
    expect(cause.fault.since).toBeLessThanOrEqual(before);
    expect([upstream[0].injectedFault, injectedFault]).toEqual(['fault-1 upstreamStatus 503', 'upstreamStatus']);
    expect((await send(api, askBalance())).fault.isOn).toBe(false);
    await api.delete('/api/faults/fault-1');
    platform.faults.add({ kind: 'upstreamReset', id: 'fault-1' });
    const again = (await api.get(`/api/journal/${id}`)).json.cause;
    expect(again.fault.isOn).toBe(again.fault.since === platform.faults.list()[0]?.since);
  });

  it('is a fault of the request', async () => {
    const { platform, api } = await setting.whole();
    platform.faults.add({ kind: 'espFault', code: 920, text: 'no' });
    expect(await send(api, greet('Ann'))).toMatchObject({ text: 'Injected fault fault-1: espFault 920 no' });
  });

  it('is what makes the mock answer unusually, and the call otherwise', async () => {
    const { platform, api } = await setting.whole();
    expect(await send(api, askBalance())).toMatchObject({
      kind: 'upstream',
      text: expect.stringMatching(/ answered 200$/),
    });
    await api.put('/api/billing/17', { balance: '0.00' });
    const { cause, upstream } = await sent(api, askBalance());
    expect(cause).toMatchObject({ kind: 'notice', text: 'billing account 17: is empty', call: 0 });
    expect(upstream[0].notice).toBe('billing account 17: is empty');
    expect(platform.journal.find({ service: 'Billing' })[1]?.upstream[0]).not.toHaveProperty('notice');
  });

  it('is a parameter, an unknown method, a missing Service, an unknown application', async () => {
    const { api } = await setting.whole();
    const causes = [
      await send(api, greet('x', { parameters: [] })),
      await send(api, greet('x', { method: 'Other' })),
      await send(api, greet('x', { service: 'Other' })),
      await send(api, greet('x', { to: 'interaction-server', appName: 'Other' })),
    ];
    expect(causes.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'parameter: Parameter Name: missing',
      'unknown: Unknown to DMS: Greeting.Other unknown method',
      'unknown: Unknown to DMS: Other unknown service',
      'interaction-server: Interaction Server answered: Other unknown application',
    ]);
  });

  it('is a stub, or the nearest one', async () => {
    const { api } = await setting.whole();
    expect(await send(api, mail([['Id', 'str', '1']]))).toEqual({
      ...{ kind: 'stub', text: "The stub 'acknowledgement' of Mail answered" },
    });
    expect(await send(api, mail([]))).toMatchObject({
      kind: 'no-stub',
      details: expect.stringMatching(/Id is missing/),
    });
  });

  it('is a stub of an upstream, or the nearest one', async () => {
    const stubs = file(
      'bills.yaml',
      'stubs: [{ name: rich, match: { json: { account: "17" } }, answer: { json: { balance: "1.00" } } }]\n',
    );
    setting = new AdminSetting(
      undefined,
      `interactionServer: { port: 0 }
console: { port: 0 }
applications: [{ name: DMS, type: 171, address: host }]
upstreams: { billing: { stubs: ${stubs}, env: BILLING_URL } }
`,
    );
    const { api } = await setting.whole();
    const { cause, upstream } = await sent(api, askBalance());
    expect(cause).toMatchObject({ kind: 'stub', text: expect.stringMatching(/^The stub 'rich' answered: POST /) });
    expect(upstream[0].stub).toBe('rich');
    const missed = await sent(api, askBalance('18'));
    expect(missed.cause).toMatchObject({ kind: 'no-stub', details: expect.stringMatching(/nearest was 'rich'.*'18'/) });
    expect(missed.upstream[0].explanation).toBe(missed.cause.details);
  });

  it('is an exception, and the place in the code of the plugin', async () => {
    const plugin = folder();
    file(
      'index.ts',
      `import { definePlugin, EspMethod, z } from 'esp-host';
@EspMethod('Broken', 'Call', { parameters: z.object({}), response: z.object({}) })
class Call {
  handle(): never {
    throw new Error('no http://ann:hunter2@billing');
  }
}
export default definePlugin({ name: 'broken', methods: [Call] });
`,
      plugin,
    );
    setting = new AdminSetting(CONFIG.replace('plugins: [', `plugins: [{ use: ${plugin} }, `));
    const { api } = await setting.whole();
    const cause = await send(api, greet('x', { service: 'Broken', method: 'Call', parameters: [] }));
    expect(cause).toMatchObject({ kind: 'exception', text: 'The method threw no http://***@billing' });
    expect(cause.place).toMatch(/\/index\.ts:5:\d+$/);
  });

  it('is the deadline, and the call that held it', async () => {
    setting = new AdminSetting(CONFIG.replace('plugins: [', `limits: { deadlineMs: 50 }\nplugins: [`));
    const { platform, api } = await setting.whole();
    platform.faults.add({ kind: 'upstreamDelay', ms: 20_000 });
    const Url = `${platform.upstream('billing').url}/v1/balance`;
    const { json } = await api.post(
      '/api/send',
      greet('x', { service: 'Upstream', method: 'Post', parameters: [['Url', 'str', Url]] }),
    );
    await until(() => platform.journal.get(json.entry)?.upstream.length === 1, 'the abandoned call in the journal');
    const { cause } = (await api.get(`/api/journal/${json.entry}`)).json;
    expect(cause).toMatchObject({ kind: 'injected', fault: { id: 'fault-1', isOn: true } });
    expect(cause.text).toMatch(
      /^The deadline of 50 ms passed: Injected fault fault-1: upstreamDelay 20000 ms, for POST /,
    );
  });
});

describe('/api/notices', () => {
  it('has faults that apply, added stubs and what mocks tell, each with what switches it off', async () => {
    const { platform, api } = await setting.whole();
    const notices = async () => (await api.get('/api/notices')).json;
    expect(await notices()).toEqual([]);
    platform.faults.add({ kind: 'upstreamStatus', status: 503, times: 1 });
    platform.faults.add({ kind: 'delay', ms: 5, match: { service: 'Other' } });
    await api.post('/api/stubs', { application: 'Mail', stub: { name: 'mine', answer: { none: true } } });
    await api.put('/api/billing/17', { balance: '0.00' });
    const off = { row: {}, when: {}, form: null };
    const since = expect.any(Number);
    expect(await notices()).toEqual([
      {
        ...{ kind: 'fault', id: 'fault fault-1', title: 'upstreamStatus 503', since },
        off: { title: 'Switch off', method: 'DELETE', path: 'faults/:id', values: { id: 'fault-1' }, ...off },
      },
      {
        ...{ kind: 'fault', id: 'fault fault-2', title: 'delay 5 ms', since },
        off: { title: 'Switch off', method: 'DELETE', path: 'faults/:id', values: { id: 'fault-2' }, ...off },
      },
      {
        ...{ kind: 'stub', id: 'stub 1-2', title: 'mine', effect: 'added to Mail, in no file' },
        off: { title: 'Remove', method: 'DELETE', path: 'stubs/:id', values: { id: '1-2' }, ...off },
      },
      {
        ...{ kind: 'mock', id: 'mock billing account 17', title: 'billing account 17', effect: 'is empty' },
        off: {
          ...{ title: 'Fill', method: 'PUT', path: 'billing/:account', ...off },
          values: { account: '17', balance: '10.00' },
        },
      },
    ]);
    await api.post('/api/send', askBalance());
    await api.delete('/api/faults/fault-2');
    await api.delete('/api/stubs/1-2');
    await api.put('/api/billing/17', { balance: '10.00' });
    expect(await notices()).toEqual([]);
  });
});
