import { intOf, type KeyValueEntry, KeyValueList, textOf } from './key-value-list.js';
import type { EspMessage } from './message.js';

const EMPTY = new KeyValueList();

/** A received Request3rdServer. Service and Method are empty if they are missing or not a string. */
export class EspRequest {
  readonly referenceId: number | undefined;
  readonly list: KeyValueList | undefined;
  readonly userData: KeyValueList;
  readonly service: string;
  readonly method: string;
  /** `utf16` if the request's Service is UTF-16: the reply uses the same kind of string. */
  readonly text: 'str' | 'utf16';

  readonly #message: EspMessage;

  constructor(message: EspMessage) {
    this.#message = message;
    this.referenceId = message.referenceId;
    this.list = message.request;
    this.userData = message.userData ?? EMPTY;
    const service = message.request?.find('Service');
    this.service = nameOf(service);
    this.method = nameOf(message.request?.find('Method'));
    this.text = service?.type === 'utf16' ? 'utf16' : 'str';
  }

  /** See {@link EspMessage.detach}. */
  detach(): void {
    this.#message.detach?.();
  }

  /** `Service.Method`, as in faults and logs. */
  get name(): string {
    return `${this.service}.${this.method}`;
  }

  /** Undefined if missing, empty or not a string. */
  get appName(): string | undefined {
    return nameOf(this.list?.find('AppName')) || undefined;
  }

  /** As received: an int, or a string with a number or a name. */
  get appType(): KeyValueEntry | undefined {
    return this.list?.find('AppType');
  }

  /** Empty if absent. @throws IncorrectParameterError if Parameters is not a list */
  get parameters(): KeyValueList {
    return this.list?.list('Parameters') ?? EMPTY;
  }
}

const nameOf = (entry: KeyValueEntry | undefined): string => (entry === undefined ? '' : (textOf(entry) ?? ''));

/** Application types of the Configuration Layer that speak ESP or occur next to it, by number. */
const TYPE_NAMES: ReadonlyMap<number, readonly string[]> = new Map([
  [22, ['Third Party Application']],
  [23, ['Third Party Server']],
  [59, ['Chat Server']],
  [63, ['Contact Server']],
  [64, ['E-Mail Server Java', 'E-mail Server', 'E-Mail Server']],
  [90, ['Classification Server']],
  [111, ['Interaction Server']],
  [171, ['SocialMS', 'Digital Messaging Server']],
]);

/** The name that Interaction Routing Designer shows for a type; its number if the name is unknown. */
export const applicationTypeName = (type: number): string => TYPE_NAMES.get(type)?.[0] ?? String(type);

/** Whether a request's AppType (an int, or a string with a number or a name in any case) means `type`. */
export function isApplicationType(appType: KeyValueEntry, type: number, names = TYPE_NAMES.get(type) ?? []): boolean {
  if (intOf(appType) === type) return true;
  const text = textOf(appType)?.trim().toLowerCase();
  return text !== undefined && names.some((name) => name.toLowerCase() === text);
}
