import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EspRequest } from '../../src/esp/index.js';
import { HostCall } from '../../src/host/call.js';
import { httpClient } from '../../src/host/http.js';
import { Application, Metrics } from '../../src/index.js';
import { LogLines } from '../support/log-lines.js';
import { request } from '../support/raw-client.js';

const application = new Application({ name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' });
const channel = { name: 'sales', type: 'sms', settings: {}, problem: () => new Error() };

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function callOf(of: typeof channel | undefined = undefined) {
  const metrics = new Metrics();
  const log = new LogLines();
  const asked = new EspRequest(request(17, 'Test', 'Do', { Id: 'x' }));
  const context = { application, metrics, logger: log.logger, http: httpClient(metrics) };
  return { call: new HostCall(context, asked, { Id: 'x' }, of, '10.1.2.3:40122'), asked, metrics, log };
}

describe('a call', () => {
  it('has the request, its parameters, its client, and what the host shares', () => {
    const { call, asked, metrics } = callOf();
    expect(call).toMatchObject({ parameters: { Id: 'x' }, client: '10.1.2.3:40122' });
    expect(call.request).toBe(asked);
    expect(call.received.string('Id')).toBe('x');
    expect(call.userData.entries).toEqual([]);
    expect(call.application).toBe(application);
    expect(call.metrics).toBe(metrics);
  });

  it('has a channel only if its method names a type', () => {
    const { call } = callOf(channel);
    expect([call.hasChannel, call.channel]).toEqual([true, channel]);
    const { call: other } = callOf();
    expect(other.hasChannel).toBe(false);
    expect(() => other.channel).toThrow("Test.Do has no channel: name its type in @EspMethod's option 'channel'");
  });

  it('logs with its ReferenceId, client and name', () => {
    const { call, log } = callOf();
    call.logger.info('done');
    expect(call.logger).toBe(call.logger);
    expect(log.matching(/INFO {2}done referenceId=17 client=10\.1\.2\.3:40122 method=Test\.Do$/)).toHaveLength(1);
  });

  it.each(['before', 'after'])('that is abandoned %s its signal is read has an aborted signal', (when) => {
    const { call } = callOf();
    const reason = new Error('enough');
    if (when === 'after') expect(call.signal.aborted).toBe(false);
    call.abandon(reason);
    expect([call.signal.aborted, call.signal.reason]).toEqual([true, reason]);
    expect(call.signal).toBe(call.signal);
  });

  it('that is abandoned cancels its calls to upstreams', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const { call } = callOf();
    const answer = call.http.get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(call.http).toBe(call.http);
    await once(server, 'request');
    call.abandon(new Error('enough'));
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });
});
