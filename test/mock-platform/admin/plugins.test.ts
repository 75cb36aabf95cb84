import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type MockPanel, mockPanel, mockRoute, z } from 'esp-host';
import { type FastifyInstance, fastify } from 'fastify';
import { servePlugins } from '../../../mock-platform/admin/routes/plugins.js';

const shown = z.strictObject({ said: z.string() });
const show = mockRoute({ method: 'GET', path: '', summary: '', answer: shown, handle: () => ({ said: 'state' }) });
const choose = mockRoute({
  ...{ method: 'PUT', path: '/orders/:order/of/:person', summary: '', answer: shown },
  params: z.strictObject({ order: z.string(), person: z.string() }),
  body: z.strictObject({ text: z.string() }),
  handle: ({ params: { order, person }, body: { text } }) => ({ said: `${order} of ${person}: ${text}` }),
});
const panel = (plugin: string): { plugin: string; panel: MockPanel } => ({
  plugin,
  panel: mockPanel({ title: plugin, state: show, sections: [{ title: '', actions: [{ title: '', route: choose }] }] }),
});

let app: FastifyInstance;
beforeEach(() => {
  app = fastify();
  servePlugins(app, { panels: async () => [panel('other'), panel('receipts')] } as never);
});
afterEach(() => app.close());

async function ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object): Promise<string> {
  const answer = await app.inject({ method, url, ...(payload && { payload }) });
  return answer.statusCode === 200 ? `${answer.headers['content-type']} ${answer.payload}` : answer.json().message;
}

const JSON_TYPE = 'application/json; charset=utf-8';

it('the routes of a plugin are found by their parts, which are decoded', async () => {
  expect(await ask('GET', '/api/plugins/receipts')).toBe(`${JSON_TYPE} {"said":"state"}`);
  const chosen = await ask('PUT', '/api/plugins/receipts/orders/a%2Fb/of/Ann%20Lee', { text: 'x' });
  expect(chosen).toBe(`${JSON_TYPE} {"said":"a/b of Ann Lee: x"}`);
});

it.each([
  ['POST', '/api/plugins/receipts'],
  ['GET', '/api/plugins/none'],
  ['GET', '/api/plugins/receipts/orders/7/of/Ann'],
  ['PUT', '/api/plugins/receipts/orders/7/of'],
  ['PUT', '/api/plugins/receipts/orders/7/of/Ann/more'],
  ['PUT', '/api/plugins/receipts/order/7/of/Ann'],
] as const)('%s %s does not exist', async (method, path) => {
  expect(await ask(method, path, method === 'GET' ? undefined : { text: 'x' })).toBe(
    `${method} ${path} does not exist`,
  );
});
