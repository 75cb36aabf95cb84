import { type KeyValueEntry, KeyValueList, textOf } from './key-value-list.js';
import type { EspMessage } from './message.js';

const EMPTY = new KeyValueList();

/** A Request3rdServer as its receiver reads it. Service and Method are empty where missing or not a string. */
export class EspRequest {
  readonly referenceId: number | undefined;
  readonly list: KeyValueList | undefined;
  readonly userData: KeyValueList;
  readonly service: string;
  readonly method: string;
  /** `utf16` where the request's Service was: replies are written in the kind that was asked in. */
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

  /** For a request that waits: see {@link EspMessage.detach}. */
  detach(): void {
    this.#message.detach?.();
  }

  /** `Service.Method`, as faults and logs name a request. */
  get name(): string {
    return `${this.service}.${this.method}`;
  }

  /** Undefined where missing, empty or not a string. */
  get appName(): string | undefined {
    return nameOf(this.list?.find('AppName')) || undefined;
  }

  /** As it came: an int or a string, number or name. */
  get appType(): KeyValueEntry | undefined {
    return this.list?.find('AppType');
  }

  /** An absent list is an empty one. @throws IncorrectParameter where Parameters is no list */
  get parameters(): KeyValueList {
    return this.list?.list('Parameters') ?? EMPTY;
  }
}

const nameOf = (entry: KeyValueEntry | undefined): string => (entry === undefined ? '' : (textOf(entry) ?? ''));
