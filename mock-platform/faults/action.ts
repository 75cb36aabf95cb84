import {
  type Charset,
  EspFault,
  type EspRequest,
  encodeMessage,
  faultTo,
  frame as framed,
  referenceIdOffset,
} from '#wire';
import type { Action, Frame } from '../relay/index.js';
import type { RequestFault } from './rule.js';

/** The application that the request is for. */
export interface Target {
  /** The number of the application type. */
  readonly type: number;
  readonly charset: Charset;
}

/** The action of a fault on a request. Undefined if the request passes: the fault then acts on the reply, if at all. */
export function requestAction(rule: RequestFault, request: EspRequest, { type, charset }: Target): Action | undefined {
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

/** The action of a fault on the reply to a matching request. @param removed fires when the fault is removed */
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

/** Flips a high bit, so that the ReferenceId is far from those that the client uses. */
function withOtherReferenceId(body: Buffer): Buffer {
  const other = Buffer.from(body);
  const offset = referenceIdOffset(other, 0, other.length);
  if (offset !== undefined) other.writeInt32BE(other.readInt32BE(offset) ^ 0x40000000, offset);
  return other;
}
