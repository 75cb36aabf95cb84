import { isApplicationType, type KeyValueEntry } from '#wire';
import type { Address } from './schema.js';

/** An application of the emulated configuration. */
export interface Application {
  readonly name: string;
  /** The number in Configuration Layer, such as 171. */
  readonly type: number;
  /** An additional name for the type. */
  readonly typeName?: string | undefined;
  readonly address: Address;
}

/** How requests name an application. */
export type NamedApplication = Omit<Application, 'address'>;

/** Finds applications of the emulated configuration. */
export class Applications<T extends NamedApplication = Application> {
  constructor(readonly all: readonly T[]) {}

  /** Names are case-sensitive, as in Configuration Layer. */
  find(name: string): T | undefined {
    return this.all.find((application) => application.name === name);
  }

  /** All applications of an AppType: an int, or a string with the number or the name, case-insensitive. */
  ofType(appType: KeyValueEntry): T[] {
    const types = new Set(this.all.filter((application) => isOfType(appType, application)).map(({ type }) => type));
    return this.all.filter(({ type }) => types.has(type));
  }
}

const isOfType = (appType: KeyValueEntry, { type, typeName }: NamedApplication): boolean =>
  isApplicationType(appType, type) || (typeName !== undefined && isApplicationType(appType, type, [typeName]));

/** The host to connect to: the loopback address for a listener on all addresses. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** An address for faults and logs: `127.0.0.1:7120` or `[::1]:7120`. */
export const addressText = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
