import { lookup } from 'node:dns/promises';
import { afterPoll } from '../transport/index.js';
import type { Change } from './change.js';
import { ListenError } from './errors.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What listens on a port. */
export interface Listening extends Address {
  /** @throws the error of `listen` */
  start(): Promise<void>;
  /** Gives the port up, until `start` takes it again. */
  pause(): void;
}

/**
 * Lets `wanted` listen. Where `old` is in its way, because one of both listens on all addresses of the port, that one
 * gives way at the very end of the change: no two can have the port at one time. @throws ListenError
 */
export async function takePort(
  wanted: Listening,
  address: Address,
  key: ListenError['key'],
  old: Listening | undefined,
  change: Change,
): Promise<void> {
  const start = async (): Promise<void> => {
    try {
      await wanted.start();
    } catch (error) {
      throw new ListenError(error as NodeJS.ErrnoException, address, key);
    }
  };
  try {
    await start();
  } catch (error) {
    if (!(error as ListenError).isInUse || old === undefined || !(await overlap(old, address))) throw error;
    change.atLast(async () => {
      // Connections that have come are taken: closing a listener resets those that wait for it.
      await new Promise<void>(afterPoll);
      old.pause();
      change.onUndo(() => old.start());
      await start();
      change.onUndo(() => wanted.pause());
    });
  }
}

/** Whether both stand for the same address, however it is written. */
export const isSameAddress = async (one: Address, other: Address): Promise<boolean> =>
  one.port === other.port && (one.host === other.host || (await resolved(one)) === (await resolved(other)));

/** Of all addresses of a machine. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

async function overlap(one: Address, other: Address): Promise<boolean> {
  const hosts = [await resolved(one), await resolved(other)];
  return one.port === other.port && (hosts[0] === hosts[1] || hosts.some((host) => ANY.has(host)));
}

/** As a listener takes it. */
const resolved = async ({ host }: Address): Promise<string> => {
  const found = await lookup(host).catch(() => undefined);
  return found?.address.replace(/^::ffff:(?=[\d.]+$)/, '') ?? host;
};
