import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { charset, encodeMessage } from '../../../src/wire/index.js';
import { pluginOf, TestHost } from '../../support/esp-host.js';
import { outcome, RawClient, request } from '../../support/raw-client.js';
import { type Certificates, certificates, make } from '../../support/tls.js';

const echo = pluginOf('Test', 'Echo', (call) => ({ Said: call.received.string('Say') ?? '' }));
let pem: Certificates;
let host: TestHost | undefined;

beforeAll(async () => {
  pem = await certificates();
});

afterEach(async () => {
  await host?.stop();
});

describe('a TLS listener', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('answers over %s', async (version) => {
    host = await TestHost.start({ plugins: [echo], tls: pem.server });
    const client = await RawClient.openTls(host.adapter.port, {
      ca: pem.server.certificate,
      minVersion: version,
      maxVersion: version,
    });
    expect(outcome(await client.ask(request(1, 'Test', 'Echo', { Say: 'secret' })))).toBe('{"Said":"secret"}');
    await client.close();
  });

  it('refuses TLS 1.1', async () => {
    host = await TestHost.start({ plugins: [echo], tls: pem.server });
    const old = { ca: pem.server.certificate, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    await expect(RawClient.openTls(host.adapter.port, { ...old, ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow();
    await host.log.line(/connection refused: TLS handshake failed: ERR_SSL_UNSUPPORTED_PROTOCOL/);
  });

  it('with clientCa accepts a client with a certificate of that authority', async () => {
    host = await TestHost.start({ plugins: [echo], tls: { ...pem.server, clientCa: pem.client.certificate } });
    const client = await RawClient.openTls(host.adapter.port, {
      ca: pem.server.certificate,
      cert: pem.client.certificate,
      key: pem.client.key,
    });
    expect(outcome(await client.ask(request(1, 'Test', 'Echo', { Say: 'mutual' })))).toBe('{"Said":"mutual"}');
    await client.close();
  });

  it('with clientCa refuses a client without a certificate, and one of another authority', async () => {
    host = await TestHost.start({ plugins: [echo], tls: { ...pem.server, clientCa: pem.client.certificate } });
    const closed = (options: object): Promise<unknown> =>
      new Promise((resolve) => {
        const socket = connectTls({
          port: host?.adapter.port ?? 0,
          host: '127.0.0.1',
          ca: pem.server.certificate,
          ...options,
        });
        socket.on('error', () => undefined).on('close', resolve);
      });
    await closed({});
    await host.log.line(/the client sent no certificate, and tls.clientCa requires one.*client=127/);
    await closed({ cert: pem.server.certificate, key: pem.server.key });
    await host.log.line(/the client's certificate \(localhost\) is not signed by tls.clientCa: .*client=127/);
  });

  describe('with clientNames', () => {
    let named: Certificates['client'];
    beforeAll(async () => {
      named = await make('Interaction Server 01', ['ixn-1.example', 'ixn-2.example']);
    });
    const connectAs = async (clientNames: string[]): Promise<void> => {
      host = await TestHost.start({
        plugins: [echo],
        tls: { ...pem.server, clientCa: named.certificate, clientNames },
      });
      const client = await RawClient.openTls(host.adapter.port, {
        ca: pem.server.certificate,
        cert: named.certificate,
        key: named.key,
      });
      client.send(request(1, 'Test', 'Echo', { Say: 'known' }));
      await Promise.race([client.messages(1), client.closed]);
      expect(client.received.map(outcome)).toEqual(['{"Said":"known"}']);
      await client.close();
    };

    it.each([
      ['its common name', ['other', 'Interaction Server 01']],
      ['one of its DNS names', ['ixn-2.example']],
      ['one of its DNS names, in any case', ['IXN-1.example']],
    ])('accepts a client by %s', async (_name, names) => connectAs(names));

    it.each([
      ['other', ['Interaction Server 02', 'ixn-3.example']],
      ['only part of a', ['Interaction Server', 'example', 'ixn-1']],
      ['a wildcard for its', ['*.example', '*']],
      ['in the wrong case its common', ['interaction server 01']],
      ['an address for its', ['127.0.0.1']],
    ])('refuses a client that has %s name, and logs it', async (_name, names) => {
      await expect(connectAs(names)).rejects.toThrow();
      await host?.log.line(
        /refused: the client's certificate \(Interaction Server 01\) has none of the names in tls\.clientNames; it also has DNS:ixn-1\.example, DNS:ixn-2\.example, IP Address:127\.0\.0\.1 client=127/,
      );
    });

    it('repeats at most 200 characters of the names in a certificate', async () => {
      const names = Array.from({ length: 30 }, (_, number) => `interaction-server-${number}.example`);
      named = await make('Interaction Server 01', names);
      await expect(connectAs(['other'])).rejects.toThrow();
      const line = (await host?.log.line(/none of the names in tls\.clientNames; it also has DNS:/)) ?? '';
      const [, shown = ''] = /it also has (.*) client=/.exec(line) ?? [];
      expect(shown).toHaveLength(200);
    });

    it('does not trust names in a certificate of another authority', async () => {
      host = await TestHost.start({
        tls: { ...pem.server, clientCa: pem.client.certificate, clientNames: ['ixn-1.example'] },
      });
      const stranger = { ca: pem.server.certificate, cert: named.certificate, key: named.key };
      const client = await RawClient.openTls(host.adapter.port, stranger);
      await client.closed;
      await host.log.line(/the client's certificate \(Interaction Server 01\) is not signed by tls\.clientCa/);
    });
  });

  it.each([
    ['plain ESP', encodeMessage(request(1, 'Test', 'Echo'), charset()), /does not speak TLS \(most likely plain ESP\)/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /the peer speaks plain HTTP instead of TLS/],
  ])('logs a client that speaks %s', async (_name, bytes, line) => {
    host = await TestHost.start({ tls: pem.server });
    const socket = connect(host.adapter.port, '127.0.0.1');
    socket.on('error', () => undefined).write(bytes);
    await host.log.line(line);
    socket.destroy();
  });
});

it('logs a client that speaks TLS to a plain port', async () => {
  host = await TestHost.start();
  await expect(RawClient.openTls(host.adapter.port, {})).rejects.toThrow();
  await host.log.line(/the peer speaks TLS instead of plain ESP/);
});
