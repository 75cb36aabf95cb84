import { type ClientTls, EspClient, type EspRequestOptions } from '../client/index.js';
import type { Finding } from '../host/index.js';
import type { Prepared } from '../server/index.js';

export interface InteractionServerAddress {
  readonly host: string;
  readonly port: number;
  /** How its listener with TLS is connected to; undefined: it is one without. */
  readonly tls?: ClientTls;
}

/** A service that nobody has: this host, and it alone, answers in these words. */
const SERVICE = 'EspHostDoctor';
const OWN_ANSWER = `${SERVICE} unknown service`;
const WAIT_MS = 10_000;

/** Whether requests that go to Interaction Server come to the host, by its AppName and by its AppType. */
export async function* examineInteractionServer(
  { application, loaded }: Prepared,
  at: InteractionServerAddress,
): AsyncGenerator<Finding> {
  const place = `Interaction Server ${at.host}:${at.port}`;
  const { charset } = loaded.config.listeners.esp;
  const client = new EspClient({ ...at, charset, connectTimeoutMs: WAIT_MS, requestTimeoutMs: WAIT_MS });
  try {
    await client.connect();
  } catch (error) {
    const advice = `start it, or correct --interaction-server${at.tls === undefined ? '' : ' and the --tls options'}`;
    yield { about: place, state: 'trouble', text: (error as Error).message, advice };
    return;
  }
  try {
    const hint = at.tls === undefined ? '; where it listens with TLS, add --tls or --tls-ca' : '';
    yield await ask(client, `${place}, AppName ${application.name}`, { appName: application.name }, hint);
    yield await ask(client, `${place}, AppType ${application.type}`, { appType: application.type }, hint);
  } finally {
    await client.close();
  }
}

/** @param hint what may be the matter, too, where no answer comes */
async function ask(
  client: EspClient,
  about: string,
  target: Partial<EspRequestOptions>,
  hint: string,
): Promise<Finding> {
  try {
    const { fault } = await client.request({ service: SERVICE, method: 'Ask', ...target });
    if (fault?.text === OWN_ANSWER) return { about, state: 'good', text: 'a request comes to the host and back' };
    const said = fault === undefined ? 'a response' : `${fault.code} ${fault.text}`;
    return { about, state: 'trouble', text: `another answered than the host: ${said}`, advice: ADVICE };
  } catch (error) {
    return { about, state: 'trouble', text: (error as Error).message, advice: `${ADVICE}${hint}` };
  }
}

const ADVICE =
  'see that the host runs, that its application has this name and type and is started there, that Interaction Server ' +
  'has a connection to it, and that host and port in its configuration are those of listeners.esp';
