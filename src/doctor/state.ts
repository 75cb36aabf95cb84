import type { Finding } from '../host/index.js';
import { redisAddress } from '../redis/index.js';
import type { Prepared } from '../server/index.js';
import { RedisState, StateError } from '../state/index.js';
import { createLogger, Metrics } from '../telemetry/index.js';

/** Connects to the Redis or Valkey server that keeps the state, if there is one. */
export async function* examineState({ loaded }: Prepared): AsyncGenerator<Finding> {
  const { redis } = loaded.config.state ?? {};
  if (redis === undefined) return;
  const about = `state, redis ${redisAddress(redis)}`;
  const quiet = { logger: createLogger({ level: 'error', format: 'text' }), metrics: new Metrics(), mustBeUp: true };
  let state: RedisState;
  try {
    state = await RedisState.open(redis, quiet);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const advice = 'start the server, or correct state.redis; until then webhooks get status 503';
    yield { about, state: 'trouble', text: error.message, advice };
    return;
  }
  try {
    const { losses, version } = await state.examine();
    yield { about, state: 'good', text: `can keep the state, ${version ?? 'version unknown'}` };
    const advice = 'set maxmemory-policy noeviction and appendonly yes in the configuration of the server';
    for (const text of losses) yield { about, state: 'warning', text, advice };
  } finally {
    await state.close();
  }
}
