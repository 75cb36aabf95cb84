import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startWhatsAppApi, type WhatsAppApi } from '../plugins/messaging/whatsapp-api.js';
import { file, folder, ROOT, removeFolders } from '../support/files.js';
import { killPrograms, Program, run } from '../support/processes.js';
import { certificates } from '../support/tls.js';

const PLUGIN = 'plugins/messaging/dist';

/** The lines of the README for a server. */
function deploy(): string {
  const server = folder();
  for (const part of ['package.json', 'bin', 'dist/src', PLUGIN]) {
    cpSync(join(ROOT, part), join(server, part), { recursive: true });
  }
  return server;
}

function checksum(path: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.js')) hash.update(name).update(readFileSync(join(path, name)));
  }
  return hash.digest('hex');
}

let api: WhatsAppApi;
beforeAll(async () => {
  api = await startWhatsAppApi({ registeredNumber: '+919876543210', numbers: ['+16315551002'] });
});
afterAll(async () => {
  await killPrograms();
  await api.close();
  removeFolders();
});

const config = (plugin: string, listener: string): string => `
application: { name: DMS }
channels:
  whatsapp:
    type: whatsapp
    phoneNumber: "+919876543210"
    api: { driver: on-premises, url: "\${WHATSAPP_URL}", username: admin, password: secret }
    contacts: { from: contacts-endpoint }
plugins: [{ use: ${plugin} }]
listeners: { esp: ${listener} }
`;

const ask = ['send', 'Messaging', 'ValidateContact', 'Id=+1-631-555-1002'];
const answered = { code: 0, stdout: 'Id=+16315551002\n', stderr: '' };

it('the same built plugin answers under mock, and under serve over mutual TLS on a server without the mock platform', async () => {
  const home = folder();
  const platform = `interactionServer: { port: 0 }
console: { port: 0 }
applications: []
upstreams:
  whatsapp:
    plugin: ${join(ROOT, PLUGIN, 'index.js')}
    settings: { registeredNumber: "+919876543210", password: secret, numbers: ["+16315551002"] }
`;
  const mocked = config(join(ROOT, PLUGIN, 'index.js'), '{ port: 0 }');
  const mock = new Program([
    'mock',
    '--config',
    file('config.yaml', mocked, home),
    '--platform',
    file('platform.yaml', platform, home),
  ]);
  const [, mockAddress = ''] = await mock.printed(/Host +(\S+),/);
  expect(await run(...ask, '--to', mockAddress)).toEqual(answered);
  expect((await mock.kill('SIGINT')).code).toBe(0);

  const root = deploy();
  const pem = await certificates();
  const tls = '{ port: 0, tls: { certificate: host.pem, key: host.key, clientCa: clients.pem } }';
  file('config.yaml', config('./plugins/messaging', tls), root);
  file('host.pem', pem.server.certificate, root);
  file('host.key', pem.server.key, root);
  file('clients.pem', pem.client.certificate, root);
  const serve = new Program(['serve'], { root, env: { WHATSAPP_URL: api.url } });
  const [, address = ''] = await serve.printed(/listens for ESP over TLS address=(\S+)/);
  const withCertificate = [
    '--tls-ca',
    join(root, 'host.pem'),
    '--tls-cert',
    file('client.pem', pem.client.certificate, home),
    '--tls-key',
    file('client.key', pem.client.key, home),
  ];
  expect(await run(...ask, '--to', address, ...withCertificate)).toEqual(answered);
  expect((await run(...ask, '--to', address, '--tls-ca', join(root, 'host.pem'))).code).toBe(1);
  await serve.printed(/the client sent no certificate/);
  const compare = new Program(['compare', 'recording.jsonl', '--a', '127.0.0.1:1', '--b', '127.0.0.1:2'], { root });
  expect(await compare.ended()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^this command needs the mock/),
  });
  expect((await serve.kill('SIGTERM')).code).toBe(0);

  expect(readdirSync(root)).not.toContain('mock-platform');
  expect(readdirSync(root)).not.toContain('node_modules');
  expect(readdirSync(join(root, 'dist'))).toEqual(['src']);
  expect(checksum(join(root, PLUGIN))).toBe(checksum(join(ROOT, PLUGIN)));
});
