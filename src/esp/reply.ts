import type { EspFault } from './fault.js';
import { bytesAsText, type KeyValueEntry, KeyValueList } from './key-value-list.js';
import { type EspMessage, MessageId } from './message.js';
import type { EspRequest } from './request.js';

/** The version of the request list's layout that servers write. */
export const LAYOUT_VERSION = '1.0';

/** Event3rdServerResponse to `request`; UserData only where given. */
export function responseTo(
  request: EspRequest,
  hostType: number,
  parameters: KeyValueList,
  userData?: KeyValueList,
): EspMessage {
  return {
    messageId: MessageId.Event3rdServerResponse,
    referenceId: request.referenceId,
    request: layout(request, hostType, parameters),
    userData,
  };
}

/** Event3rdServerFault to `request`: FaultCode and FaultString as its Parameters, never UserData. */
export function faultTo(request: EspRequest, hostType: number, fault: EspFault): EspMessage {
  const type = request.text;
  const parameters = new KeyValueList([
    { key: 'FaultCode', type, value: fault.code },
    { key: 'FaultString', type, value: fault.message },
  ]);
  return {
    messageId: MessageId.Event3rdServerFault,
    referenceId: request.referenceId,
    request: layout(request, hostType, parameters),
    userData: undefined,
  };
}

/** Version, AppType (as asked, else the host's), Service, Method, Parameters: in this order, as real servers write. */
function layout(request: EspRequest, hostType: number, parameters: KeyValueList): KeyValueList {
  const type = request.text;
  const appType: KeyValueEntry = request.appType ?? { key: 'AppType', type: 'int', value: hostType };
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
