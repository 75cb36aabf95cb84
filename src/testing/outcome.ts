import { type EspMessage, type EspRequest, faultIn, MessageId } from '../esp/index.js';
import type { LogLine } from './captured-logger.js';
import type { UpstreamRequest } from './fake-http.js';
import { type PlainResults, plainOf } from './plain.js';

/** What came of one call. */
export interface EspOutcome {
  /** `Service.Method`. */
  readonly name: string;
  /** The response's parameters; undefined where a fault or nothing was answered. */
  readonly response: PlainResults | undefined;
  /** FaultCode and FaultString; undefined where it is none. */
  readonly fault: { readonly code: string; readonly text: string } | undefined;
  /** Undefined where the method set none. */
  readonly userData: PlainResults | undefined;
  /** What was logged meanwhile, by the method, its plugin and the host, at every level. */
  readonly logs: readonly LogLine[];
  /** The calls that were made meanwhile. */
  readonly upstream: readonly UpstreamRequest[];
  /** The whole reply; undefined where the client had gone before it. */
  readonly message: EspMessage | undefined;
}

export function outcomeOf(
  request: EspRequest,
  message: EspMessage | undefined,
  seen: Pick<EspOutcome, 'logs' | 'upstream'>,
): EspOutcome {
  const isFault = message?.messageId === MessageId.Event3rdServerFault;
  const parameters = message?.request?.list('Parameters');
  return {
    name: request.name,
    response: isFault || parameters === undefined ? undefined : plainOf(parameters),
    fault: isFault ? faultIn(message) : undefined,
    userData: message?.userData === undefined ? undefined : plainOf(message.userData),
    ...seen,
    message,
  };
}
