import { ListenFailed } from './listen-failed.js';

/** What listens on a port. */
export interface Listening {
  readonly port: number;
  /** @throws the error of `listen` */
  start(): Promise<void>;
  /** Gives the port up, until `start` takes it again. */
  pause(): void;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Steps that take back what was done, to be taken in the reverse order. */
export type Undo = (() => unknown)[];

/**
 * Lets `wanted` listen. Where it takes the place of `old` on the same port (the address alone is another), that one
 * gives way. @throws ListenFailed
 */
export async function takePort(
  wanted: Listening,
  address: Address,
  key: ListenFailed['key'],
  old: Listening | undefined,
  undo: Undo,
): Promise<void> {
  const start = async (): Promise<void> => {
    try {
      await wanted.start();
    } catch (error) {
      throw new ListenFailed(error as NodeJS.ErrnoException, address, key);
    }
  };
  try {
    await start();
  } catch (error) {
    if (!(error as ListenFailed).taken || old?.port !== address.port) throw error;
    old.pause();
    undo.push(() => old.start());
    await start();
  }
}
