import type { Server } from 'node:http';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { Secret } from '../../config/index.js';
import type { Dispatcher } from '../../host/index.js';
import type { RootLogger } from '../../telemetry/index.js';
import type { ListenerTls } from '../../transport/index.js';
import { BearerToken } from './bearer-token.js';
import { Calls } from './calls.js';
import type { Connections } from './connections.js';
import { HttpError } from './http-error.js';
import { newServer, peerOf, type ServerLimits } from './http-server.js';
import type { ListLimits } from './list-size.js';
import { openApi } from './openapi.js';
import { requestOf } from './read-request.js';
import { malformed, refusalOf } from './refusals.js';
import { type Answer, JSON_TYPE, TYPED_TYPE } from './write-reply.js';

export interface HttpLimits extends ListLimits, ServerLimits {
  readonly messageBytes: number;
}

export interface AppOptions {
  /** Of the application, for people. */
  readonly name: string;
  readonly dispatcher: Dispatcher;
  readonly limits: HttpLimits;
  readonly token: Secret;
  readonly tls?: ListenerTls;
  readonly logger: RootLogger;
  readonly connections: Connections;
}

export type App = ReturnType<typeof newApp>;

/** The routes and what surrounds them; nothing listens yet. */
export function createApp(options: AppOptions): App {
  const app = newApp(options);
  checkEveryRequest(app, options);
  readBodies(app);
  addRoutes(app, options);
  app.addHook('onSend', async (_request, reply) => {
    if (options.connections.draining) reply.header('connection', 'close');
  });
  app.setErrorHandler((error, request, reply) => refuse(reply, refusalOf(error, request, options.logger)));
  return app;
}

function newApp({ limits, tls, logger, connections }: AppOptions) {
  return fastify<Server>({
    serverFactory: (handler) => newServer(connections.counting(handler), limits, tls, logger),
    bodyLimit: limits.messageBytes,
    routerOptions: { maxParamLength: 16_384 },
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => refuse(reply, refusalOf(error, request, logger)),
    clientErrorHandler: (error, socket) => {
      logger.info(`HTTP connection closed: ${error.message}`, { client: peerOf(socket) });
      if (connections.of(socket).owesReply) socket.destroy();
      else malformed(error, socket, limits.frameMs);
    },
  });
}

/** Before a body is read: who asks, and whether anything is there. */
function checkEveryRequest(app: App, { token, logger }: AppOptions): void {
  const bearer = new BearerToken(token);
  let refused = 0;
  let logged = Number.NEGATIVE_INFINITY;
  const checked = (request: FastifyRequest): void => {
    try {
      bearer.check(request.headers.authorization);
    } catch (error) {
      refused++;
      // A flood must not become a flood of lines.
      if (performance.now() - logged >= 1000) {
        logger.warn('an HTTP request without the bearer token is refused', { client: peerOf(request.socket), refused });
        logged = performance.now();
      }
      throw error;
    }
  };
  app.addHook('onRequest', async (request) => {
    checked(request);
    if (!request.is404) return;
    const calls = 'POST /esp/{service}/{method} calls a method, GET /openapi.json describes them all';
    throw new HttpError(404, `there is no ${request.method} ${pathOf(request)}: ${calls}`);
  });
}

function readBodies(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parse(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** An empty body is none. */
function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new HttpError(400, 'the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `the body is no JSON: ${(error as Error).message}`);
  }
}

const CALL = '/esp/:service/:method';
const DESCRIPTION = '/openapi.json';

function addRoutes(app: App, { name, dispatcher, limits, connections }: AppOptions): void {
  const calls = new Calls(dispatcher, connections);
  app.post<{ Params: { service: string; method: string } }>(CALL, (request, reply) => {
    const asked = { ...request.params, json: request.body };
    const typed = request.headers.accept?.includes(TYPED_TYPE) === true;
    const esp = requestOf(asked, calls.nextReferenceId(), limits);
    calls.call(esp, reply.raw, typed, (answer) => send(reply, answer));
  });
  app.get(DESCRIPTION, (_request, reply) => {
    send(reply, { status: 200, type: JSON_TYPE, body: openApi(name, dispatcher.methods) });
  });
  refuseOtherMethods(app, CALL, ['POST']);
  refuseOtherMethods(app, DESCRIPTION, ['GET', 'HEAD']);
}

function refuseOtherMethods(app: App, url: string, allowed: readonly string[]): void {
  app.route({
    method: app.supportedMethods.filter((name) => !allowed.includes(name)),
    url,
    onRequest: async (request) => {
      const message = `${request.method} is not for ${pathOf(request)}: ${allowed[0]} is`;
      throw new HttpError(405, message, { allow: allowed.join(', ') });
    },
    handler: (_request, reply) => reply,
  });
}

function send(reply: FastifyReply, { status, type, body }: Answer): void {
  if (status === 503) reply.header('retry-after', '1');
  reply
    .code(status)
    .header('content-type', type)
    .send(Buffer.from(JSON.stringify(body)));
}

function refuse(reply: FastifyReply, { status, message, headers }: HttpError): void {
  reply.headers(headers);
  send(reply, { status, type: JSON_TYPE, body: { error: message } });
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';
