import { type ClientTls, EspClient, type EspRequestOptions } from '../client/index.js';
import type { LoadedConfig } from '../config/index.js';
import type { Finding } from '../host/index.js';
import type { Prepared } from '../server/index.js';

export interface InteractionServerAddress {
  readonly host: string;
  readonly port: number;
  /** Undefined: without TLS. */
  readonly tls?: ClientTls;
  /** Its option `third-party-server-timeout`, if known. */
  readonly timeoutMs?: number;
}

/** A service that does not exist. The fault tells whether this host answered. */
const SERVICE = 'EspHostDoctor';
const OWN_ANSWER = `${SERVICE} unknown service`;
const TIMEOUT_MS = 10_000;

/** Whether Interaction Server waits for the host, and its requests reach the host, by AppName and by AppType. */
export async function* examineInteractionServer(
  { application, loaded }: Prepared,
  { host, port, tls, timeoutMs }: InteractionServerAddress,
): AsyncGenerator<Finding> {
  const about = `Interaction Server ${host}:${port}`;
  if (timeoutMs !== undefined) yield examineTimeout(about, loaded, timeoutMs);
  const { charset } = loaded.config.listeners.esp;
  const timeouts = { connectTimeoutMs: TIMEOUT_MS, requestTimeoutMs: TIMEOUT_MS };
  const client = new EspClient({ host, port, charset, ...timeouts, ...(tls === undefined ? {} : { tls }) });
  try {
    await client.connect();
  } catch (error) {
    const advice = 'start it, or correct --interaction-server and the --tls options';
    yield { about, state: 'trouble', text: (error as Error).message, advice };
    return;
  }
  try {
    const advice = tls === undefined ? `${ADVICE}; if it expects TLS, add --tls or --tls-ca` : ADVICE;
    yield await ask(client, `${about}, AppName ${application.name}`, { appName: application.name }, advice);
    yield await ask(client, `${about}, AppType ${application.type}`, { appType: application.type }, advice);
  } finally {
    await client.close();
  }
}

/** A request that takes the host longer than Interaction Server waits is answered in vain. */
function examineTimeout(about: string, loaded: LoadedConfig, timeoutMs: number): Finding {
  const { deadlineMs } = loaded.config.limits;
  if (timeoutMs > deadlineMs) {
    const text = `third-party-server-timeout is longer than limits.deadlineMs (${deadlineMs} ms)`;
    return { about, state: 'good', text };
  }
  const message = `is ${deadlineMs} ms: Interaction Server gives up after ${timeoutMs} ms, before the host answers`;
  const [problem] = loaded.problem(['limits', 'deadlineMs'], message).problems;
  const place = problem === undefined ? loaded.file : `${problem.file}:${problem.line}:${problem.column}`;
  const advice = `write less than ${timeoutMs} there, or raise third-party-server-timeout of Interaction Server`;
  return { about: place, state: 'warning', text: problem?.message ?? message, advice };
}

/** @param advice what to do if there is no reply */
async function ask(
  client: EspClient,
  about: string,
  target: Partial<EspRequestOptions>,
  advice: string,
): Promise<Finding> {
  try {
    const { fault } = await client.request({ service: SERVICE, method: 'Ask', ...target });
    if (fault?.text === OWN_ANSWER) return { about, state: 'good', text: 'requests reach the host' };
    const answer = fault === undefined ? 'a response' : `${fault.code} ${fault.text}`;
    return { about, state: 'trouble', text: `another server answered: ${answer}`, advice: ADVICE };
  } catch (error) {
    return { about, state: 'trouble', text: (error as Error).message, advice };
  }
}

const ADVICE =
  'check that the host runs, that an application of this name and type is configured and started, that Interaction ' +
  'Server has a connection to it, and that its host and port are those of listeners.esp';
