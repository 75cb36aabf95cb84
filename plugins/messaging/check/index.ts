import type { Container, Finding } from 'esp-host';
import { checkChannels } from './channels.js';
import { checkRedis } from './redis.js';

/** For `esp-host doctor`: each channel's API, and what hosts share. */
export async function* check(container: Container): AsyncGenerator<Finding> {
  yield* checkChannels(container);
  yield* checkRedis(container);
}
