import { describe, expect, it } from '@jest/globals';
import { Metrics } from '../../src/telemetry/index.js';

describe('a counter', () => {
  it('is counted by its labels, and shown in the text format of Prometheus', async () => {
    const metrics = new Metrics();
    const hits = metrics.counter('cache_hits_total', 'Answers from the cache', { cache: 'contacts' });
    hits.inc();
    hits.inc(2);
    metrics.counter('cache_hits_total', 'Answers from the cache', { cache: 'tokens' }).inc();
    expect(await metrics.text()).toBe(
      [
        '# HELP cache_hits_total Answers from the cache',
        '# TYPE cache_hits_total counter',
        'cache_hits_total{cache="contacts"} 3',
        'cache_hits_total{cache="tokens"} 1',
        '',
      ].join('\n'),
    );
  });

  it('is found again by its name', async () => {
    const metrics = new Metrics();
    metrics.counter('calls_total', 'Calls').inc();
    metrics.counter('calls_total', 'Calls').inc();
    expect(await metrics.text()).toContain('\ncalls_total 2\n');
  });

  it('has the labels that it was made with, or is an error', () => {
    const metrics = new Metrics();
    metrics.counter('calls_total', 'Calls', { method: 'a' });
    expect(() => metrics.counter('calls_total', 'Calls', { service: 'a' }).inc()).toThrow(/service/);
    expect(() => metrics.counter('no name', 'Calls')).toThrow(/[Ii]nvalid metric name/);
  });

  it('escapes what would break a line', async () => {
    const metrics = new Metrics();
    metrics.counter('calls_total', 'Calls', { method: 'a"\n\\' }).inc();
    expect(await metrics.text()).toContain(String.raw`calls_total{method="a\"\n\\"} 1`);
  });

  it('of one host is not that of another', async () => {
    new Metrics().counter('calls_total', 'Calls').inc();
    expect((await new Metrics().text()).trim()).toBe('');
  });
});
