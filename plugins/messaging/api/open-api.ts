import type { Got, Logger, Metrics } from 'esp-host';
import type { RemoteSettings } from '../channel-schema.js';
import { ApiClient } from './api-client.js';
import { Breaker } from './breaker.js';
import { ApiKey } from './credentials.js';
import { ApiHttp } from './http.js';
import { Login } from './login.js';

/** The API of one channel, for all who ask it, and what knows whether it counts as away. */
export interface OpenApi {
  readonly api: ApiClient;
  readonly breaker: Breaker;
  close(): void;
}

export interface ApiParts {
  readonly channel: string;
  readonly http: Got;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function openApi(settings: RemoteSettings, { channel, http, logger, metrics }: ApiParts): OpenApi {
  const own = new ApiHttp(channel, settings, http, metrics);
  const credentials = settings.driver === 'gateway' ? new ApiKey(settings) : new Login(own, settings);
  return {
    api: new ApiClient(own, credentials),
    breaker: new Breaker(channel, settings.url, settings.breaker, logger, metrics),
    close: () => own.close(),
  };
}
