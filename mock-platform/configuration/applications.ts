import { isApplicationType, type KeyValueEntry } from 'esp-host/wire';
import type { Address } from './schema.js';

/** An application of the emulated configuration. */
export interface Application {
  readonly name: string;
  /** Configuration Layer's number, for instance 171. */
  readonly type: number;
  /** A name for the type, beside those that are known anyway. */
  readonly typeName?: string | undefined;
  readonly address: Address;
}

/** The emulated configuration's view of its applications. */
export class Applications<T extends Application = Application> {
  constructor(readonly all: readonly T[]) {}

  /** Names are compared as they are, as Configuration Layer does. */
  find(name: string): T | undefined {
    return this.all.find((application) => application.name === name);
  }

  /** All of the type that a request's AppType means: an int, or a string with the number or a name in any case. */
  ofType(appType: KeyValueEntry): T[] {
    const meant = new Set(this.all.filter((application) => isOfType(appType, application)).map(({ type }) => type));
    return this.all.filter(({ type }) => meant.has(type));
  }
}

const isOfType = (appType: KeyValueEntry, { type, typeName }: Application): boolean =>
  isApplicationType(appType, type) || (typeName !== undefined && isApplicationType(appType, type, [typeName]));

/** A listener on every address is reached over the loopback. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** `127.0.0.1:7120`, as faults and logs name where something listens. */
export const addressText = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
