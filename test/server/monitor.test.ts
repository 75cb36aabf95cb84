import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig, prepare, Server, type ServerOptions } from '../../src/server/index.js';
import { MONITOR_CONNECTIONS } from '../../src/telemetry/index.js';
import { deferred, pluginOf } from '../support/esp-host.js';
import { until } from '../support/eventually.js';
import { file, removeFolders } from '../support/files.js';
import { ask, seriesValue } from '../support/http.js';
import { LogLines } from '../support/log-lines.js';
import { outcome, RawClient, request } from '../support/raw-client.js';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));
afterAll(removeFolders);

type Setup = Partial<ServerOptions> & { config?: string; plugins?: ServerOptions['prepared']['plugins'] };

const prepared = (text: string) => prepare(loadConfig(file('config.yaml', text)), { typescript: true });

async function start({ config = '{ port: 0 }', plugins, ...options }: Setup = {}): Promise<Server> {
  const metrics = config === '' ? '' : `, metrics: ${config}`;
  const own = await prepared(`application: { name: DMS }\nlisteners: { esp: { port: 0 }${metrics} }\n`);
  const logger = new LogLines().logger;
  const server = await Server.start({
    logger,
    ...options,
    prepared: plugins === undefined ? own : { ...own, plugins },
  });
  servers.push(server);
  return server;
}

const loaded = (definition: ReturnType<typeof pluginOf>) => ({ use: definition.name, definition, options: {} });

const health = async (port: number) => {
  const { status, body } = await ask(port, '/health/ready');
  return `${status} ${JSON.parse(body).status}`;
};

/** A port in use by another program. */
async function taken(): Promise<{ port: number; free: () => Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    free: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('a host', () => {
  it('is ready while it listens, after its plugins have started, and not once it stops', async () => {
    const [started, begun, asked, wake] = [deferred(), deferred(), deferred(), deferred()];
    const plugin = {
      ...pluginOf('Slow', 'Sleep', () => {
        asked.resolve();
        return wake.promise.then(() => ({}));
      }),
      start: () => {
        begun.resolve();
        return started.promise;
      },
    };
    const log = new LogLines();
    const starting = start({ plugins: [loaded(plugin)], logger: log.logger });
    await begun.promise;
    const [, port] = /health and metrics url=http:\/\/127\.0\.0\.1:(\d+)/.exec(await log.line(/health and/)) ?? [];
    expect(await health(Number(port))).toBe('503 starting');
    started.resolve();
    const server = await starting;
    expect(server.metricsAddress).toEqual({ host: '127.0.0.1', port: Number(port) });
    expect(await health(Number(port))).toBe('200 ready');

    const client = await RawClient.open(server.address.port);
    client.send(request(1, 'Slow', 'Sleep'));
    await asked.promise;
    expect(seriesValue((await ask(Number(port), '/metrics')).body, 'esp_requests_in_flight')).toBe(1);
    const stopped = server.stop();
    expect(await health(Number(port))).toBe('503 stopping');
    wake.resolve();
    expect((await client.messages(1)).map(outcome)).toEqual(['{}']);
    await stopped;
    await expect(health(Number(port))).rejects.toThrow('ECONNREFUSED');
  });

  it('whose plugin does not start in time does not start', async () => {
    const plugin = { ...pluginOf('A', 'B', () => ({})), start: () => new Promise<void>(() => undefined) };
    await expect(start({ plugins: [loaded(plugin)], startMs: 5 })).rejects.toThrow('timed out after 5 ms');
  });

  it('whose plugin does not start leaves nothing behind', async () => {
    const log = new LogLines();
    const plugin = {
      ...pluginOf('A', 'B', () => ({})),
      start: () => {
        throw new Error('no database');
      },
    };
    await expect(start({ plugins: [loaded(plugin)], logger: log.logger })).rejects.toThrow('no database');
    const [, port] = /:(\d+)$/.exec(await log.line(/health and/)) ?? [];
    await expect(health(Number(port))).rejects.toThrow('ECONNREFUSED');
  });
});

describe('health and metrics', () => {
  it('are off with enabled: false', async () => {
    expect((await start({ config: '{ enabled: false }' })).metricsAddress).toBeUndefined();
  });

  it('are at the address of the options, not of the config', async () => {
    const server = await start({ config: '{ port: 1 }', listenMetrics: { host: '127.0.0.1', port: 0 } });
    expect((await ask(server.metricsAddress?.port ?? 0, '/health/live')).status).toBe(200);
  });

  it('keep a limited number of connections open', async () => {
    const { port = 0 } = (await start()).metricsAddress ?? {};
    const sockets = Array.from({ length: MONITOR_CONNECTIONS + 1 }, () => connect(port, '127.0.0.1'));
    await until(() => sockets.some(({ closed }) => closed));
    for (const socket of sockets) socket.destroy();
  });

  it('on a configured port that is in use stop the start', async () => {
    const other = await taken();
    await expect(start({ config: `{ port: ${other.port} }` })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${other.port}: another program listens there; stop it, or choose another port in listeners.metrics.port`,
    );
    await other.free();
  });

  it('without configuration are omitted if the default port is in use, with a single warning', async () => {
    const log = new LogLines();
    const servers = [await start({ config: '' }), await start({ config: '', logger: log.logger })];
    expect(servers[1]?.metricsAddress).toBeUndefined();
    await servers[1]?.reload(await prepared('application: { name: Other }\nlisteners: { esp: { port: 0 } }\n'));
    expect(log.matching(/the new configuration is in use/)).toHaveLength(1);
    const warning = /WARN {2}no health and metrics: cannot listen on 127\.0\.0\.1:7190: another program/;
    expect(log.matching(warning)).toHaveLength(1);
  });
});
