import { type Logger, type Metrics, Redis, type RedisSettings } from 'esp-host';

/** The Redis or Valkey server through which hosts share caches, limits and budgets. While it is down, each goes on on its own. */
export function sharedRedis(settings: RedisSettings, logger: Logger, metrics: Metrics): Redis {
  const help = 'Whether the Redis or Valkey server that hosts share is up (1) or down (0)';
  const what = 'cache, limits and budgets';
  const says = {
    inUse: `${what} are shared`,
    back: `${what} are shared again`,
    down: `until it is back, this host shares no ${what}`,
    rejects: 'this host does not share what needs it',
  };
  return new Redis(settings, { logger, up: metrics.gauge('esp_shared_state_up', help), says });
}
