import { MockRouteError } from 'esp-host';
import { type FastifyInstance, fastify } from 'fastify';
import { AdminError, notFound } from '../errors.js';
import type { RunningPlatform } from '../runtime/index.js';
import { docsPage } from './docs-page.js';
import { Events } from './events.js';
import { refusal } from './guard.js';
import { openApi } from './openapi.js';
import { register } from './route.js';
import { routesOf, servePlugins } from './routes/index.js';
import { CONSOLE_FOLDER, webFile } from './web-files.js';

/** The running admin API, which also serves the web console. */
export interface AdminApi {
  /** `http://127.0.0.1:8080`, without a path. */
  readonly url: string;
  /** Closes every connection. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const BODY_BYTES = 16 << 20;

const NOT_BUILT = 'The web console is not built. Run `npm run build` in the esp-host folder, then reload this page.\n';

/** Allows only the console's own scripts and styles, and no framing. */
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/** Listens on 127.0.0.1. @param port 0 selects any free port @throws the error of `listen`, such as EADDRINUSE */
export async function startAdminApi(
  platform: RunningPlatform,
  port: number,
  folder = CONSOLE_FOLDER,
): Promise<AdminApi> {
  const app = fastify({ bodyLimit: BODY_BYTES, forceCloseConnections: true });
  acceptOnlyJson(app);
  const events = new Events(platform);
  const url = (): string => `http://${HOST}:${(app.server.address() as { port: number } | null)?.port ?? port}`;
  handleErrors(app);
  app.addHook('onRequest', async (request, reply) => {
    const reason = refusal(request.headers);
    if (reason !== undefined) throw new AdminError(403, reason);
    reply.headers({
      'x-content-type-options': 'nosniff',
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
    });
  });
  const routes = routesOf({ platform, url, changed: (what) => events.changed(what) });
  for (const route of routes) register(app, route);
  servePlugins(app, platform);
  serveDocuments(app, openApi(routes));
  app.get('/api/events', (request, reply) => {
    reply.hijack();
    events.open(request.raw, reply.raw);
  });
  serveConsole(app, folder);
  await app.listen({ host: HOST, port });
  return {
    url: url(),
    close: async () => {
      events.close();
      await app.close();
    },
  };
}

/** Accepts only JSON bodies. An empty body is allowed. */
function acceptOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, text: string) => {
    try {
      return text === '' ? undefined : JSON.parse(text);
    } catch (error) {
      throw new AdminError(400, `body: not valid JSON: ${(error as Error).message}`);
    }
  });
}

function serveDocuments(app: FastifyInstance, document: Record<string, unknown>): void {
  app.get('/api/openapi.json', async () => document);
  app.get('/api/docs', async (_request, reply) => {
    reply.header('content-security-policy', `${POLICY}; style-src 'unsafe-inline'`).type('text/html; charset=utf-8');
    return docsPage(document);
  });
}

function serveConsole(app: FastifyInstance, folder: string): void {
  app.get('/*', async (request, reply) => {
    const [path = '/'] = request.url.split('?', 1);
    const file = path.startsWith('/api/') ? undefined : await webFile(path, folder);
    if (file !== undefined) return reply.type(file.type).send(file.bytes);
    if (path === '/') return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    throw notFound(`${path} does not exist; /api/docs lists the paths`);
  });
}

function handleErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(async ({ method, url }, reply) => {
    const [path] = url.split('?', 1);
    return reply.code(404).send({ error: `${method} ${path} does not exist; /api/docs lists the paths` });
  });
  app.setErrorHandler(async (error: Error & { code?: string; statusCode?: number }, _request, reply) =>
    reply.code(statusOf(error)).send({ error: error.message }),
  );
}

/** The HTTP statuses of errors that a request causes, by code. */
const STATUSES: Readonly<Record<string, number>> = {
  ESP_CONFIG_INVALID: 400,
  ESP_MOCK_INVALID_STUB: 400,
  ESP_MOCK_UNKNOWN_APPLICATION: 400,
  ESP_MOCK_UNKNOWN_DATA: 400,
  ESP_MOCK_UNKNOWN_UPSTREAM: 400,
  ESP_MOCK_UNKNOWN_VARIANT: 400,
  ESP_MOCK_NOT_EXPORTABLE: 409,
  ESP_MOCK_FILE_CHANGED: 409,
  ESP_MOCK_FILE_UNUSABLE: 422,
};

/** `statusCode` is that of fastify's own errors. */
function statusOf(error: Error & { readonly code?: string; readonly statusCode?: number }): number {
  if (error instanceof AdminError || error instanceof MockRouteError) return error.status;
  return STATUSES[error.code ?? ''] ?? error.statusCode ?? 500;
}
