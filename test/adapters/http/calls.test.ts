import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Calls } from '../../../src/adapters/http/calls.js';
import { Connections } from '../../../src/adapters/http/connections.js';
import { listToJson } from '../../../src/esp/index.js';
import {
  ConnectionFailedError,
  EspFault,
  EspResponse,
  ExecutionFailedError,
  KeyValueList,
  type PlainValues,
  z,
} from '../../../src/index.js';
import { RationedLog } from '../../../src/telemetry/index.js';
import { BufferBudget } from '../../../src/transport/index.js';
import { pluginOf } from '../../support/esp-host.js';
import { LogLines } from '../../support/log-lines.js';
import { anyList } from '../../wire/arbitraries.js';
import { HttpHost } from './setting.js';

const TYPED = 'application/vnd.esp-host.typed+json';
const circular = new KeyValueList();
circular.add({ key: 'again', type: 'list', value: circular });

const thrown = (name: string, error: () => Error) => pluginOf('Fault', name, () => Promise.reject(error()), { name });

const plugins = [
  pluginOf('Test', 'Echo', (call) => call.received, { name: 'echo' }),
  pluginOf('Test', 'Both', ({ received, userData }) => new EspResponse(received, userData), { name: 'both' }),
  pluginOf('Test', 'Address', ({ request }) => ({ Asked: listToJson(request.list as KeyValueList).length }), {
    name: 'address',
  }),
  pluginOf('Test', 'Typed', ({ parameters }) => ({ Got: JSON.stringify(parameters) }), {
    name: 'typed',
    parameters: z.object({ Id: z.string(), Count: z.int().optional(), Tag: z.array(z.string()).optional() }),
  }),
  pluginOf('Test', 'Circle', () => circular, { name: 'circle' }),
  pluginOf('Te/st', 'Ünï code', () => ({ Said: 'hé' }), { name: 'odd' }),
  thrown('Connection', () => new ConnectionFailedError('whatsapp', 'http://x')),
  thrown('Upstream', () => new ExecutionFailedError('whatsapp', 'status 500')),
  thrown('Bug', () => new TypeError('the secret cause')),
  thrown('Own', () => new EspFault(77, 'no account')),
  thrown('Own904', () => new EspFault(904, 'Id: no such customer')),
];

let host: HttpHost;
beforeAll(async () => {
  host = await HttpHost.start({ plugins });
});
afterAll(() => host.stop());

describe('a plain object', () => {
  it('is passed as a list and returned as a plain object', async () => {
    const body = { Text: 'hé', Count: -7, List: { Inner: { x: 1 }, Empty: {} }, Many: ['a', 1, { b: 'c' }] };
    const { status, headers, json } = await host.call(body);
    expect({ status, json, type: headers['content-type'] }).toEqual({
      status: 200,
      json: { parameters: body },
      type: 'application/json',
    });
  });

  it.each([[''], [undefined]])('may be left out: body %j', async (body) => {
    const headers = body === undefined ? { 'content-length': '0' } : {};
    expect(await host.send({ method: 'POST', body, headers })).toMatchObject({ status: 200, json: { parameters: {} } });
  });

  it('is checked and typed by the schema of the method', async () => {
    const { json } = await host.call({ Id: 'x', Count: '5', Tag: ['a', 'b'] }, 'Test/Typed');
    expect(json).toEqual({ parameters: { Got: '{"Id":"x","Count":5,"Tag":["a","b"]}' } });
  });

  it('can have keys that are special in JavaScript', async () => {
    const body = '{"__proto__":{"constructor":"x"},"toString":"y"}';
    expect((await host.call(body)).text).toBe(`{"parameters":${body}}`);
  });

  it('is returned unchanged for strings, numbers, objects and arrays of two or more', async () => {
    const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }).filter((name) => !/^\d+$/.test(name));
    const { values } = fc.letrec<{ value: unknown; values: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.string({ unit: 'binary' }),
        fc.integer({ min: -0x80000000, max: 0x7fffffff }),
        tie('values'),
      ),
      values: fc.dictionary(key, fc.oneof(tie('value'), fc.array(tie('value'), { minLength: 2, maxLength: 4 })), {
        maxKeys: 4,
      }),
    }));
    // An object alone with an array `parameters` is the typed form.
    const plain = values.filter((body) => !Array.isArray((body as PlainValues).parameters));
    await fc.assert(
      fc.asyncProperty(plain, async (body) => {
        expect((await host.call(body)).text).toBe(JSON.stringify({ parameters: body }));
      }),
      { numRuns: 100 },
    );
  });

  it('with a member `parameters` beside others is still one', async () => {
    const body = { parameters: ['x', 'y'], Id: 'z' };
    expect((await host.call(body)).json).toEqual({ parameters: body });
  });
});

describe('the typed form', () => {
  it('is returned unchanged for any lists', async () => {
    const typed = { accept: TYPED };
    await fc.assert(
      fc.asyncProperty(anyList, anyList, async (parameters, userData) => {
        const { status, headers, json } = await host.call({ parameters, userData }, 'Test/Both', typed);
        expect({ status, type: headers['content-type'], json }).toEqual({
          status: 200,
          type: TYPED,
          json: { parameters, userData },
        });
      }),
      { numRuns: 100 },
    );
  });

  it('is detected from the response: plain if that is lossless, otherwise typed', async () => {
    await fc.assert(
      fc.asyncProperty(anyList, async (parameters) => {
        const { headers, json } = await host.call({ parameters });
        const again = await host.call(json, 'Test/Echo', { accept: TYPED });
        if (headers['content-type'] === TYPED) expect(again.json).toEqual({ parameters });
        else {
          const body = (json as { parameters: unknown }).parameters;
          expect((await host.call(body, 'Test/Echo', { accept: TYPED })).json).toEqual({ parameters });
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['bytes', [['a', 'bin', '00ff']]],
    ['bytes that are no text', [['a', 'strx', 'ff']]],
    ['UTF-16', [['a', 'utf16', 'x']]],
    ['a key that is not text', [[{ hex: 'ff' }, 'str', 'x']]],
    [
      'repeated keys that stand apart',
      [
        ['a', 'str', 'x'],
        ['b', 'str', 'y'],
        ['a', 'str', 'z'],
      ],
    ],
    [
      'keys that an object has in another order',
      [
        ['a', 'str', 'x'],
        ['7', 'str', 'y'],
      ],
    ],
    ['any of it below', [['a', 'list', [['b', 'bin', '']]]]],
  ])('is the format for values that a plain object cannot express: %s', async (_name, parameters) => {
    const { headers, json } = await host.call({ parameters });
    expect({ json, type: headers['content-type'] }).toEqual({ json: { parameters }, type: TYPED });
  });

  it('has UserData, and the response has it if the method sets it', async () => {
    const parameters = [['a', 'str', 'x']];
    const both = await host.call({ parameters, userData: [['b', 'int', 1]] }, 'Test/Both');
    expect(both.json).toEqual({ parameters: { a: 'x' }, userData: { b: 1 } });
    expect((await host.call({ parameters })).json).toEqual({ parameters: { a: 'x' } });
  });

  it('names an application', async () => {
    const asked = async (body: object) => (await host.call(body, 'Test/Address')).json;
    const got = (Asked: number) => ({ parameters: { Asked } });
    expect(await asked({ parameters: [] })).toEqual(got(3));
    expect(await asked({ parameters: [], appName: 'DMS', appType: 171 })).toEqual(got(5));
    expect(await asked({ parameters: [], appType: 'SocialMS' })).toEqual(got(4));
  });
});

describe('a fault', () => {
  it.each([
    ['Fault/Connection', 502, '901', 'whatsapp connection with http://x failed'],
    ['Fault/Upstream', 502, '920', 'whatsapp failed to execute request Fault.Upstream: status 500'],
    ['Fault/Own', 422, '77', 'no account'],
    ['Fault/Own904', 400, '904', 'Id: no such customer'],
    ['Test/Typed', 400, '904', 'Test.Typed incorrect Id: missing'],
    ['Test/Nothing', 404, '902', 'Test.Nothing unknown method'],
    ['Nothing/Echo', 404, '902', 'Nothing unknown service'],
    ['/Echo', 400, '701', 'Request is invalid: Service or Method name was not specified...'],
    ['Test/', 400, '701', 'Request is invalid: Service or Method name was not specified...'],
  ])('%s is %i %s', async (method, status, faultCode, faultString) => {
    const reply = await host.call({}, method);
    expect({ status: reply.status, json: reply.json }).toEqual({ status, json: { faultCode, faultString } });
    expect(reply.headers['content-type']).toBe('application/json');
  });

  it('of a bug is 500 900 without its cause, and the log has it by the ReferenceId', async () => {
    const { status, json } = await host.call({}, 'Fault/Bug');
    const { faultString } = json as { faultString: string };
    expect({ status, json }).toEqual({ status: 500, json: { faultCode: '900', faultString } });
    const [, id] = /^Fault\.Bug failed unexpectedly \(ReferenceId (\d+)\)$/.exec(faultString) ?? [];
    await host.esp.log.line(new RegExp(`failed unexpectedly.*the secret cause.*referenceId=${id} `));
  });

  it('is the answer if a response cannot be encoded', async () => {
    const { status, json } = await host.call({}, 'Test/Circle');
    expect({ status, json }).toMatchObject({ status: 500, json: { faultCode: '900' } });
  });

  it('answers 504 for the deadline, 503 for overload, and both with Retry-After', async () => {
    const sleeper = pluginOf('Slow', 'Sleep', () => new Promise(() => undefined));
    const slow = await HttpHost.start({ plugins: [sleeper], limits: { deadlineMs: 300, inFlight: 1 } });
    const first = slow.call({}, 'Slow/Sleep');
    await slow.inFlight();
    const second = await slow.call({}, 'Slow/Sleep');
    expect({ status: second.status, json: second.json, after: second.headers['retry-after'] }).toEqual({
      status: 503,
      json: { faultCode: '920', faultString: 'DMS failed to execute request Slow.Sleep: overloaded' },
      after: '1',
    });
    expect(await first).toMatchObject({
      status: 504,
      json: {
        faultCode: '920',
        faultString: 'DMS failed to execute request Slow.Sleep: deadline of 300 ms passed',
      },
    });
    await slow.stop();
  });

  it('answers 404 for another application if addressing is strict', async () => {
    const strict = await HttpHost.start({ plugins: [plugins[0] as never], addressing: 'strict' });
    const reply = await strict.call({ parameters: [], appName: 'Other' });
    expect(reply).toMatchObject({
      status: 404,
      json: { faultCode: '902', faultString: 'Other unknown application' },
    });
    await strict.stop();
  });
});

it('a name may have any letters', async () => {
  const path = `/esp/${encodeURIComponent('Te/st')}/${encodeURIComponent('Ünï code')}`;
  expect((await host.send({ path, body: {} })).json).toEqual({ parameters: { Said: 'hé' } });
  expect((await host.call({}, `${'x'.repeat(8000)}/M`)).json).toEqual({
    faultCode: '902',
    faultString: `${'x'.repeat(200)}... (7800 more characters) unknown service`,
  });
});

it('ReferenceIds wrap around after the largest one', () => {
  const connections = new Connections(new RationedLog(new LogLines().logger), new BufferBudget(0));
  const calls = new Calls(connections, 0x7ffffffd);
  expect([1, 2, 3, 4].map(() => calls.nextReferenceId())).toEqual([0x7ffffffe, 0x7fffffff, 1, 2]);
});
