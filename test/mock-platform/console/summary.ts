import type { Summary } from '../../../mock-platform/console/api/types.js';

/** A plain journal entry. */
export const summary = (change: Partial<Summary> = {}): Summary => ({
  id: 1,
  at: 1_700_000_000_000,
  durationMs: 4,
  client: '127.0.0.1:50123',
  application: 'DMS',
  service: 'Messaging',
  method: 'ValidateContact',
  parameters: [],
  outcome: 'response',
  results: [],
  upstreamCalls: 0,
  ...change,
});
