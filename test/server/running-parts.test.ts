import { expect, it } from '@jest/globals';
import { RunningParts } from '../../src/server/running-parts.js';
import { deferred, TestHost } from '../support/esp-host.js';

it('parts that have ended are not kept', async () => {
  const { host, adapter } = await TestHost.start();
  const running = new RunningParts();
  running.hosts.add(host);
  running.adapters.add(adapter);
  await running.endAdapter(adapter, 0);
  await running.endHost(host);
  expect([...running.hosts, ...running.adapters]).toEqual([]);
});

it('waits for the parts that end in the background', async () => {
  const running = new RunningParts();
  const [one, two] = [deferred(), deferred()];
  let finished = false;
  running.finish(one.promise);
  running.finish(two.promise);
  running.finish();
  const waiting = running.finished().then(() => {
    finished = true;
  });
  one.resolve();
  await new Promise(setImmediate);
  expect(finished).toBe(false);
  two.resolve();
  await waiting;
});
