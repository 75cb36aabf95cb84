import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { messageAttacks } from './attacker/messages.js';
import { Siege } from './siege.js';

/** What a host may hold after all of it: its heap is warm, and nothing else is left. */
const GROWTH_MB = 250;

let siege: Siege;
beforeAll(async () => {
  siege = await Siege.begin({});
});
afterAll(() => siege.abandon());

it.each(messageAttacks.map((attack) => [attack.name, attack] as const))('serves others beside %s', (_name, attack) =>
  siege.withstands(attack),
);

it('releases everything at the end, and shuts down cleanly', async () => {
  expect(await siege.growthMb()).toBeLessThan(GROWTH_MB);
  expect(await siege.end()).toEqual({ unanswered: 0, code: 0 });
});
