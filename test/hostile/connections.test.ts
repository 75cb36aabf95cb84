import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Attack } from './attacker/attack.js';
import { crowd, silent } from './attacker/connections.js';
import { httpAttacks } from './attacker/http.js';
import { Siege } from './siege.js';

const CONNECTIONS = 200;

const attacks: readonly Attack[] = [
  silent(2 * CONNECTIONS, 'esp'),
  silent(2 * CONNECTIONS, 'esp', 'many addresses'),
  silent(600, 'metrics'),
  silent(600, 'http'),
  crowd(CONNECTIONS / 2),
  ...httpAttacks,
];

let siege: Siege;
beforeAll(async () => {
  siege = await Siege.begin({ limits: { frameMs: 1000, connections: CONNECTIONS } });
});
afterAll(() => siege.abandon());

it.each(attacks.map((attack) => [attack.name, attack] as const))('serves others beside %s', (_name, attack) =>
  siege.withstands(attack),
);

it('shuts down cleanly', async () => expect(await siege.end()).toEqual({ unanswered: 0, code: 0 }));
