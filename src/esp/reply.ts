import { ReplyTooLargeError } from './errors.js';
import type { EspFault } from './fault.js';
import { bytesAsText, type KeyValueEntry, KeyValueList } from './key-value-list.js';
import { type EspMessage, MessageId, parametersOf } from './message.js';
import type { EspRequest } from './request.js';

/** The version of the Request list's layout. */
export const LAYOUT_VERSION = '1.0';

/** The reply to a request. Builds its Request list on demand: the writer of bytes usually does not need it. */
export class EspReply implements EspMessage {
  #request: KeyValueList | undefined;

  constructor(
    readonly messageId: number,
    readonly to: EspRequest,
    /** The request's, else the host's. */
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

  /** Checks the size before the reply is encoded. @throws ReplyTooLargeError if it is over `limit` */
  checkSize(limit: number): void {
    const bytes = minBytes(this.parameters) + (this.userData === undefined ? 0 : minBytes(this.userData));
    if (bytes > limit) throw new ReplyTooLargeError(bytes, limit);
  }
}

/** A lower bound for any encoding: a character takes at least one byte. */
function minBytes(list: KeyValueList): number {
  let bytes = 0;
  for (const { key, type, value } of list.entries) {
    bytes += key.length;
    if (type === 'list') bytes += minBytes(value);
    else bytes += type === 'int' ? 4 : value.length;
  }
  return bytes;
}

/** Event3rdServerResponse to `request`. UserData only if given. */
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

/** Version, AppType, Service, Method, Parameters: the order in which real servers write them. */
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
 * The fault in a message. FaultCode and FaultString are in Parameters; some servers put them at the top level. Values of
 * any type come out as text; missing ones are empty.
 */
export function faultIn(message: EspMessage): { code: string; text: string } {
  const lists = [parametersOf(message.request), message.request];
  const read = (key: string): string => {
    const entry = lists.map((list) => list?.find(key)).find((found) => found !== undefined);
    if (entry === undefined || entry.type === 'list') return '';
    return entry.value instanceof Uint8Array ? bytesAsText(entry.value) : String(entry.value);
  };
  return { code: read('FaultCode'), text: read('FaultString') };
}
