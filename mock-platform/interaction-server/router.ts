import { type EspRequest, faults, intOf, type KeyValueEntry, textOf } from 'esp-host/wire';
import { Applications, type EspApplication } from '../configuration/index.js';

/** An application that can be asked only while there is a connection to it. */
export interface Connectable extends EspApplication {
  readonly connected: boolean;
}

/** Finds the application that a request names: by AppName, or among the connected ones of its AppType in turn. */
export class Router<T extends Connectable> {
  readonly #applications: Applications<T>;
  /** The one that was chosen by type longest ago comes first. */
  readonly #turn: T[];

  constructor(applications: readonly T[]) {
    this.#applications = new Applications(applications);
    this.#turn = [...applications];
  }

  /** @throws EspFault 902 where there is no such application, 901 where it is not connected */
  route({ appName, appType }: EspRequest): T {
    if (appName !== undefined) return this.#named(appName);
    const type = appType === undefined ? '' : typeText(appType);
    if (appType === undefined || type.trim() === '') {
      throw faults.unknownApplication('Request names neither AppName nor AppType:');
    }
    return this.#nextOfType(appType, type);
  }

  #named(name: string): T {
    const application = this.#applications.find(name);
    if (application === undefined) throw faults.unknownApplication(name);
    if (!application.connected) throw notConnected(application);
    return application;
  }

  #nextOfType(appType: KeyValueEntry, text: string): T {
    const candidates = new Set(this.#applications.ofType(appType));
    const [first] = candidates;
    if (first === undefined) throw faults.unknownApplication(text);
    const index = this.#turn.findIndex((application) => application.connected && candidates.has(application));
    const [chosen] = index < 0 ? [] : this.#turn.splice(index, 1);
    if (chosen === undefined) throw notConnected(first);
    this.#turn.push(chosen);
    return chosen;
  }
}

/** `127.0.0.1:7120`, as faults and logs name where an application listens. */
export const addressText = ({ address: { host, port } }: EspApplication): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

const notConnected = (application: EspApplication) =>
  faults.connectionFailed(application.name, addressText(application));

const typeText = (appType: KeyValueEntry): string => textOf(appType) ?? String(intOf(appType) ?? appType.type);
