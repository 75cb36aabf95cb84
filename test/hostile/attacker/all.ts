import type { Attack, Ground } from './attack.js';
import { byteAttacks } from './bytes.js';
import { connectionAttacks, crowd, fromOneAddress, silent, tlsAttacks } from './connections.js';
import { handlerAttacks } from './handlers.js';
import { httpAttacks } from './http.js';
import { messageAttacks } from './messages.js';

const CROWD = 10_000;

/** Every class of attack. */
export const attacks: readonly Attack[] = [
  ...messageAttacks,
  ...byteAttacks,
  ...connectionAttacks,
  ...tlsAttacks,
  fromOneAddress(2000),
  silent(2000),
  silent(2500, ({ metrics }: Ground) => metrics, 'metrics'),
  silent(2500, ({ http }: Ground) => http, 'HTTP'),
  crowd(CROWD),
  ...httpAttacks,
  ...handlerAttacks,
];
