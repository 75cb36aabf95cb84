import { redisSettings, z } from 'esp-host';

/** `options` of the plugin in config.yaml. In `redis`, several hosts share their cache, rate limits and budgets. */
export const messagingOptions = z.strictObject({
  sharedState: z.strictObject({ redis: redisSettings() }).optional(),
});

export type MessagingOptions = z.output<typeof messagingOptions>;
