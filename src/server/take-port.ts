import { lookup } from 'node:dns/promises';
import { afterPoll } from '../transport/index.js';
import type { Change } from './change.js';
import { ListenError } from './errors.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A listener. */
export interface Listening extends Address {
  /** @throws the error of `listen` */
  start(): Promise<void>;
  /** Releases the port until the next `start`. */
  pause(): void;
}

/**
 * Starts the listener `wanted`. If `old` blocks its port, because one of them listens on all addresses, `old` releases the
 * port at the end of the change.
 * @throws ListenError
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
      // Accepts pending connections first, as closing a listener resets them.
      await new Promise<void>(afterPoll);
      old.pause();
      change.onUndo(() => old.start());
      await start();
      change.onUndo(() => wanted.pause());
    });
  }
}

/** Whether both are the same address, however it is written. */
export const isSameAddress = async (one: Address, other: Address): Promise<boolean> =>
  one.port === other.port && (one.host === other.host || (await resolved(one)) === (await resolved(other)));

/** The hosts that stand for all addresses of the machine. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

async function overlap(one: Address, other: Address): Promise<boolean> {
  const hosts = [await resolved(one), await resolved(other)];
  return one.port === other.port && (hosts[0] === hosts[1] || hosts.some((host) => ANY.has(host)));
}

/** The IP address, as a listener resolves it. */
const resolved = async ({ host }: Address): Promise<string> => {
  const found = await lookup(host).catch(() => undefined);
  return found?.address.replace(/^::ffff:(?=[\d.]+$)/, '') ?? host;
};
