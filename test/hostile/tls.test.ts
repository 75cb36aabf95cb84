import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { make } from '../support/tls.js';
import { tlsAttacks } from './attacker/connections.js';
import { Siege } from './siege.js';

let siege: Siege;
beforeAll(async () => {
  const { certificate, key } = await make('localhost');
  siege = await Siege.begin({ limits: { frameMs: 1000 }, tls: `${certificate}\n${key}\n` });
});
afterAll(() => siege.abandon());

it.each(tlsAttacks.map((attack) => [attack.name, attack] as const))('serves others beside %s', (_name, attack) =>
  siege.withstands(attack),
);

it('shuts down cleanly', async () => expect(await siege.end()).toEqual({ unanswered: 0, code: 0 }));
