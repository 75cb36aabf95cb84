import type { IncomingMessage, Server } from 'node:http';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { cutText, type RationedLog } from '../../telemetry/index.js';
import { peerOf } from '../../transport/index.js';
import { Calls, type HttpReply, JSON_TYPE, TYPED_TYPE } from './calls.js';
import type { Connections } from './connections.js';
import { HttpError } from './errors.js';
import { openApi } from './openapi.js';
import { type Body, readBody } from './read-body.js';
import { requestOf } from './request.js';
import { httpErrorOf, newServer, refuseMalformed } from './server.js';
import type { CurrentService } from './service.js';

export interface AppOptions {
  readonly service: CurrentService;
  readonly connections: Connections;
  readonly log: RationedLog;
}

export type App = ReturnType<typeof newApp>;

/** The routes and their hooks. It does not listen. */
export function createApp(options: AppOptions): App {
  const app = newApp(options);
  checkRequests(app, options);
  parseBodies(app, options);
  addRoutes(app, options);
  const { connections } = options;
  app.addHook('onSend', async ({ socket, raw }, reply, payload) => {
    const connection = connections.of(socket);
    if (connections.draining && connection.endWith(reply.raw)) reply.header('connection', 'close');
    if (Buffer.isBuffer(payload)) connection.buffered(raw, payload.length);
  });
  app.setErrorHandler((error, request, reply) => refuse(reply, httpErrorOf(error, request, options.log)));
  return app;
}

function newApp({ service, connections, log }: AppOptions) {
  return fastify<Server>({
    serverFactory: (handler) => newServer(connections.tracking(handler), service().limits, log),
    routerOptions: { maxParamLength: 16_384 },
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => refuse(reply, httpErrorOf(error, request, log)),
    clientErrorHandler: (error, socket) => {
      log.ofConnection('info', 'HTTP closed', peerOf(socket), `HTTP connection closed: ${cutText(error.message, 200)}`);
      if (connections.of(socket).owesReply) socket.destroy();
      else refuseMalformed(error, socket, service().limits.frameMs);
    },
  });
}

/** Checks the token and the path before the body is read. */
function checkRequests(app: App, { service, log }: AppOptions): void {
  const checked = (request: FastifyRequest): void => {
    try {
      service().bearer.check(request.headers.authorization);
    } catch (error) {
      const text = 'HTTP request without the bearer token refused';
      log.ofConnection('warn', 'HTTP token', peerOf(request.socket), text);
      throw error;
    }
  };
  app.addHook('onRequest', async (request) => {
    checked(request);
    if (!request.is404) return;
    const calls = 'POST /esp/{service}/{method} calls a method, GET /openapi.json describes them all';
    throw new HttpError('ESP_HTTP_NOT_FOUND', `there is no ${request.method} ${pathOf(request)}: ${calls}`);
  });
}

function parseBodies(app: App, { service, connections }: AppOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, (_request: FastifyRequest, body: IncomingMessage) =>
    readBody(body, service().limits, (bytes) => connections.of(body.socket).buffered(body, bytes)),
  );
}

const CALL = '/esp/:service/:method';
const DESCRIPTION = '/openapi.json';

function addRoutes(app: App, { service, connections }: AppOptions): void {
  const calls = new Calls(connections);
  app.post<{ Params: { service: string; method: string }; Body: Body | undefined }>(
    CALL,
    ({ params, body, headers }, reply) => {
      const { dispatcher, limits } = service();
      const sized = requestOf({ ...params, body }, calls.nextReferenceId(), limits);
      const typed = headers.accept?.includes(TYPED_TYPE) === true;
      const call = { ...sized, response: reply.raw, typed, maxBytes: limits.messageBytes };
      calls.call(dispatcher, call, (answer) => send(reply, answer));
    },
  );
  app.get(DESCRIPTION, (_request, reply) => {
    const { name, dispatcher } = service();
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
      const message = `${pathOf(request)} does not allow ${request.method}: use ${allowed[0]}`;
      throw new HttpError('ESP_HTTP_METHOD_NOT_ALLOWED', message, { allow: allowed.join(', ') });
    },
    handler: (_request, reply) => reply,
  });
}

function send(reply: FastifyReply, { status, type, body }: HttpReply): void {
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
