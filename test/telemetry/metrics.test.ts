import { describe, expect, it } from '@jest/globals';
import { Metrics } from '../../src/telemetry/index.js';

describe('metrics', () => {
  it('are written as Prometheus reads them', async () => {
    const metrics = new Metrics();
    metrics.counter('calls_total', 'Calls\nof "all" kinds', { kind: 'a"b\\c\nd' }).inc(3);
    metrics.gauge('open', 'Open').set(2.5);
    expect(await metrics.text()).toBe(
      [
        '# HELP calls_total Calls\\nof "all" kinds',
        '# TYPE calls_total counter',
        'calls_total{kind="a\\"b\\\\c\\nd"} 3',
        '',
        '# HELP open Open',
        '# TYPE open gauge',
        'open 2.5',
        '',
      ].join('\n'),
    );
  });

  it('are found again by name and labels', async () => {
    const metrics = new Metrics();
    const kept = metrics.counter('calls_total', 'Calls', { kind: 'a', to: 'b' });
    kept.inc();
    metrics.counter('calls_total', 'Calls', { to: 'b', kind: 'a' }).inc();
    metrics.counter('calls_total', 'Calls', { kind: 'b', to: 'a' });
    expect(await metrics.text()).toContain('calls_total{kind="a",to="b"} 2\ncalls_total{kind="b",to="a"} 0\n');
  });

  it('go up and down', async () => {
    const metrics = new Metrics();
    const open = metrics.gauge('open', 'Open');
    open.inc();
    open.inc(4);
    open.dec(2);
    expect(await metrics.text()).toContain('\nopen 3\n');
    open.set(7);
    open.dec();
    expect(await metrics.text()).toContain('\nopen 6\n');
  });

  it('count sizes up to and including each bound', async () => {
    const metrics = new Metrics();
    const sizes = metrics.histogram('size', 'Sizes', { of: 'x' }, [1, 2]);
    for (const size of [0.5, 1, 2, 2.25, 100]) sizes.observe(size);
    expect((await metrics.text()).split('\n').slice(2, -1)).toEqual([
      'size_bucket{of="x",le="1"} 2',
      'size_bucket{of="x",le="2"} 3',
      'size_bucket{of="x",le="+Inf"} 5',
      'size_sum{of="x"} 105.75',
      'size_count{of="x"} 5',
    ]);
  });

  it('count durations by default, from 0.1 ms to 30 s', async () => {
    const metrics = new Metrics();
    metrics.histogram('seconds', 'Seconds');
    const bounds = [...(await metrics.text()).matchAll(/le="([^"]+)"/g)].map(([, bound]) => bound);
    expect(bounds.join(' ')).toBe(
      '0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2 5 10 30 +Inf',
    );
  });

  it('are written as Prometheus reads them if they are not finite', async () => {
    const metrics = new Metrics();
    for (const [name, value] of [
      ['a', Infinity],
      ['b', -Infinity],
      ['c', Number.NaN],
    ] as const) {
      metrics.gauge(name, 'X').set(value);
    }
    expect((await metrics.text()).split('\n').filter((line) => /^[abc] /.test(line))).toEqual([
      'a +Inf',
      'b -Inf',
      'c NaN',
    ]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('of a counter do not go up by %p', (by) => {
    const counter = new Metrics().counter('a_total', 'A');
    expect(() => counter.inc(by)).toThrow(new TypeError(`a counter cannot be increased by ${by}`));
  });

  it('are brought up to date before each reading', async () => {
    const metrics = new Metrics();
    let now = 1;
    const gauge = metrics.gauge('now', 'Now');
    metrics.collect(() => gauge.set(now));
    expect(await metrics.text()).toContain('\nnow 1\n');
    now = 2;
    expect(await metrics.text()).toContain('\nnow 2\n');
  });

  it.each([
    ['another kind', (metrics: Metrics) => metrics.gauge('a_total', 'A'), 'metric a_total is a counter, not a gauge'],
    [
      'labels of other names',
      (metrics: Metrics) => metrics.counter('a_total', 'A', { other: 'x' }),
      'metric a_total has the labels kind, not other',
    ],
    [
      'more labels',
      (metrics: Metrics) => metrics.counter('a_total', 'A', { kind: 'x', other: 'x' }),
      'metric a_total has the labels kind, not kind, other',
    ],
    [
      'no labels',
      (metrics: Metrics) => metrics.counter('a_total', 'A'),
      'metric a_total has the labels kind, not none',
    ],
    ['a wrong name', (metrics: Metrics) => metrics.counter('a-total', 'A'), 'a-total is not a valid metric name'],
    [
      'a wrong label',
      (metrics: Metrics) => metrics.counter('b_total', 'B', { 'a-b': 'x' }),
      'metric b_total: a-b is not a valid label name',
    ],
    [
      'fewer labels',
      (metrics: Metrics) => {
        metrics.counter('c_total', 'C', { kind: 'x', to: 'y' });
        metrics.counter('c_total', 'C', { kind: 'x' });
      },
      'metric c_total has the labels kind, to, not kind',
    ],
  ])('are not made with %s', (_name, make, message) => {
    const metrics = new Metrics();
    metrics.counter('a_total', 'A', { kind: 'x' });
    expect(() => make(metrics)).toThrow(new TypeError(message));
  });
});

describe('a scope that closes', () => {
  it('removes its gauges and collectors, and keeps its counters', async () => {
    const metrics = new Metrics();
    const scope = metrics.scope();
    scope.counter('calls_total', 'Calls').inc();
    scope.gauge('open', 'Open', { who: 'me' }).set(1);
    let collected = 0;
    scope.collect(() => collected++);
    expect(await metrics.text()).toContain('open{who="me"} 1');
    scope.close();
    expect(await metrics.text()).not.toContain('open{');
    expect(await metrics.text()).toContain('calls_total 1');
    expect(collected).toBe(1);
  });

  it('keeps a gauge that another uses too', async () => {
    const metrics = new Metrics();
    const [old, young] = [metrics.scope(), metrics.scope()];
    old.gauge('open', 'Open').set(1);
    young.gauge('open', 'Open').set(2);
    old.close();
    expect(await metrics.text()).toContain('\nopen 2\n');
  });
});
