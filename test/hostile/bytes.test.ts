import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { byteAttacks } from './attacker/bytes.js';
import { connectionAttacks } from './attacker/connections.js';
import { Siege } from './siege.js';

/** The heap is warm by the end; nothing else may be left. */
const GROWTH_MB = 250;

let siege: Siege;
beforeAll(async () => {
  // Short, so that slow clients are closed while others are measured.
  siege = await Siege.begin({ limits: { frameMs: 1000 } });
});
afterAll(() => siege.abandon());

it.each([...byteAttacks, ...connectionAttacks].map((attack) => [attack.name, attack] as const))(
  'serves others beside %s',
  (_name, attack) => siege.withstands(attack),
);

it('releases everything at the end, and shuts down cleanly', async () => {
  expect(await siege.growthMb()).toBeLessThan(GROWTH_MB);
  expect(await siege.end()).toEqual({ unanswered: 0, code: 0 });
});
