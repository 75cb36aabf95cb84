import { type EspFault, type EspRequest, faults, intOf, type KeyValueEntry, textOf } from '#wire';
import { type Application, Applications, addressText } from '../configuration/index.js';

/** An application that takes requests only while it is connected. */
export interface Connectable extends Application {
  readonly connected: boolean;
}

/** Finds the application for a request: by AppName, or round-robin among the connected applications of its AppType. */
export class Router<T extends Connectable> {
  readonly #applications: Applications<T>;
  /** The least recently chosen application comes first. */
  readonly #queue: T[];

  constructor(applications: readonly T[]) {
    this.#applications = new Applications(applications);
    this.#queue = [...applications];
  }

  /** @throws EspFault 902 if there is no such application, 901 if it is not connected */
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
    const candidates = this.#applications.ofType(appType);
    const [first] = candidates;
    if (first === undefined) throw faults.unknownApplication(text);
    const chosen = this.#queue.find((application) => application.connected && candidates.includes(application));
    if (chosen === undefined) throw notConnected(first);
    this.#queue.splice(this.#queue.indexOf(chosen), 1);
    this.#queue.push(chosen);
    return chosen;
  }
}

const notConnected = ({ name, address }: Application): EspFault => faults.connectionFailed(name, addressText(address));

const typeText = (appType: KeyValueEntry): string => textOf(appType) ?? String(intOf(appType) ?? appType.type);
