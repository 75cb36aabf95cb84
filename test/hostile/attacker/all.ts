import type { Attack } from './attack.js';
import { byteAttacks } from './bytes.js';
import { connectionAttacks, crowd, silent, tlsAttacks } from './connections.js';
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
  silent(2000, 'esp'),
  silent(2000, 'esp', 'many addresses'),
  silent(2500, 'metrics'),
  silent(2500, 'http'),
  crowd(CROWD),
  ...httpAttacks,
  ...handlerAttacks,
];
