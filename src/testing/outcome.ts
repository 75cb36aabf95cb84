import { type EspMessage, type EspRequest, faultIn, MessageId, type PlainValues } from '../esp/index.js';
import type { LogLine } from './captured-logger.js';
import type { UpstreamRequest } from './fake-http.js';

/** The outcome of a call. */
export interface EspOutcome {
  /** `Service.Method`. */
  readonly name: string;
  /** The parameters of the response, as `KeyValueList.toPlain()` returns them. Undefined unless it is a response. */
  readonly response: PlainValues | undefined;
  /** FaultCode and FaultString. Undefined unless it is a fault. */
  readonly fault: { readonly code: string; readonly text: string } | undefined;
  /** Undefined if the method set none. */
  readonly userData: PlainValues | undefined;
  /** The log lines of the method, its plugin and the host during the call, of every level. */
  readonly logs: readonly LogLine[];
  /** The upstream calls during the call. */
  readonly upstream: readonly UpstreamRequest[];
  /** The whole reply. Undefined if the client disconnected before it. */
  readonly message: EspMessage | undefined;
}

export function outcomeOf(
  request: EspRequest,
  message: EspMessage | undefined,
  seen: Pick<EspOutcome, 'logs' | 'upstream'>,
): EspOutcome {
  const isFault = message?.messageId === MessageId.Event3rdServerFault;
  return {
    name: request.name,
    response: isFault ? undefined : message?.request?.list('Parameters')?.toPlain(),
    fault: isFault ? faultIn(message) : undefined,
    userData: message?.userData?.toPlain(),
    ...seen,
    message,
  };
}
