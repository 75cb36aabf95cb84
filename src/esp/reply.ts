import { Failure } from './failure.js';
import type { EspFault } from './fault.js';
import { bytesAsText, type KeyValueEntry, KeyValueList } from './key-value-list.js';
import { type EspMessage, MessageId } from './message.js';
import type { EspRequest } from './request.js';

/** The version of the request list's layout that servers write. */
export const LAYOUT_VERSION = '1.0';

/** A response that is larger than a message may be. */
export class ReplyTooLarge extends Failure {
  override readonly name = 'ReplyTooLarge';
  constructor(bytes: number, most: number) {
    super(`the response has at least ${bytes} bytes; limits.messageBytes allows ${most} bytes`);
  }
}

/** The one reply to a request. Its list is laid out when it is asked for: who writes bytes may not need it. */
export class EspReply implements EspMessage {
  #request: KeyValueList | undefined;

  constructor(
    readonly messageId: number,
    readonly to: EspRequest,
    /** As the request gave it, else the host's. */
    readonly appType: KeyValueEntry,
    readonly parameters: KeyValueList,
    readonly userData: KeyValueList | undefined,
  ) {}

  get referenceId(): number | undefined {
    return this.to.referenceId;
  }

  get request(): KeyValueList {
    this.#request ??= layout(this.to, this.appType, this.parameters);
    return this.#request;
  }

  /** Looks at how large the response is before it is encoded. @throws ReplyTooLarge where it is over `most` bytes */
  checkSize(most: number): void {
    const bytes = leastBytes(this.parameters) + (this.userData === undefined ? 0 : leastBytes(this.userData));
    if (bytes > most) throw new ReplyTooLarge(bytes, most);
  }
}

/** Of a list in any encoding: a character takes a byte or more. */
function leastBytes(list: KeyValueList): number {
  let bytes = 0;
  for (const { key, type, value } of list.entries) {
    bytes += key.length;
    if (type === 'list') bytes += leastBytes(value);
    else bytes += type === 'int' ? 4 : value.length;
  }
  return bytes;
}

/** Event3rdServerResponse to `request`; UserData only where given. */
export function responseTo(
  request: EspRequest,
  hostType: number,
  parameters: KeyValueList,
  userData?: KeyValueList,
): EspReply {
  return new EspReply(MessageId.Event3rdServerResponse, request, appTypeOf(request, hostType), parameters, userData);
}

/** Event3rdServerFault to `request`: FaultCode and FaultString as its Parameters, never UserData. */
export function faultTo(request: EspRequest, hostType: number, fault: EspFault): EspReply {
  const type = request.text;
  const parameters = new KeyValueList([
    { key: 'FaultCode', type, value: fault.code },
    { key: 'FaultString', type, value: fault.message },
  ]);
  return new EspReply(MessageId.Event3rdServerFault, request, appTypeOf(request, hostType), parameters, undefined);
}

const appTypeOf = (request: EspRequest, hostType: number): KeyValueEntry =>
  request.appType ?? { key: 'AppType', type: 'int', value: hostType };

/** Version, AppType, Service, Method, Parameters: in this order, as real servers write. */
function layout(request: EspRequest, appType: KeyValueEntry, parameters: KeyValueList): KeyValueList {
  const type = request.text;
  return new KeyValueList([
    { key: 'Version', type, value: LAYOUT_VERSION },
    appType,
    { key: 'Service', type, value: request.service },
    { key: 'Method', type, value: request.method },
    { key: 'Parameters', type: 'list', value: parameters },
  ]);
}

/**
 * The fault that a message carries. FaultCode and FaultString stand in Parameters, or at the top level where some
 * servers put them; whichever kind of value they are, they come out as text. Empty where a server left them out.
 */
export function faultOf(message: EspMessage): { code: string; text: string } {
  const inner = message.request?.find('Parameters');
  const lists = [inner?.type === 'list' ? inner.value : undefined, message.request];
  const read = (key: string): string => {
    const entry = lists.map((list) => list?.find(key)).find((found) => found !== undefined);
    if (entry === undefined || entry.type === 'list') return '';
    return entry.value instanceof Uint8Array ? bytesAsText(entry.value) : String(entry.value);
  };
  return { code: read('FaultCode'), text: read('FaultString') };
}
