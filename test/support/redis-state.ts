import { Secret } from '../../src/config/index.js';
import { RedisState } from '../../src/state/index.js';
import { Metrics } from '../../src/telemetry/index.js';
import { LogLines } from './log-lines.js';

/** A state in a Redis server, with keys of its own. */
export const redisState = (url: string, keyPrefix: string, password?: string): Promise<RedisState> =>
  RedisState.open(
    { url, keyPrefix, timeoutMs: 10_000, password: password === undefined ? undefined : new Secret(password) },
    { logger: new LogLines('error').logger, metrics: new Metrics(), mustBeUp: true },
  );
