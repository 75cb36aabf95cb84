import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { handlerAttacks } from './attacker/handlers.js';
import { Siege } from './siege.js';

let siege: Siege;
beforeAll(async () => {
  siege = await Siege.begin({ limits: { deadlineMs: 1000 } });
});
afterAll(() => siege.abandon());

it.each(handlerAttacks.map((attack) => [attack.name, attack] as const))('serves others beside %s', (_name, attack) =>
  siege.withstands(attack),
);

it('shuts down cleanly', async () => expect(await siege.end()).toEqual({ unanswered: 0, code: 0 }));
