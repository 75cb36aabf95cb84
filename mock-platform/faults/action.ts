import {
  type Charset,
  EspFault,
  type EspRequest,
  encodeMessage,
  faultTo,
  frame as framed,
  referenceIdOffset,
} from 'esp-host/wire';
import type { Action, Frame } from '../relay/index.js';
import type { RequestFault } from './rule.js';

/** What the fault needs of the application that it stands before. */
export interface Before {
  /** The number of its type. */
  readonly type: number;
  readonly charset: Charset;
}

/** What a fault does with a request; undefined: it goes to the host, and the answer is what the fault is about. */
export function requestAction(rule: RequestFault, request: EspRequest, { type, charset }: Before): Action | undefined {
  switch (rule.kind) {
    case 'noAnswer':
      return { do: 'drop' };
    case 'connectionReset':
      return { do: 'reset' };
    case 'disconnect':
      return { do: 'close' };
    case 'espFault': {
      if (request.referenceId === undefined) return { do: 'drop' };
      const fault = faultTo(request, type, new EspFault(rule.code, rule.text));
      return { do: 'answer', bytes: encodeMessage(fault, charset) };
    }
    default:
      return undefined;
  }
}

/** What a fault does with the answer to a request that it struck. @param removed fires when the fault is */
export function replyAction(rule: RequestFault, { bytes, body }: Frame, removed: AbortSignal): Action | undefined {
  switch (rule.kind) {
    case 'delay':
      return { do: 'delay', ms: rule.ms, atOnce: removed };
    case 'halfFrame':
      return { do: 'close', bytes: bytes.subarray(0, bytes.length >> 1) };
    case 'wrongReferenceId':
      return { do: 'replace', bytes: framed(withOtherReferenceId(body)) };
    default:
      return undefined;
  }
}

/** One that is far from those that clients count through. */
function withOtherReferenceId(body: Buffer): Buffer {
  const other = Buffer.from(body);
  const offset = referenceIdOffset(other, 0, other.length);
  if (offset !== undefined) other.writeInt32BE(other.readInt32BE(offset) ^ 0x40000000, offset);
  return other;
}
