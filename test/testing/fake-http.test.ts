import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type EspCall, EspMethod, z } from 'esp-host';
import { espMatchers, type FakeHttp, fakeHttp, testMethod } from 'esp-host/testing';

expect.extend(espMatchers);

const parameters = z.object({ Url: z.string() });

/** Returns the reply of its upstream. */
@EspMethod('Test', 'Fetch', { parameters, response: z.looseObject({}) })
class Fetch {
  async handle(call: EspCall<typeof parameters>) {
    const { statusCode, headers, body } = await call.http.get(call.parameters.Url, {
      throwHttpErrors: false,
      headers: { 'x-asked': 'yes' },
    });
    return { Status: statusCode, Type: headers['content-type'] ?? 'none', Own: headers['x-own'] ?? 'none', Body: body };
  }
}

const URL = 'https://upstream.example/a';
const fetched = async (http: FakeHttp, url = URL) => (await testMethod(Fetch, { http })).call({ Url: url });

describe('the reply of an upstream', () => {
  it('is JSON with its content type', async () => {
    expect(await fetched(fakeHttp([{ url: URL, json: { a: 1 } }]))).toBeEspResponse({
      ...{ Status: 200, Type: 'application/json', Own: 'none', Body: '{"a":1}' },
    });
  });

  it('is a body as given, with a content type if given', async () => {
    expect(await fetched(fakeHttp([{ url: URL, body: 'text', headers: { 'x-own': 'b' } }]))).toBeEspResponse({
      ...{ Status: 200, Type: 'none', Own: 'b', Body: 'text' },
    });
    const given = { url: URL, json: [], status: 201, headers: { 'content-type': 'application/hal+json' } };
    expect(await fetched(fakeHttp([given]))).toBeEspResponse({
      ...{ Status: 201, Type: 'application/hal+json', Own: 'none', Body: '[]' },
    });
  });

  it('is empty by default', async () => {
    expect(await fetched(fakeHttp([{ url: URL }]))).toBeEspResponse({
      Status: 200,
      Type: 'none',
      Own: 'none',
      Body: '',
    });
  });

  it('comes from any port, over http too, and the call is recorded', async () => {
    const http = fakeHttp([{ url: 'http://upstream.example:8080/*', body: 'b' }]);
    expect(await fetched(http, 'http://upstream.example:8080/a?b=c')).toBeEspResponse();
    expect(http.calls).toMatchObject([
      {
        ...{ method: 'GET', url: 'http://upstream.example:8080/a?b=c', body: '', status: 200 },
        headers: { 'x-asked': 'yes', host: 'upstream.example:8080' },
      },
    ]);
  });

  it('comes over TLS for https URLs alone, as got sees it', async () => {
    const secure = async (url: string) => {
      @EspMethod('Test', 'Secure', { parameters: z.object({}), response: z.object({ Secure: z.string() }) })
      class Secure {
        async handle({ http }: EspCall) {
          const { timings } = await http.get(url);
          return { Secure: String(timings?.secureConnect !== undefined) };
        }
      }
      return (await testMethod(Secure, { http: fakeHttp([{ url }]) })).call({});
    };
    expect(await secure(URL)).toBeEspResponse({ Secure: 'true' });
    expect(await secure('http://upstream.example/a')).toBeEspResponse({ Secure: 'false' });
  });

  it('is not sent if the method cancels the call while it sends the body', async () => {
    @EspMethod('Test', 'Send', { parameters: z.object({}), response: z.object({}) })
    class Send {
      async handle({ http }: EspCall) {
        const endless = new Readable({ read() {} });
        endless.push('begun');
        await http.post(URL, { body: endless, timeout: { request: 20 } }).catch(() => undefined);
        return {};
      }
    }
    const http = fakeHttp([{ method: 'POST', url: URL }]);
    expect(await (await testMethod(Send, { http })).call({})).toBeEspResponse({});
    await setImmediate();
    expect(http.calls).toMatchObject([{ method: 'POST', url: URL, body: '', status: undefined }]);
  });

  it('is an error of the connection, before or after the request was sent', async () => {
    for (const [error, fault, text] of [
      ['EPIPE', 920, 'read EPIPE upstream.example'],
      ['ENOTFOUND', 901, 'connect ENOTFOUND upstream.example'],
    ] as const) {
      const outcome = await fetched(fakeHttp([{ url: URL, error }]));
      expect(outcome).toBeEspFault(fault);
      expect(JSON.stringify(outcome.logs)).toContain(text);
    }
  });

  it('is missing for each call without a fake reply, and reported once', async () => {
    const http = fakeHttp([]);
    const method = await testMethod(Fetch, { http });
    await expect(method.call({ Url: URL })).rejects.toMatchObject({
      code: 'ESP_TESTING_UNEXPECTED_CALL',
      method: 'GET',
      url: URL,
    });
    expect(http.unexpected).toEqual([]);
    expect(http.calls).toEqual([]);
  });
});

describe('the log', () => {
  it('keeps levels, and the fields of parent loggers', async () => {
    const levels = ['error', 'warn', 'info', 'debug'] as const;
    @EspMethod('Test', 'Log', { parameters: z.object({}), response: z.object({}) })
    class Log {
      handle(call: EspCall) {
        for (const level of levels) call.logger[level](`at ${level}`, { own: level });
        return {};
      }
    }
    const { logs } = await (await testMethod(Log)).call({});
    expect(logs).toMatchObject(
      levels.map((level) => ({ level, message: `at ${level}`, fields: { own: level, method: 'Test.Log' } })),
    );
  });
});

describe('a matcher', () => {
  it('names what it expected', async () => {
    const outcome = await fetched(fakeHttp([{ url: URL, error: 'EPIPE' }]));
    expect(() => expect(outcome).toBeEspFault(920, 'other')).toThrow("Expected Test.Fetch to answer fault 920 'other'");
    expect(() => expect(outcome).toBeEspFault(920, /other/)).toThrow('to answer fault 920 /other/');
    expect(() => expect(outcome).toBeEspResponse()).toThrow(`  called GET ${URL}: no answer`);
    expect(() => expect(outcome).not.toBeEspFault(920)).toThrow('not to answer fault 920');
    expect(outcome).not.toBeEspFault(901);
    expect(outcome).toBeEspFault('920');
    expect(() => expect('text').toBeEspResponse()).toThrow(
      "toBeEspResponse expects the outcome of a call of esp-host/testing, not 'text'",
    );
    expect(() => expect(null).toBeEspFault(1)).toThrow(
      'toBeEspFault expects the outcome of a call of esp-host/testing, not null',
    );
    const response = await fetched(fakeHttp([{ url: URL }]));
    expect(response).not.toBeEspFault(900, 'text');
    expect(response).not.toBeEspFault(900, /text/);
  });

  it('reports a client that disconnected', async () => {
    const method = await testMethod(Fetch, { http: fakeHttp([{ url: URL, hangs: true }]) });
    const outcome = await method.call({ Url: URL }, { signal: AbortSignal.abort() });
    expect(() => expect(outcome).toBeEspResponse()).toThrow('It answered nothing: the client disconnected');
    expect(outcome).not.toBeEspResponse();
    expect(outcome).not.toBeEspFault(900);
  });
});
