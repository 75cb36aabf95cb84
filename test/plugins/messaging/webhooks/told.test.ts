import { afterAll, afterEach, expect, it } from '@jest/globals';
import { Canaries } from '../../../support/canaries.js';
import { until } from '../../../support/eventually.js';
import { file, folder, ROOT, removeFolders } from '../../../support/files.js';
import { ask, seriesValue } from '../../../support/http.js';
import { killPrograms, Program } from '../../../support/processes.js';
import { post, signatureOf } from '../../../support/webhooks.js';

const PATH = '/webhooks/whatsapp';
const NUMBER = '16315551002';

const canaries = new Canaries();
const TOKEN = canaries.make('token');
const APP_SECRET = canaries.make('appSecret');
const VERIFY_TOKEN = canaries.make('verifyToken');
canaries.add('number', NUMBER);

afterEach(killPrograms);
afterAll(removeFolders);

/** `serve` with a channel of Cloud API, with the secrets in its environment. */
async function serve(): Promise<{ host: Program; port: number; metrics: number }> {
  const config = file(
    'config.yaml',
    `application: { name: DMS }
channels:
  w:
    type: whatsapp
    phoneNumber: "+919876543210"
    api:
      { driver: cloud, url: "http://127.0.0.1:1", phoneNumberId: "1064", businessAccountId: "1022", token: "\${TOKEN}",
        appSecret: "\${APP_SECRET}", verifyToken: "\${VERIFY_TOKEN}" }
    contacts: { from: evidence }
plugins: [{ use: ${ROOT}/plugins/messaging }]
listeners: { esp: { port: 0 }, webhooks: { port: 0 }, metrics: { port: 0 } }
state: { file: state.db }
logging: { level: debug, format: json }
`,
    folder(),
  );
  const env = { TOKEN, APP_SECRET, VERIFY_TOKEN };
  const host = new Program(['serve', '--config', config], { env });
  const [, metrics] = await host.printed(/"url":"http:\/\/127\.0\.0\.1:(\d+)"/);
  const [, port] = await host.printed(/webhooks over HTTP","address":"127\.0\.0\.1:(\d+)"/);
  await host.printed(/listens for ESP/);
  return { host, port: Number(port), metrics: Number(metrics) };
}

const statuses = (...all: object[]): string =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '1022',
        changes: [
          {
            field: 'messages',
            value: {
              metadata: { phone_number_id: '1064' },
              statuses: all.map((one) => ({
                id: `wamid.${btoa(NUMBER)}0001112223334445556`,
                recipient_id: NUMBER,
                ...one,
              })),
            },
          },
        ],
      },
    ],
  });

it('webhooks leave no secret and no number in logs, metrics and answers', async () => {
  const { host, port, metrics } = await serve();
  const said: string[] = [];
  const send = async (body: string, secret = APP_SECRET): Promise<number | undefined> => {
    const headers = { 'x-hub-signature-256': signatureOf(body, secret) };
    const answer = await post(port, body, { path: PATH, headers });
    said.push(JSON.stringify(answer));
    return answer.status;
  };
  const verify = async (token: string): Promise<number | undefined> => {
    const query = new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': token, 'hub.challenge': '4711' });
    const answer = await post(port, '', { path: `${PATH}?${query}`, method: 'GET' });
    said.push(JSON.stringify(answer));
    return answer.status;
  };
  expect([await verify(VERIFY_TOKEN), await verify('wrong')]).toEqual([200, 403]);
  const errors = [{ code: 131026, error_data: { details: `+${NUMBER} is not on WhatsApp` } }];
  expect(await send(statuses({ status: 'sent' }, { status: 'failed', errors }, { status: NUMBER }))).toBe(200);
  expect(await send(statuses({ status: 'read' }), 'another secret')).toBe(401);
  expect(await send(`${NUMBER} ${statuses()}`)).toBe(400);
  const page = async (): Promise<string> => (await ask(metrics, '/metrics')).body;
  const counted = (event: string, text: string) =>
    seriesValue(text, `esp_whatsapp_events_total{channel="w",event="${event}"}`);
  await until(async () => counted('failed', await page()) === 1);
  expect(counted('sent', await page())).toBe(1);
  said.push(await page());
  const { stderr } = await host.kill('SIGTERM');
  expect(stderr).toContain('is not on WhatsApp');
  expect([stderr, ...said].flatMap((text) => canaries.in(text))).toEqual([]);
});
