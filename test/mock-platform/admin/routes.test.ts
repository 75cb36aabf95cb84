import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { file, removeFolders } from '../../support/files.js';
import { request } from '../../support/raw-client.js';
import { certificates } from '../../support/tls.js';
import { CONFIG, PLATFORM } from '../platform-setting.js';
import { AdminClient, AdminSetting, askBalance, CHANNEL_URL, greet } from './setting.js';

let setting = new AdminSetting();
afterEach(async () => {
  await setting.end();
  setting = new AdminSetting();
});
afterAll(removeFolders);

describe('/api/status', () => {
  it('lists what runs, where it listens, and its methods', async () => {
    const { platform, api } = await setting.whole();
    const { json } = await api.get('/api/status');
    expect(json).toMatchObject({
      application: { name: 'DMS', type: 171, typeName: 'SocialMS' },
      addresses: {
        host: `127.0.0.1:${platform.esp.port}`,
        interactionServer: `127.0.0.1:${platform.interactionServer.port}`,
        billing: platform.upstream('billing').url,
        console: platform.admin.url,
      },
    });
    expect(json.methods).toMatchObject([
      {
        service: 'Messaging',
        method: 'ValidateContact',
        channelType: 'whatsapp',
        description: expect.stringMatching(/uses WhatsApp/),
        warning: expect.stringMatching(/every number is reported as valid/),
        parameters: { type: 'object', properties: { Id: { type: 'string' } } },
        application: 'DMS',
      },
      {
        service: 'ChatService',
        method: 'InviteToChat',
        channelType: 'whatsapp',
        response: { required: ['MessageId'] },
      },
      { service: 'Billing', method: 'GetBalance' },
      {
        service: 'Greeting',
        method: 'Greet',
        description: 'Greets by name.',
        parameters: {
          properties: { Name: { type: 'string' }, Language: { enum: ['en', 'de'], default: 'en' } },
          required: ['Name'],
        },
        response: { properties: { Greeting: { type: 'string' } } },
      },
      { service: 'Upstream' },
      { service: 'Email', method: 'Acknowledge', application: 'Mail', parameters: { properties: { Id: {} } } },
    ]);
  });
});

describe('/api/configuration', () => {
  it('has applications, types, channels and connections, with the ADDP settings of clients', async () => {
    const { platform, api } = await setting.whole();
    const direct = await setting.client(platform.esp);
    direct.write(Buffer.from([0x70, 0x32, 0x49, 0, 0x27, 0x10]));
    await direct.addpFrames(1);
    await direct.ask(request(1, 'Greeting', 'Greet', { Name: 'Ann' }));
    const routed = await setting.client(platform.interactionServer);
    await routed.ask(request(1, 'Email', 'Acknowledge', { Id: '5' }, { AppName: 'Mail' }));
    const { json } = await api.get('/api/configuration');
    expect(json.applications).toEqual([
      {
        name: 'DMS',
        type: 171,
        typeName: 'SocialMS',
        connected: true,
        kind: 'host',
        address: `127.0.0.1:${platform.esp.port}`,
      },
      {
        name: 'Mail',
        type: 64,
        typeName: 'E-Mail Server Java',
        connected: true,
        kind: 'stubs',
        address: `127.0.0.1:${platform.stubServers[0]?.port}`,
      },
    ]);
    expect(json.types).toEqual([
      { number: 171, name: 'SocialMS' },
      { number: 64, name: 'E-Mail Server Java' },
    ]);
    expect(json.channels).toEqual([
      {
        name: 'whatsapp',
        type: 'whatsapp',
        phoneNumber: '+919876543210',
        driver: 'on-premises',
        url: CHANNEL_URL,
      },
    ]);
    const connection = (more: object) =>
      expect.objectContaining({ addp: null, messagesIn: 1, messagesOut: 1, ...more });
    expect(json.connections).toHaveLength(4);
    expect(json.connections).toEqual(
      expect.arrayContaining([
        connection({ to: 'host', peerName: 'Interaction Server', messagesIn: 0, messagesOut: 0 }),
        connection({ to: 'Mail', peerName: 'Interaction Server' }),
        connection({ to: 'host', peer: `127.0.0.1:${direct.socket.localPort}`, addp: { timeoutMs: 10_000 } }),
        connection({ to: 'interaction-server', peer: `127.0.0.1:${routed.socket.localPort}` }),
      ]),
    );
  });

  it('shows ADDP of clients of Interaction Server', async () => {
    const { platform, api } = await setting.whole();
    const client = await setting.client(platform.interactionServer);
    client.write(Buffer.from([0x70, 0x32, 0x49, 0, 0x27, 0x10]));
    await client.addpFrames(1);
    const { json } = await api.get('/api/configuration');
    expect(json.connections.at(-1)).toMatchObject({ to: 'interaction-server', addp: { timeoutMs: 10_000 } });
  });
});

describe('/api/send', () => {
  it('sends to the host and to Interaction Server', async () => {
    const { api } = await setting.whole();
    const direct = await api.post('/api/send', greet('Ann'));
    expect(direct.json).toMatchObject({ durationMs: expect.any(Number), entry: 1, reply: { messageId: 501 } });
    expect(direct.json.reply.request.at(-1)).toEqual(['Parameters', 'list', [['Greeting', 'str', 'Hello, Ann!']]]);
    const routed = await api.post('/api/send', greet('Bob', { to: 'interaction-server', appType: 'SocialMS' }));
    expect(routed.json.reply.request).toContainEqual(['AppType', 'str', 'SocialMS']);
    const unknown = await api.post('/api/send', greet('Bob', { to: 'interaction-server', appName: 'Other' }));
    expect(unknown.json.reply.messageId).toBe(502);
    expect([routed.json.entry, unknown.json.entry]).toEqual([2, 3]);
    expect((await api.get('/api/journal/3')).json.application).toBe('Interaction Server');
  });

  it('explains why there was no answer', async () => {
    const { api } = await setting.whole();
    await api.post('/api/faults', { kind: 'noAnswer' });
    const { status, json } = await api.post('/api/send', greet('Ann', { timeoutMs: 20 }));
    expect([status, json.error, json.entry]).toEqual([200, expect.stringMatching(/Greeting\.Greet.*20 ms/), 1]);
  });

  it.each([
    [{ to: 'nowhere' }, 'body.to: '],
    [{ to: 'host', service: 'A' }, 'body.method: '],
    [greet('Ann', { parameters: [['Name', 'int', 'x']] }), 'body.parameters: list[0][2]'],
    [greet('Ann', { parameters: [['Name', 'text', 'x']] }), 'body.parameters.0'],
    [greet('Ann', { timeoutMs: 0 }), 'body.timeoutMs: '],
    [greet('Ann', { charset: 'x' }), 'body: Unrecognized key: "charset"'],
  ])('refuses %j', async (body, why) => {
    const { api } = await setting.whole();
    const { status, json } = await api.post('/api/send', body);
    expect([status, json.error]).toEqual([400, expect.stringContaining(why)]);
  });
});

describe('/api/journal', () => {
  it('returns pages of exchanges, newest first', async () => {
    const { api } = await setting.whole();
    for (const name of ['Ann', 'Bob', 'Cid']) await api.post('/api/send', greet(name));
    await api.post('/api/send', greet('Dan', { method: 'Nothing' }));
    const { json } = await api.get('/api/journal?limit=2');
    expect(json).toMatchObject({
      total: 4,
      entries: [
        { id: 4, outcome: 'fault', faultCode: '902', method: 'Nothing', parameters: [['Name', 'str', 'Dan']] },
        { id: 3, outcome: 'response', results: [['Greeting', 'str', 'Hello, Cid!']], upstreamCalls: 0 },
      ],
    });
    const older = await api.get('/api/journal?limit=2&before=3&method=Greet');
    expect(older.json).toMatchObject({ total: 3, entries: [{ id: 2 }, { id: 1 }] });
    const found = await api.get('/api/journal?text=hello,%20BOB');
    expect(found.json).toMatchObject({ total: 1, entries: [{ id: 2 }] });
    expect((await api.get('/api/journal?outcome=fault&faultCode=902&application=DMS')).json.total).toBe(1);
    const ids = async (query: string) => (await api.get(`/api/journal/ids?${query}`)).json;
    expect(await ids('filter=outcome:response')).toEqual({ total: 3, ids: [3, 2, 1] });
    expect(await ids('filter=outcome:response&limit=1')).toEqual({ total: 3, ids: [3] });
    expect(await ids('filter=Name=bob')).toEqual({ total: 1, ids: [2] });
    expect(await ids('filter=log:Nothing')).toEqual({ total: 1, ids: [4] });
    expect(await ids('filter=outcome:fault%20or%20Name=bob&ids=1,2,2,99')).toEqual({ total: 1, ids: [2] });
    expect((await api.get('/api/journal?ids=2,77')).json).toMatchObject({ total: 1, entries: [{ id: 2 }] });
    expect(await ids('filter=until:0:00:00&offset=0')).toEqual({ total: 0, ids: [] });
  });

  it('shortens long values', async () => {
    const { api } = await setting.whole();
    const long = [
      ['Name', 'str', 'x'.repeat(5000)],
      ['Rest', 'list', [['Inner', 'str', 'y']]],
    ];
    await api.post('/api/send', greet('', { parameters: long }));
    const { json } = await api.get('/api/journal');
    const [[name, type, text], ...rest] = json.entries[0].parameters;
    expect([name, type, text.length, rest]).toEqual(['Name', 'str', 1994, []]);
    expect((await api.get('/api/journal/1')).json.request.message.request.at(-1)[2]).toEqual(long);
  });

  it('returns a whole entry: bytes with their fields, log lines, calls, and why no stub matched', async () => {
    const { api } = await setting.whole();
    await api.post('/api/send', askBalance());
    const { json } = await api.get('/api/journal/1');
    expect(json).toMatchObject({
      id: 1,
      upstreamCalls: 1,
      request: { message: { messageId: 500 }, hex: expect.stringMatching(/^[0-9a-f]+$/) },
      reply: { message: { messageId: 501 } },
      upstream: [{ method: 'POST', status: 200, url: expect.stringMatching(/balance$/) }],
    });
    const { ranges, hex } = json.request;
    expect(ranges[0]).toMatchObject({ start: 0, end: 4, label: 'length' });
    expect(ranges.at(-1).end).toBe(hex.length / 2);
    await api.post('/api/send', greet('x', { to: 'interaction-server', appName: 'Mail', service: 'Email' }));
    const unmatched = (await api.get('/api/journal/2')).json;
    expect(unmatched.explanation).toBe(
      "no stub matched; the nearest was 'acknowledgement' (Email.Acknowledge): method is 'Greet', not 'Acknowledge'; parameters.Id is missing",
    );
    const Id = [['Id', 'str', '5']];
    await api.post(
      '/api/send',
      greet('x', {
        to: 'interaction-server',
        appName: 'Mail',
        service: 'Email',
        method: 'Acknowledge',
        parameters: Id,
      }),
    );
    expect((await api.get('/api/journal/3')).json).toMatchObject({
      stub: 'acknowledgement',
      via: 'Interaction Server',
    });
  });

  it('can be cleared', async () => {
    const { api } = await setting.whole();
    await api.post('/api/send', greet('Ann'));
    expect((await api.delete('/api/journal')).status).toBe(204);
    expect((await api.get('/api/journal')).json).toEqual({ total: 0, entries: [] });
  });

  it.each([
    ['/api/journal/77', 404, 'the journal does not have entry 77, or no longer has it'],
    ['/api/journal/x', 400, 'path.id: must be the number of an entry'],
    ['/api/journal?limit=none', 400, 'query.limit: must be a number of entries'],
    ['/api/journal?colour=red', 400, 'query: Unrecognized key: "colour"'],
    ['/api/journal?ids=1,x', 400, 'query.ids: must be up to 1000 numbers of entries, separated by commas'],
    [`/api/journal/ids?filter=${'x'.repeat(1001)}`, 400, 'query.filter: Too big'],
    ['/api/journal/77/export?as=send', 404, 'the journal does not have entry 77, or no longer has it'],
    ['/api/journal/77/export', 400, 'query.as: '],
    ['/api/nothing', 404, '/api/nothing does not exist; /api/docs lists the paths'],
  ])('%s is refused with %d', async (path, status, why) => {
    const { api } = await setting.whole();
    const answer = await api.get(path);
    expect([answer.status, answer.json.error]).toEqual([status, expect.stringContaining(why)]);
  });
});

describe('/api/verify', () => {
  it('checks the number of requests', async () => {
    const { api } = await setting.whole();
    for (const name of ['Ann', 'Ann', 'Bob']) await api.post('/api/send', greet(name, { appName: 'DMS' }));
    const verify = async (body: object) => (await api.post('/api/verify', body)).json;
    expect(await verify({ service: 'Greeting' })).toEqual({ count: 3, ok: true, entries: [3, 2, 1] });
    expect(await verify({ parameters: { Name: 'Ann' }, times: 2 })).toEqual({ count: 2, ok: true, entries: [2, 1] });
    expect(await verify({ parameters: { Name: '/^B/' }, times: 2 })).toMatchObject({ count: 1, ok: false });
    expect(await verify({ appName: 'DMS', outcome: 'response', atLeast: 3, atMost: 3 })).toMatchObject({ ok: true });
    expect(await verify({ method: 'Greet', atMost: 2 })).toMatchObject({ count: 3, ok: false });
    expect(await verify({ method: 'Other' })).toMatchObject({ count: 0, ok: false });
    expect(await verify({ method: 'Other', atMost: 2 })).toMatchObject({ count: 0, ok: true });
    expect(await verify({ method: 'Other', times: 0 })).toMatchObject({ count: 0, ok: true });
    const wrong = await api.post('/api/verify', { parameters: { Name: '/(/' } });
    expect([wrong.status, wrong.json.error]).toEqual([400, expect.stringContaining('body.parameters: /(/: ')]);
  });
});

describe('/api/stubs', () => {
  const ask = (more: object = {}) =>
    greet('Ann', { to: 'interaction-server', appName: 'Mail', service: 'Email', method: 'Acknowledge', ...more });
  const stub = { name: 'mine', match: { method: 'Acknowledge' }, answer: { parameters: { NewId: 'mine' } } };

  it('are listed, added first, counted and removed', async () => {
    const { api } = await setting.whole();
    const added = await api.post('/api/stubs', { application: 'Mail', stub });
    expect(added.json).toEqual({ id: '1-2', application: 'Mail', name: 'mine', hits: 0, definition: stub });
    await api.post('/api/send', ask());
    const { json } = await api.get('/api/stubs');
    expect(json).toMatchObject([
      { id: '1-2', hits: 1 },
      { id: '1-1', name: 'acknowledgement', hits: 0 },
    ]);
    expect((await api.delete('/api/stubs/1-2')).status).toBe(204);
    expect((await api.delete('/api/stubs/1-2')).status).toBe(404);
    expect((await api.get('/api/stubs')).json).toHaveLength(1);
  });

  it('that are switched off are listed, and their methods are not', async () => {
    const { api } = await setting.whole();
    const off = { match: { service: 'Email', method: 'Off' }, answer: { none: true }, disabled: true };
    await api.post('/api/stubs', { application: 'Mail', stub: off });
    expect((await api.get('/api/stubs')).json[0]).toMatchObject({ id: '1-2', definition: off });
    const { methods } = (await api.get('/api/status')).json as { methods: readonly { method: string }[] };
    const names = methods.map(({ method }) => method);
    expect([names.includes('Acknowledge'), names.includes('Off')]).toEqual([true, false]);
  });

  it('are listed without their secrets', async () => {
    const { api } = await setting.whole();
    const definition = (secret: (text: string) => string) => ({
      match: {
        parameters: {
          Cookie: { pattern: secret('sid=hunter2') },
          auth: `Bearer ${secret('hunter2hunter2')}`,
          body: `client_secret=${secret('hunter2')}&a=b`,
        },
      },
      answers: [
        { parameters: { body: { pattern: `token=${secret('hunter2')}` }, password: secret('hunter2'), a: 'b' } },
      ],
    });
    const { json } = await api.post('/api/stubs', { application: 'Mail', stub: definition((text) => text) });
    expect(json.definition).toEqual(definition(() => '***'));
    expect((await api.get('/api/stubs')).json).toContainEqual(json);
  });

  it('are refused with their errors', async () => {
    const { api } = await setting.whole();
    const wrong = await api.post('/api/stubs', { application: 'Mail', stub: { answer: { parameters: { A: null } } } });
    expect([wrong.status, wrong.json.error]).toEqual([400, expect.stringContaining('stub.answer.parameters.A')]);
    const nobody = await api.post('/api/stubs', { application: 'Post', stub });
    expect([nobody.status, nobody.json.error]).toEqual([
      400,
      'unknown stubbed application Post (platform.yaml has: Mail)',
    ]);
  });
});

describe('/api/faults', () => {
  it('are listed by kind, added and removed', async () => {
    const { api } = await setting.whole();
    const before = (await api.get('/api/faults')).json;
    expect(before.rules).toEqual([]);
    expect(before.kinds).toHaveLength(14);
    expect(before.kinds[0]).toMatchObject({
      kind: 'delay',
      description: 'Delays the reply.',
      settings: { type: 'object', properties: { ms: { type: 'integer' } }, required: ['ms'] },
    });
    const rule = { kind: 'espFault', code: 920, text: 'on purpose', match: { method: 'Greet' }, times: 1 };
    const added = await api.post('/api/faults', rule);
    expect(added.json).toEqual({
      ...{ ...rule, code: '920', id: 'fault-1', hits: 0 },
      ...{ title: 'espFault 920 on purpose', since: expect.any(Number), isUsedUp: false },
    });
    await api.post('/api/send', greet('Ann'));
    expect((await api.get('/api/journal')).json.entries[0]).toMatchObject({
      faultText: 'on purpose',
      injectedFault: 'espFault',
      injectedFaultId: 'fault-1',
    });
    expect((await api.get('/api/faults')).json.rules).toMatchObject([{ id: 'fault-1', hits: 1 }]);
    expect((await api.delete('/api/faults/fault-1')).status).toBe(204);
    expect((await api.delete('/api/faults/fault-1')).status).toBe(404);
    await api.post('/api/faults', { kind: 'noAnswer' });
    expect((await api.delete('/api/faults')).status).toBe(204);
    expect((await api.get('/api/faults')).json.rules).toEqual([]);
    const wrong = await api.post('/api/faults', { kind: 'delay', ms: 'long' });
    expect([wrong.status, wrong.json.error]).toEqual([400, 'body: ms must be a number of milliseconds']);
  });
});

describe('/api/strategies', () => {
  it('sweeps a strategy, and lists the variants of mocks', async () => {
    const { api } = await setting.whole();
    expect((await api.get('/api/strategies/variants')).json).toEqual([{ upstream: 'billing', title: '17 is empty' }]);
    const { json } = await api.post('/api/strategies/sweep', { file: 'greet.yaml' });
    expect(json).toMatchObject({ neverTaken: [], neverReached: [], cut: false });
    expect(json.paths).toContainEqual({
      forced: [{ step: 'ask', outcome: 'connection lost' }],
      ...{ routedTo: null, endedAt: 'ask', problem: expect.any(String) },
    });
    expect(json.paths[0]).toMatchObject({ routedTo: 'Greeted', endedAt: 'greeted' });
    expect((await api.post('/api/strategies/sweep', { file: 'broken.yaml' })).status).toBe(400);
  });

  it('are listed, with the errors of invalid ones', async () => {
    const { api } = await setting.whole();
    const { json } = await api.get('/api/strategies');
    expect(json).toMatchObject([
      {
        file: 'broken.yaml',
        name: 'broken.yaml',
        steps: [],
        problems: [expect.stringMatching(/broken\.yaml:2:\d+: /)],
      },
      {
        file: 'greet.yaml',
        name: 'Greet',
        data: { Name: 'Ann' },
        steps: [{ id: 'ask', kind: 'externalService' }, {}, {}],
      },
    ]);
  });

  it('run', async () => {
    const { api } = await setting.whole();
    const { json } = await api.post('/api/strategies/run', { file: 'greet.yaml', set: { Name: 'Bob' } });
    expect(json).toMatchObject({
      strategy: 'Greet',
      file: 'greet.yaml',
      routedTo: 'Greeted',
      endedAt: 'greeted',
      before: { Name: 'Bob' },
      data: { Name: 'Bob', reply: { Greeting: 'Hello, Bob!' } },
      steps: [
        {
          id: 'ask',
          kind: 'externalService',
          sent: { appName: 'DMS', service: 'Greeting', method: 'Greet', parameters: { Name: 'Bob' } },
          outcome: { kind: 'response', parameters: { Greeting: 'Hello, Bob!' } },
          branch: 'on.response[0]',
          next: 'greeted',
        },
        { id: 'greeted', kind: 'routeTo' },
      ],
    });
  });

  it.each([
    [
      { file: 'greet.yaml', variant: { upstream: 'none', title: 'x' } },
      400,
      'unknown upstream none (platform.yaml has: billing)',
    ],
    [
      { file: 'greet.yaml', variant: { upstream: 'billing', title: 'x' } },
      400,
      'unknown variant x of upstream billing (its mock has: 17 is empty)',
    ],
    [{ file: '../platform.yaml' }, 404, 'unknown strategy ../platform.yaml'],
    [{ file: '/etc/passwd' }, 404, 'unknown strategy /etc/passwd'],
    [{ file: 'broken.yaml' }, 400, 'broken.yaml:2:'],
    [{ file: 'greet.yaml', set: { Nme: 'x' } }, 400, "'Greet' has no Nme in its data"],
    [{}, 400, 'body.file: must be a file that /api/strategies lists'],
  ])('%j is refused with %d', async (body, status, why) => {
    const { api } = await setting.whole();
    const answer = await api.post('/api/strategies/run', body);
    expect([answer.status, answer.json.error]).toEqual([status, expect.stringContaining(why)]);
  });
});

describe('/api/charts', () => {
  it('counts completed requests', async () => {
    const { api } = await setting.whole();
    await api.post('/api/send', greet('Ann'));
    await api.post('/api/send', greet('Ann', { method: 'None' }));
    const { bucketMs, buckets } = (await api.get('/api/charts')).json;
    expect([bucketMs, buckets.length]).toEqual([5000, 180]);
    const counted = buckets.filter(({ count }: { count: number }) => count > 0);
    const sum = (name: string) =>
      counted.reduce((all: number, one: Record<string, number>) => all + (one[name] ?? 0), 0);
    expect([sum('count'), sum('responses'), sum('faults'), sum('lost')]).toEqual([2, 1, 1, 0]);
    expect(counted.at(-1).maxMs).toBeGreaterThan(0);
  });
});

describe('/api/reset', () => {
  it('restores the state of the files', async () => {
    const { api } = await setting.whole();
    await api.post('/api/send', greet('Ann'));
    await api.post('/api/send', askBalance());
    await api.put('/api/billing/17', { balance: '5.00' });
    expect((await api.get('/api/billing')).json).toEqual({ balances: { 17: '5.00' }, calls: 1, entries: [2] });
    await api.post('/api/faults', { kind: 'noAnswer' });
    await api.delete('/api/stubs/1-1');
    await api.post('/api/stubs', { application: 'Mail', stub: { answer: { none: true } } });
    expect((await api.post('/api/reset')).status).toBe(204);
    expect((await api.get('/api/billing')).json).toEqual({ balances: { 17: '10.00' }, calls: 0, entries: [] });
    expect((await api.get('/api/faults')).json.rules).toEqual([]);
    expect((await api.get('/api/stubs')).json).toMatchObject([{ id: '1-1', name: 'acknowledgement', hits: 0 }]);
    expect((await api.get('/api/journal')).json.total).toBe(0);
    const { buckets } = (await api.get('/api/charts')).json;
    expect(buckets.every(({ count }: { count: number }) => count === 0)).toBe(true);
    expect((await api.post('/api/send', greet('Ann'))).json.reply.messageId).toBe(501);
  });
});

describe('the port', () => {
  it('in use is reported with its location in platform.yaml', async () => {
    const { platform } = await setting.whole();
    const { port } = new URL(platform.admin.url);
    await expect(
      setting.platform(CONFIG, PLATFORM.replace('console: { port: 0 }', `console: { port: ${port} }`)),
    ).rejects.toThrow(
      new RegExp(
        `platform\\.yaml:3:18: console\\.port is in use: another program listens on 127\\.0\\.0\\.1:${port}; stop it`,
      ),
    );
  });

  it('is free after the platform has stopped', async () => {
    const { platform } = await setting.whole();
    await platform.stop();
    await expect(fetch(platform.admin.url)).rejects.toThrow('fetch failed');
  });
});

it('sends to a host that requires client certificates', async () => {
  const { server: own } = await certificates();
  const certificate = file('host.pem', own.certificate);
  const tls = `tls: { certificate: ${certificate}, key: ${file('host.key', own.key)}, clientCa: ${certificate} }`;
  const platform = await setting.platform(
    CONFIG.replace('port: 0', `port: 0, ${tls}`),
    PLATFORM.replace('{ name: DMS, type: 171, address: host }', ''),
  );
  const api = await AdminClient.of(platform);
  const { json } = await api.post('/api/send', greet('Ann'));
  expect(json.reply.messageId).toBe(501);
  expect(platform.exported(1, 'send')).toContain(`--tls-ca ${certificate}`);
});
