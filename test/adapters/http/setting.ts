import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { HttpAdapter, type HttpAdapterSettings } from '../../../src/adapters/http/index.js';
import { Secret } from '../../../src/config/index.js';
import { BufferBudget, Descriptors, type ListenerTls } from '../../../src/transport/index.js';
import { type HostSetup, TestHost } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';

export const TOKEN = 'e3b0c44298fc1c149afbf4c8';

export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: unknown;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  /** A string or bytes go as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly tls?: RequestOptions;
  readonly agent?: Agent;
  /** Ends the request before its reply. */
  readonly signal?: AbortSignal;
}

/** No deadline comes to the help of a test whose client has gone. */
const LIMITS = {
  deadlineMs: 60_000,
  inFlight: 10_000,
  inFlightPerConnection: 1000,
  connections: 1000,
  messageBytes: 1 << 20,
  listDepth: 128,
  listEntries: 100_000,
  frameMs: 10_000,
  bufferedBytes: 256 << 20,
};

/** A host with its HTTP adapter on a free port. */
export class HttpHost {
  private constructor(
    readonly esp: TestHost,
    readonly adapter: HttpAdapter,
    private readonly settings: HttpAdapterSettings,
    private readonly agents: Agent[] = [],
  ) {}

  static async start(setup: HostSetup & { httpTls?: ListenerTls } = {}): Promise<HttpHost> {
    const limits = { ...LIMITS, ...setup.limits };
    const budget = setup.budget ?? new BufferBudget(limits.bufferedBytes);
    const descriptors = setup.descriptors ?? new Descriptors();
    const esp = await TestHost.start({ ...setup, limits, budget, descriptors });
    const settings = {
      name: 'DMS',
      dispatcher: esp.host.dispatcher,
      limits,
      token: new Secret(TOKEN),
      tls: setup.httpTls,
    };
    const adapter = new HttpAdapter({
      ...settings,
      logger: esp.log.logger,
      metrics: esp.host.metrics,
      host: '127.0.0.1',
      port: 0,
      budget,
      descriptors,
    });
    await adapter.start();
    return new HttpHost(esp, adapter, settings);
  }

  /** Changes limits, as a reload does. */
  use(limits: Partial<HttpAdapterSettings['limits']>): void {
    this.adapter.use({ ...this.settings, limits: { ...this.settings.limits, ...limits } });
  }

  /** An agent that keeps its one connection. */
  keepAlive(): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.agents.push(agent);
    return agent;
  }

  async send(sent: Sent): Promise<HttpReply> {
    const { body, tls, headers = {}, method = body === undefined ? 'GET' : 'POST' } = sent;
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const options = {
      host: '127.0.0.1',
      port: this.adapter.port,
      method,
      path: sent.path ?? '/esp/Test/Echo',
      headers: { authorization: `Bearer ${TOKEN}`, ...type, ...headers },
      agent: sent.agent ?? false,
      ...(sent.signal === undefined ? {} : { signal: sent.signal }),
      ...tls,
    };
    const asked = tls === undefined ? httpRequest(options) : httpsRequest({ ...options, agent: false });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    asked.once('response', resolve).once('error', reject);
    asked.end(typeof body === 'string' || Buffer.isBuffer(body) || body === undefined ? body : JSON.stringify(body));
    return read(await promise);
  }

  /** Calls Test.Echo, or another method. */
  call(body: unknown, method = 'Test/Echo', headers: Record<string, string> = {}): Promise<HttpReply> {
    return this.send({ path: `/esp/${method}`, body, headers });
  }

  async inFlight(count = 1): Promise<void> {
    await until(() => this.esp.host.dispatcher.inFlight === count, `${count} requests are in flight`);
  }

  async stop(): Promise<void> {
    for (const agent of this.agents) agent.destroy();
    await this.adapter.drain(0);
    await this.esp.stop();
  }
}

async function read(message: IncomingMessage): Promise<HttpReply> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const json = /json/.test(message.headers['content-type'] ?? '') ? JSON.parse(text) : undefined;
  return { status: message.statusCode ?? 0, headers: message.headers, text, json };
}
