import { afterEach, expect, it } from '@jest/globals';
import { attack, carryOut } from '../../support/attacks.js';
import { pluginOf, TestHost } from '../../support/esp-host.js';
import { until } from '../../support/eventually.js';
import { LogLines } from '../../support/log-lines.js';
import { outcome, request } from '../../support/raw-client.js';
import { Random } from '../../wire/random.js';

const SEED = 20261;
const ATTACKS = 3000;
const AT_ONCE = 16;

let host: TestHost | undefined;
afterEach(() => host?.stop());

it('random, corrupted and slow bytes close their connections and do not affect others', async () => {
  // At debug every line is written.
  const log = new LogLines('debug');
  const echo = pluginOf('Test', 'Echo', (call) => ({ Said: call.received.string('Say') ?? '' }));
  const started = await TestHost.start({ plugins: [echo], limits: { frameMs: 60 }, log });
  host = started;
  const random = new Random(SEED);
  let left = ATTACKS;
  const attacker = async (): Promise<void> => {
    while (left-- > 0) await carryOut(attack(random), started.adapter.port);
  };
  let over = false;
  const attackers = Promise.all(Array.from({ length: AT_ONCE }, attacker)).finally(() => {
    over = true;
  });

  const good = await started.client();
  let asked = 0;
  while (!over) {
    const reply = await good.ask(request(asked, 'Test', 'Echo', { Say: `still here ${asked}` }));
    expect([reply.referenceId, outcome(reply)]).toEqual([asked, `{"Said":"still here ${asked}"}`]);
    asked++;
  }
  await attackers;
  expect(asked).toBeGreaterThan(100);
  await until(() => started.adapter.connections === 1, 'the attackers have gone');
  expect(started.host.dispatcher.inFlight).toBe(0);
  expect(log.matching(/ERROR/)).toEqual([]);
  expect(log.matching(/connection closed: incomplete frame/).length).toBeGreaterThan(10);
  expect(log.matching(/at byte \d+ of the (message|stream)/).length).toBeGreaterThan(500);
});
