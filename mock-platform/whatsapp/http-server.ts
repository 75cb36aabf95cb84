import type { Socket } from 'node:net';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';
import type { BusinessApiClient, Credentials } from './business-api-client.js';
import type { CallLog, RecordedCall } from './call-log.js';
import { Connections } from './connections.js';
import { contactsAsked } from './contacts-request.js';
import type { Responder } from './forced-response.js';
import { carryOut } from './interception.js';
import type { Settings } from './options.js';

/** The client behind HTTP or HTTPS. */
export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What the server asks while it runs. */
export interface Backend {
  readonly client: BusinessApiClient;
  readonly calls: CallLog;
  readonly responder: () => Responder | undefined;
}

const CONTACTS = '/v1/contacts';
const MESSAGES = '/v1/messages';
const RECORDED_CONTACTS = 100;

type App = ReturnType<typeof createApp>;

/** Listens; rejects where it can't. */
export async function startHttpServer(settings: Settings, backend: Backend): Promise<HttpServer> {
  const app = createApp(settings, backend);
  const connections = new Connections(app.server);
  const closing = new AbortController();
  readBodiesAsText(app);
  const lost = loseAnswers(app, connections);
  recordCalls(app, settings.now, backend, async (request, reply, call) => {
    const { method } = request;
    const forced = await backend.responder()?.({ method, path: pathOf(request), contacts: contactsOf(request) });
    if (forced === undefined) return false;
    const meta = () => backend.client.meta;
    const loseAnswer = () => lost.add(request);
    return carryOut(forced, request, reply, call, { connections, closing: closing.signal, meta, loseAnswer });
  });
  addRoutes(app, backend.client);
  answerErrors(app, backend.client);
  return {
    url: await app.listen({ host: settings.host, port: settings.port }),
    async close() {
      closing.abort();
      connections.close();
      await app.close();
    },
  };
}

function createApp({ tls }: Settings, { client }: Backend) {
  return fastify({
    https: tls ?? null,
    forceCloseConnections: true,
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => {
      sendError(reply, ApiError.ofStatus(error.statusCode ?? 400, error.message), client);
    },
    clientErrorHandler: (error, socket) => refuseMalformed(error, socket, client),
  });
}

/** Whatever the content type says: the client reads JSON alone, and a forced answer comes before a bad body's 400. */
function readBodiesAsText(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/** The requests whose answers are lost: in the place of each comes a TCP reset. */
function loseAnswers(app: App, connections: Connections): WeakSet<object> {
  const lost = new WeakSet<object>();
  app.addHook('onSend', async (request) => {
    if (lost.has(request)) connections.reset(request.raw.socket);
  });
  return lost;
}

type Intercept = (request: FastifyRequest, reply: FastifyReply, call: RecordedCall | undefined) => Promise<boolean>;

function recordCalls(app: App, now: () => number, { calls }: Backend, intercept: Intercept): void {
  const open = new WeakMap<object, RecordedCall>();
  app.addHook('onRequest', async (request) => {
    const call: RecordedCall = { at: now(), method: request.method, path: pathOf(request) };
    open.set(request, call);
    calls.record(call);
  });
  app.addHook('preHandler', async (request, reply) => {
    const call = open.get(request);
    if (call && call.path === CONTACTS) call.contacts = contactsOf(request).slice(0, RECORDED_CONTACTS);
    return (await intercept(request, reply, call)) ? reply : undefined;
  });
  app.addHook('onSend', async (request, reply) => {
    const call = open.get(request);
    if (call) call.status ??= reply.statusCode;
  });
}

function addRoutes(app: App, client: BusinessApiClient): void {
  app.post('/v1/users/login', async (request) => client.login(credentialsOf(request)));
  app.post('/v1/users/logout', async (request) => client.logout(credentialsOf(request)));
  app.post(CONTACTS, async (request) => client.contacts(credentialsOf(request), textOf(request)));
  app.post(MESSAGES, async (request) => client.messages(credentialsOf(request), textOf(request)));
  app.get('/v1/health', async (request) => client.health(credentialsOf(request)));
  refuseOtherMethods(app, ['/v1/users/login', '/v1/users/logout', CONTACTS, MESSAGES], ['POST']);
  refuseOtherMethods(app, ['/v1/health'], ['GET', 'HEAD']);
}

function refuseOtherMethods(app: App, paths: readonly string[], allowed: readonly string[]): void {
  const method = app.supportedMethods.filter((name) => !allowed.includes(name));
  for (const url of paths) {
    app.route({
      method,
      url,
      handler: async (request, reply) => {
        reply.header('allow', allowed.join(', '));
        throw ApiError.ofStatus(405, `${request.method} ${url}: ${allowed[0]} is expected`);
      },
    });
  }
}

function answerErrors(app: App, client: BusinessApiClient): void {
  app.setNotFoundHandler(async (request) => {
    throw new ApiError('resourceNotFound', `${request.method} ${pathOf(request)}: no such resource`);
  });
  app.setErrorHandler(async (error, _request, reply) => {
    sendError(reply, error instanceof ApiError ? error : asApiError(error), client);
    return reply;
  });
}

function asApiError(error: unknown): ApiError {
  if (!(error instanceof Error)) return new ApiError('internal', 'failed unexpectedly');
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return ApiError.ofStatus(status, error.message);
}

function sendError(reply: FastifyReply, error: ApiError, client: BusinessApiClient): void {
  reply.code(error.status).send(error.body(client.meta));
}

/** Bytes that are no HTTP request never become one: the answer is written by hand. */
function refuseMalformed(error: Error & { code?: string }, socket: Socket, client: BusinessApiClient): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(
    new ApiError('invalidRequest', `not an HTTP request: ${error.message}`).body(client.meta),
  );
  const head = `HTTP/1.1 400 Bad Request\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`${head}\r\nContent-Type: application/json\r\n\r\n${body}`);
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';
const textOf = (request: FastifyRequest): string => (typeof request.body === 'string' ? request.body : '');
const contactsOf = (request: FastifyRequest): string[] =>
  pathOf(request) === CONTACTS ? contactsAsked(textOf(request)) : [];

function credentialsOf({ headers }: FastifyRequest): Credentials {
  const apiKey = headers['d360-api-key'];
  return { authorization: headers.authorization, apiKey: Array.isArray(apiKey) ? apiKey[0] : apiKey };
}
