import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { WhatsAppAPI } from 'whatsapp-api-js';
import { userIdOf } from '../../../../plugins/messaging/mock/phones/customer.js';
import { APP_SECRET, CloudPlatform, CUSTOMER, NOBODY } from '../mock/cloud-platform.js';

/** `whatsapp-api-js`, which shares nothing with this code, gets the webhooks of the mock in place of the host. */

const cloud = new CloudPlatform();
let server: Server | undefined;
afterEach(async () => {
  await cloud.end();
  server?.close();
});

const seen: string[] = [];

/** Receives webhooks with the other client, which checks their signature. */
async function receiver(): Promise<string> {
  const other = new WhatsAppAPI({ token: 'hunter2', appSecret: APP_SECRET, webhookVerifyToken: 'x', v: 'v26.0' });
  other.on.message = ({ from, message, name }) => {
    const content = message.type === 'text' ? message.text.body : message.type === 'button' && message.button.payload;
    seen.push(`${message.type} ${content} of ${from} (${name})`);
  };
  other.on.status = ({ phoneID, phone, status, id, error, pricing, biz_opaque_callback_data: reference }) => {
    expect([phoneID, id, reference]).toEqual(['1064', expect.stringMatching(/^wamid\./), expect.any(String)]);
    seen.push([status, phone, pricing?.category, error?.code].filter((part) => part !== undefined).join(' '));
  };
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const signature = String(request.headers['x-hub-signature-256']);
      other.post(JSON.parse(body), body, signature).then(
        () => response.writeHead(200).end(),
        (error) => response.writeHead(500).end(String(error)),
      );
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
}

it('another client accepts the webhooks of the mock', async () => {
  const url = await receiver();
  await cloud.start({ cloud: { webhooks: { url, appSecret: APP_SECRET } } });
  const accepted = (event: string) => cloud.upstream.webhooks.until({ about: { event }, outcome: 'accepted' });
  const id = await cloud.invite();
  await accepted('delivered');
  cloud.whatsapp.phones.press(CUSTOMER, id, 'Later');
  await accepted('message');
  const { id: message } = cloud.whatsapp.phones.write(CUSTOMER, 'Thanks');
  await cloud.invite(NOBODY);
  await accepted('failed');
  await cloud.upstream.webhooks.until({ about: { event: 'message', message }, outcome: 'accepted' });
  const [number, userId] = [CUSTOMER.slice(1), userIdOf(CUSTOMER)];
  expect(userId).toMatch(/^US\./);
  expect(seen.sort()).toEqual([
    `button later of ${number} (Customer 1002)`,
    `delivered ${number} utility`,
    `failed ${NOBODY.slice(1)} 131026`,
    `read ${number}`,
    `sent ${number} utility`,
    `text Thanks of ${number} (Customer 1002)`,
  ]);
});
