import { describe, it } from '@jest/globals';
import { hasRedis } from './redis-server.js';

/** Tests that need a Redis or Valkey server: a machine without one runs the others, and CI runs them all. */
export const redisIt: typeof it | typeof it.skip = hasRedis() ? it : it.skip;
export const redisDescribe: typeof describe | typeof describe.skip = hasRedis() ? describe : describe.skip;
