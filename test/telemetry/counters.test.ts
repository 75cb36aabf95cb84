import { expect, it } from '@jest/globals';
import { Metrics } from '../../src/telemetry/index.js';

const lines = async (metrics: Metrics): Promise<string[]> =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith('things_total'));

it('a counter shows from when it is made, and keeps its count from scrape to scrape', async () => {
  const metrics = new Metrics();
  const red = metrics.counter('things_total', 'Things', { colour: 'red' });
  expect(await lines(metrics)).toEqual(['things_total{colour="red"} 0']);
  red.inc();
  red.inc(2);
  expect(await lines(metrics)).toEqual(['things_total{colour="red"} 3']);
  red.inc();
  expect(await lines(metrics)).toEqual(['things_total{colour="red"} 4']);
});

it('a counter of the same name and labels is the same one', async () => {
  const metrics = new Metrics();
  metrics.counter('things_total', 'Things', { colour: 'red' }).inc();
  metrics.counter('things_total', 'Things', { colour: 'blue' }).inc();
  metrics.counter('things_total', 'Things', { colour: 'red' }).inc();
  expect(await lines(metrics)).toEqual(['things_total{colour="red"} 2', 'things_total{colour="blue"} 1']);
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a counter does not go up by %d', (value) => {
  const counter = new Metrics().counter('things_total', 'Things');
  expect(() => counter.inc(value)).toThrow(`a counter goes up, and not by ${value}`);
});

it('a counter has the labels that it was made with', () => {
  const metrics = new Metrics();
  metrics.counter('things_total', 'Things', { colour: 'red' });
  expect(() => metrics.counter('things_total', 'Things', { size: 'big' })).toThrow(/size/);
});
