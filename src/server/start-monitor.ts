import type { Config } from '../config/index.js';
import { type Metrics, Monitor, type Phase, type RootLogger } from '../telemetry/index.js';
import { ListenFailed } from './listen-failed.js';

/** In place of `listeners.metrics`. */
export type MonitorAddress = { readonly host: string; readonly port: number };

interface Setting {
  readonly address: MonitorAddress | undefined;
  readonly configured: Config['listeners']['metrics'];
  readonly metrics: Metrics;
  readonly logger: RootLogger;
  phase(): Phase;
}

const USUAL: MonitorAddress = { host: '127.0.0.1', port: 7190 };

/**
 * Starts the listener for health and metrics; undefined where the config wants none, or names none and the usual port
 * is taken. @throws ListenFailed
 */
export async function startMonitor(setting: Setting): Promise<Monitor | undefined> {
  const { configured, metrics, logger, phase } = setting;
  const asked = setting.address ?? configured;
  if (asked !== undefined && 'enabled' in asked && !asked.enabled) return undefined;
  const { host, port } = asked ?? USUAL;
  try {
    const monitor = await Monitor.start({ host, port, metrics, phase });
    logger.info('health and metrics', { url: `http://${monitor.address.host}:${monitor.address.port}` });
    return monitor;
  } catch (error) {
    const failed = new ListenFailed(error as NodeJS.ErrnoException, { host, port }, 'listeners.metrics');
    if (asked !== undefined) throw failed;
    logger.warn(`no health and metrics: ${failed.message}`);
    return undefined;
  }
}
