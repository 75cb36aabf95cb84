import { afterEach, expect, it } from '@jest/globals';
import { RunningParts } from '../../src/server/running-parts.js';
import { ServerMetrics } from '../../src/server/server-metrics.js';
import { linesLost, Metrics } from '../../src/telemetry/index.js';
import { BufferBudget } from '../../src/transport/index.js';
import { seriesValue } from '../support/http.js';

const lost = { ...linesLost };
afterEach(() => {
  Object.assign(linesLost, lost);
});

function measured() {
  const [metrics, budget] = [new Metrics(), new BufferBudget(1000)];
  new ServerMetrics(metrics, new RunningParts(), budget);
  return { budget, value: async (series: string) => seriesValue(await metrics.text(), series) };
}

it('shows pending bytes, and bytes stalled by clients', async () => {
  const { budget, value } = measured();
  budget.waiting = 3;
  budget.stalled = 5;
  expect(await value('esp_buffered_bytes{kind="waiting"}')).toBe(3);
  expect(await value('esp_buffered_bytes{kind="stalled"}')).toBe(5);
});

it.each(['failed', 'write', 'full'] as const)('counts the log lines that were lost once: %s', async (reason) => {
  linesLost[reason] = 2;
  const { value } = measured();
  const series = `esp_log_lines_lost_total{reason="${reason}"}`;
  expect(await value(series)).toBe(2);
  linesLost[reason] = 5;
  expect(await value(series)).toBe(5);
  expect(await value(series)).toBe(5);
});
