export { connectRedis, type RedisClient, type RedisProbe, type RedisSettings, redisAddress } from './client.js';
export { RedisError, type RedisErrorCode } from './errors.js';
export { Redis, type RedisUse } from './redis.js';
