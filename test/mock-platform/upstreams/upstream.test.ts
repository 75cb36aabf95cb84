import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineMock, type Mock, type MockContext, z } from 'esp-host';
import { startUpstream, type Upstream } from '../../../mock-platform/upstreams/index.js';

const settings = z.strictObject({ size: z.int().default(1) });
type Context = MockContext<z.output<typeof settings>>;

let context: Context;
let done: string[];
let upstream: Upstream | undefined;
beforeEach(() => {
  done = [];
});
afterEach(() => upstream?.close());

/** Starts a mock that serves, unless `serves` is false. */
async function start(more: Partial<Mock> = {}, serves = true, options: object = {}): Promise<Upstream> {
  const definition = defineMock({
    name: 'orders',
    settings,
    async start(given) {
      context = given;
      if (serves) {
        await given.serve({
          respond: () => ({ status: 200, body: 'mock' }),
          error: (status, details) => ({ status, body: details }),
        });
      }
      return {
        env: {},
        configure: ({ size }: { size?: number }) => {
          done.push(`configure ${size}`);
        },
        reset: () => done.push('reset'),
        ...more,
      } as Mock<z.output<typeof settings>>;
    },
  });
  upstream = await startUpstream(definition, { name: 'orders', now: () => 5, settings: { size: 1 }, ...options });
  return upstream;
}

const text = async ({ url }: Upstream): Promise<string> => (await fetch(`${url}/a`)).text();

describe('an upstream', () => {
  it('gives its mock what it needs', async () => {
    const { name, url } = await start();
    expect(name).toBe('orders');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect([context.name, context.settings, context.now(), context.journal(), context.calls()]).toEqual([
      ...['orders', { size: 1 }, 5, [], []],
    ]);
    await fetch(`${url}/a`);
    expect(context.calls()).toEqual([{ at: 5, method: 'GET', path: '/a', status: 200 }]);
  });

  it('may have no server', async () => expect((await start({}, false)).url).toBe(''));

  it('answers as a responder, a fault, or the mock does, in this order', async () => {
    const one = await start({}, true, { intercept: () => ({ status: 200, body: 'fault' }) });
    expect(await text(one)).toBe('fault');
    one.respondWith(async () => ({ status: 200, body: 'responder' }));
    expect(await text(one)).toBe('responder');
    one.respondWith(() => undefined);
    expect(await text(one)).toBe('fault');
    one.respondWith(undefined);
    expect(await text(one)).toBe('fault');
    await one.close();
    expect(await text(await start())).toBe('mock');
  });

  it('announces calls and changes, until nobody listens', async () => {
    const one = await start();
    let heard = 0;
    const stop = one.subscribe(() => {
      heard++;
    });
    await text(one);
    context.changed();
    expect(heard).toBe(2);
    stop();
    context.changed();
    expect(heard).toBe(2);
  });

  it('tells its mock that the host runs, and of settings that change', async () => {
    const hostStarted = async ({ receivesWebhooks }: { receivesWebhooks: boolean }) => {
      done.push(`started ${receivesWebhooks}`);
    };
    const one = await start({ hostStarted, notices: () => [{ text: 'slow' }] as never });
    await one.hostStarted({ receivesWebhooks: true });
    await one.configure({ size: 2 });
    expect([done, one.notices()]).toEqual([['started true', 'configure 2'], [{ text: 'slow' }]]);
  });

  it('has a mock that need not know more', async () => {
    const one = await start();
    await one.hostStarted({ receivesWebhooks: false });
    expect([one.notices(), done]).toEqual([[], []]);
  });

  it('stops its mock after the server', async () => {
    const one = await start({
      stop: async () => {
        done.push(await text(one).catch(() => 'no answer'));
      },
    });
    await one.close();
    expect(done).toEqual(['no answer']);
  });

  it('has no server if its mock does not start', async () => {
    const definition = defineMock({
      name: 'orders',
      settings,
      async start({ serve }): Promise<Mock<z.output<typeof settings>>> {
        done.push(await serve({ respond: () => ({ status: 200 }), error: (status) => ({ status }) }));
        throw new Error('broken');
      },
    });
    await expect(startUpstream(definition, { name: 'orders', settings: { size: 1 } })).rejects.toThrow('broken');
    await expect(fetch(done[0] ?? '')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});

describe('the webhooks of an upstream', () => {
  const webhook = (to: string) => ({ to, body: '{}', about: { order: '17' } });

  async function receiver(status: number): Promise<string> {
    const server = createServer((_request, response) => response.writeHead(status).end('answer'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.unref().address() as AddressInfo).port}/hook`;
  }

  it.each([
    [200, 'accepted'],
    [204, 'refused'],
    [500, 'refused'],
  ])('are recorded: status %i is %s', async (status, outcome) => {
    const one = await start();
    const to = await receiver(status);
    const answer = await context.post(webhook(to));
    expect([answer.status, answer.text, await answer.handled]).toEqual([status, status === 204 ? '' : 'answer', false]);
    expect(one.webhooks.list()).toEqual([{ at: 5, to, about: { order: '17' }, status, outcome }]);
  });

  it('are recorded if they have no answer', async () => {
    const one = await start();
    const error = 'config.yaml has no listeners.webhooks';
    await expect(context.post(webhook('/hook'))).rejects.toThrow(error);
    expect(one.webhooks.list()).toEqual([{ at: 5, to: '/hook', about: { order: '17' }, outcome: 'failed', error }]);
  });

  it('are handled when the host says so', async () => {
    const handled = Promise.withResolvers<boolean>();
    const host = { post: async () => ({ status: 200, text: '', handled: handled.promise }) };
    const one = await start({}, true, { host });
    await context.post(webhook('/hook'));
    handled.resolve(true);
    expect(await one.webhooks.until({})).toMatchObject({ outcome: 'handled', status: 200 });
  });

  it('are not kept from before the host ran, or of other settings', async () => {
    const one = await start({ hostStarted: () => void context.post(webhook('/a')).catch(() => undefined) });
    await one.hostStarted({ receivesWebhooks: true });
    expect(one.webhooks.list()).toEqual([]);
    await context.post(webhook('/b')).catch(() => undefined);
    await one.configure({});
    expect(one.webhooks.list()).toEqual([]);
    await text(one);
    await context.post(webhook('/c')).catch(() => undefined);
    one.reset();
    expect([one.webhooks.list(), one.calls.list(), done]).toEqual([[], [], ['configure undefined', 'reset']]);
  });

  it('end when it closes', async () => {
    const one = await start({}, false, {
      host: {
        post: (_webhook: unknown, stopped: AbortSignal) =>
          new Promise((_resolve, reject) => {
            stopped.addEventListener('abort', () => reject(new Error('stopped')));
          }),
      },
    });
    const posting = context.post(webhook('/hook'));
    await one.close();
    await expect(posting).rejects.toThrow('stopped');
  });
});
