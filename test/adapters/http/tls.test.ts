import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pluginOf } from '../../support/esp-host.js';
import { type Certificates, certificates } from '../../support/tls.js';
import { HttpHost } from './setting.js';

const echo = pluginOf('Test', 'Echo', (call) => call.received);
let pem: Certificates;
let host: HttpHost;

beforeAll(async () => {
  pem = await certificates();
});

afterEach(() => host.stop());

const trusting = () => ({ ca: pem.server.certificate, servername: 'localhost' });

describe('over TLS', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('a call is answered with %s', async (version) => {
    host = await HttpHost.start({ plugins: [echo], httpTls: pem.server });
    const tls = { ...trusting(), minVersion: version, maxVersion: version };
    expect(await host.send({ body: { a: 'b' }, tls })).toMatchObject({ status: 200, json: { parameters: { a: 'b' } } });
  });

  it('a client that does not trust the certificate gets nothing, and is logged', async () => {
    host = await HttpHost.start({ plugins: [echo], httpTls: pem.server });
    await expect(host.send({ body: {}, tls: { servername: 'localhost' } })).rejects.toThrow(/self-signed/);
    await expect(host.send({ body: {} })).rejects.toThrow();
    await host.esp.log.line(/HTTP connection refused: the peer speaks plain HTTP instead of TLS client=127/);
  });

  it('with clientCa, a client needs a certificate of that authority', async () => {
    const httpTls = { ...pem.server, clientCa: pem.client.certificate };
    host = await HttpHost.start({ plugins: [echo], httpTls });
    const bring = (pair: { certificate: string; key: string }) => ({
      ...trusting(),
      cert: pair.certificate,
      key: pair.key,
    });
    expect(await host.send({ body: {}, tls: bring(pem.client) })).toMatchObject({ status: 200 });
    await expect(host.send({ body: {}, tls: trusting() })).rejects.toThrow();
    await host.esp.log.line(/HTTP connection refused: the client sent no certificate, and tls.clientCa requires one/);
    await expect(host.send({ body: {}, tls: bring(pem.server) })).rejects.toThrow();
    await host.esp.log.line(
      /HTTP connection refused: the client's certificate \(localhost\) is not signed by tls.clientCa/,
    );
  });

  it('a stop does not wait for a stalled handshake', async () => {
    host = await HttpHost.start({ plugins: [echo], httpTls: pem.server });
    const { connect } = await import('node:net');
    const socket = connect(host.adapter.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    await host.adapter.drain(10_000);
    await new Promise((resolve) => socket.once('close', resolve).resume());
  });
});
