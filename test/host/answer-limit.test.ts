import type { RequestListener } from 'node:http';
import { finished } from 'node:stream/promises';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Got, HTTPError } from 'got';
import { httpClient } from '../../src/host/http.js';
import { AnswerTooLargeError, ExecutionFailedError } from '../../src/index.js';
import { Metrics } from '../../src/telemetry/index.js';
import { pluginOf, TestHost } from '../support/esp-host.js';
import { startUpstream, stopUpstreams } from '../support/http.js';
import { outcome, request } from '../support/raw-client.js';

const MB = 1 << 20;
const LIMIT = 10 * MB;
const OVER = `the answer is over ${LIMIT} bytes`;

let host: TestHost | undefined;
afterEach(async () => {
  await host?.stop();
  stopUpstreams();
});

/** Answers until the client stops reading. @returns the number of sent bytes */
function endless(status = 200): { listener: RequestListener; sent: () => number; closed: Promise<void> } {
  const chunk = Buffer.alloc(65_536, 'x');
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let sent = 0;
  const listener: RequestListener = (_asked, response) => {
    response.writeHead(status);
    response.on('close', resolve);
    const write = (): void => {
      while (!response.destroyed && sent < 1000 * MB) {
        sent += chunk.length;
        if (!response.write(chunk)) return;
      }
      response.destroy();
    };
    response.on('drain', write);
    write();
  };
  return { listener, sent: () => sent, closed };
}

const client = (): Got => httpClient(new Metrics());

const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );

describe('an answer of an upstream', () => {
  it('is read up to 10 MB; then its connection is closed', async () => {
    const { listener, sent, closed } = endless();
    const error = await failure(client().get(await startUpstream(listener)));
    expect(error).toBeInstanceOf(AnswerTooLargeError);
    expect(error).toMatchObject({ message: OVER, answerBytes: LIMIT, code: 'ESP_HOST_ANSWER_TOO_LARGE' });
    expect(String(error)).toBe(`AnswerTooLargeError: ${OVER}`);
    await closed;
    // What the buffers of both sockets hold on the way comes on top.
    expect(sent()).toBeLessThan(LIMIT + 20 * MB);
  });

  it('of exactly 10 MB is accepted', async () => {
    const url = await startUpstream((_asked, response) => response.end(Buffer.alloc(LIMIT)));
    expect((await client().get(url, { responseType: 'buffer' })).body).toHaveLength(LIMIT);
    const over = await startUpstream((_asked, response) => response.end(Buffer.alloc(LIMIT + 1)));
    expect((await failure(client().get(over).text())).message).toBe(OVER);
  });

  const BOMB = Buffer.alloc(60 * MB);
  it.each([
    ['gzip', gzipSync(BOMB)],
    ['br', brotliCompressSync(BOMB, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['gzip, gzip', gzipSync(gzipSync(BOMB))],
  ])('is counted as it is unpacked: %s', async (encoding, packed) => {
    expect(packed.length).toBeLessThan(MB);
    const url = await startUpstream((_asked, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(packed);
    });
    const before = process.memoryUsage().arrayBuffers;
    const error = await failure(client().get(url).json());
    expect(error.message).toBe(OVER);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * MB);
  });

  it('with an error status has the same limit', async () => {
    const url = await startUpstream(endless(500).listener);
    expect(await failure(client().get(url))).toBeInstanceOf(AnswerTooLargeError);
  });

  it('has the limit that the call sets', async () => {
    const url = await startUpstream((_asked, response) => response.end(Buffer.alloc(LIMIT + 1)));
    const larger = client().extend({ context: { answerBytes: 2 * LIMIT } });
    expect((await larger.get(url, { responseType: 'buffer' })).body).toHaveLength(LIMIT + 1);
    const smaller = await failure(client().get(url, { context: { answerBytes: 1000 } }));
    expect(smaller.message).toBe('the answer is over 1000 bytes');
    for (const answerBytes of ['10 MB', -1, Number.NaN]) {
      const wrong = () => client().get(url, { context: { answerBytes } });
      expect(wrong).toThrow(/context\.answerBytes must be a number of bytes/);
    }
  });

  it('may have to be empty', async () => {
    const nothing = { context: { answerBytes: 0 } };
    const empty = await startUpstream((_asked, response) => response.end());
    expect((await client().get(empty, nothing)).body).toBe('');
    const byte = await startUpstream((_asked, response) => response.end('x'));
    expect((await failure(client().get(byte, nothing))).message).toBe('the answer is over 0 bytes');
  });

  it('is not requested again', async () => {
    let asked = 0;
    const url = await startUpstream((_asked, response) => {
      asked++;
      response.end(Buffer.alloc(LIMIT + 1));
    });
    expect((await failure(client().get(url, { retry: { limit: 3 } }))).message).toBe(OVER);
    expect(asked).toBe(1);
  });

  it('that redirects is not followed', async () => {
    const url = await startUpstream((_asked, response) => {
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await client().get(url)).toMatchObject({ statusCode: 302, redirectUrls: [] });
  });

  it('counts as too_large', async () => {
    const metrics = new Metrics();
    const url = await startUpstream(endless().listener);
    await failure(httpClient(metrics).get(url));
    await new Promise(setImmediate);
    expect(await metrics.text()).toMatch(/^esp_upstream_calls_total\{.*outcome="too_large"\} 1$/m);
  });

  it('that is larger fails the method with a fault, and the host continues', async () => {
    const url = await startUpstream(endless().listener);
    const plain = pluginOf('Big', 'Get', async ({ http }) => ({ Text: await http.get(url).text() }));
    const caught = pluginOf(
      'Big',
      'Caught',
      async ({ http }) => {
        const error = await failure(http.get(url));
        throw new ExecutionFailedError('big', error.message);
      },
      { name: 'caught' },
    );
    host = await TestHost.start({ plugins: [plain, caught] });
    const esp = await host.client();
    expect(outcome(await esp.ask(request(1, 'Big', 'Get')))).toBe(
      '920 DMS failed to execute request Big.Get: answer too large',
    );
    expect(outcome(await esp.ask(request(2, 'Big', 'Caught')))).toBe(
      `920 big failed to execute request Big.Caught: ${OVER}`,
    );
    await host.log.line(/Big\.Get: answer too large.*the answer is over 10485760 bytes/);
  });
});

describe('a stream', () => {
  it('ends with the same error', async () => {
    const { listener, sent } = endless();
    const stream = client().stream(await startUpstream(listener));
    const error = await failure(finished(stream.resume()));
    expect(error).toBeInstanceOf(AnswerTooLargeError);
    expect(sent()).toBeLessThan(LIMIT + 20 * MB);
  });

  it('may be endless if the call allows it', async () => {
    const url = await startUpstream((_asked, response) => response.end(Buffer.alloc(2 * LIMIT)));
    const stream = client().stream(url, { context: { answerBytes: Number.POSITIVE_INFINITY } });
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(2 * LIMIT);
  });

  it('with an error status fails without its body', async () => {
    const { listener, sent } = endless(500);
    const stream = client().stream(await startUpstream(listener));
    const error = await failure(finished(stream.resume()));
    expect(error).toBeInstanceOf(HTTPError);
    expect(sent()).toBeLessThan(LIMIT);
  });

  it('with an error status shows no credentials that the upstream repeats', async () => {
    const url = await startUpstream((_asked, response) => response.writeHead(500, 'wrong hush-hush-1').end());
    const headers = { authorization: 'Bearer hush-hush-1' };
    const error = await failure(finished(client().stream(url, { headers }).resume()));
    expect(error.message).toMatch(/500 \(wrong/);
    expect(error.message).not.toContain('hush-hush-1');
  });
});
