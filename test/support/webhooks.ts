import { createHmac } from 'node:crypto';
import { type Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { loadConfig, prepare } from '../../src/server/index.js';
import { Records, StateFile, type StateStore } from '../../src/state/index.js';
import { file, folder, ROOT } from './files.js';

export const RECEIPTS = join(ROOT, 'test/fixtures/plugins/receipts');
export const SECRET = 'the-secret-of-the-sender';
export const PATH = '/webhooks/receipts';

export const signatureOf = (body: string | Buffer, secret = SECRET): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

export interface Receipt {
  readonly id: string;
  readonly order: string;
  readonly text: string;
}

export const bodyOf = (...receipts: readonly Receipt[]): string => JSON.stringify({ receipts });

export interface Posting {
  readonly path?: string;
  readonly method?: string;
  readonly signature?: string;
  /** In place of the signature. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent | false;
}

export interface Posted {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

/** Posts a signed webhook. */
export async function post(port: number, body: string | Buffer, posting: Posting = {}): Promise<Posted> {
  const { path = PATH, method = 'POST', signature = signatureOf(body), agent = false } = posting;
  const headers = { 'content-type': 'application/json', ...(posting.headers ?? { 'x-signature': signature }) };
  const asked = request({ port, host: '127.0.0.1', path, method, headers, agent });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  asked.once('response', resolve).once('error', reject).end(body);
  const response = await promise;
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text, headers: response.headers };
}

export interface Config {
  /** Further keys of `listeners.webhooks`. */
  readonly webhooks?: string;
  readonly options?: string;
  readonly limits?: string;
  readonly state?: string;
  /** @default true */
  readonly listens?: boolean;
}

/** A config.yaml of the fixture plugin, with everything on free ports. */
export function writeConfig(home = folder(), config: Config = {}): string {
  const { webhooks = '', options = '', limits = '{}', state = 'state/esp-host.db', listens = true } = config;
  const listener = listens ? `, webhooks: { port: 0${webhooks} }` : '';
  return file(
    'config.yaml',
    `application: { name: DMS }
plugins: [{ use: ${RECEIPTS}, options: { secret: ${SECRET}${options} } }]
listeners: { esp: { port: 0 }, metrics: { port: 0 }${listener} }
state: { file: ${state} }
limits: ${limits}
`,
    home,
  );
}

export const prepared = (home: string, config?: Config) =>
  prepare(loadConfig(writeConfig(home, config)), { typescript: true });

const EFFECTS = join(ROOT, 'test/fixtures/plugins/effects');

/** A config.yaml for `serve`, with a plugin that counts the effects of receipts. */
export const writeServed = (home: string, webhooksPort: number, webhooks = '', state = '{ file: state.db }'): string =>
  file(
    `config-${webhooksPort}.yaml`,
    `application: { name: DMS }
plugins: [{ use: ${EFFECTS} }]
listeners: { esp: { port: 0 }, metrics: { enabled: false }, webhooks: { port: ${webhooksPort}${webhooks} } }
state: ${state}
`,
    home,
  );

/** The ids of receipts that did not have their effect exactly once, and how often they had it. */
export async function wrongEffects(
  home: string,
  ids: readonly string[],
  open = (): Promise<StateStore> => StateFile.open(join(home, 'state.db')),
): Promise<string[]> {
  const state = await open();
  const records = new Records(state, 'effects');
  const effects = await Promise.all(ids.map(async (id) => [id, await records.get(`receipt/${id}`)] as const));
  await state.close();
  return effects.filter(([, times]) => times !== 1).map(([id, times]) => `${id}: ${times ?? 0} times`);
}
