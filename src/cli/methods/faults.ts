import { z } from 'zod';
import {
  type EspFault,
  faults,
  IncorrectParameterError,
  KeyValueList,
  OutcomeUnknownError,
  type PlainValues,
} from '../../esp/index.js';
import { CHANNEL_PARAMETER, parameterReader, unwrap } from '../../host/index.js';

export interface FaultReference {
  readonly code: string;
  readonly text: string;
  readonly when: string;
}

const reference = ({ code, message }: EspFault, when: string): FaultReference => ({ code, text: message, when });

/** Faults of requests that reach no method. */
export function commonFaults(application: string): FaultReference[] {
  return [
    reference(faults.invalidRequest(), 'Service or Method is missing or empty'),
    reference(faults.unknownService('SERVICE'), 'no plugin has a method of this service'),
    reference(faults.unknownMethod('SERVICE.METHOD'), 'the service is known, the method is not'),
    reference(
      faults.unknownApplication('OTHER'),
      `the request names an application other than ${application}, and addressing is strict`,
    ),
  ];
}

export interface FaultySubject {
  /** `Service.Method`. */
  readonly name: string;
  readonly parameters: z.ZodType;
  readonly application: string;
  readonly deadlineMs: number;
  /** Whether a request may be repeated safely. */
  readonly idempotent: boolean;
  /** The channels of the method's type; undefined for a method without channels. */
  readonly channels: readonly string[] | undefined;
}

/** The faults that the host may answer with; a method may have others of its own. */
export function faultsOf(subject: FaultySubject): FaultReference[] {
  const { name, application, deadlineMs, idempotent, channels } = subject;
  const who = channels === undefined ? application : 'CHANNEL';
  return [
    ...parameterFaults(subject),
    ...(channels === undefined ? [] : channelFaults(subject, channels.length)),
    reference(faults.deadlinePassed(who, name, deadlineMs, idempotent), 'the deadline passed'),
    reference(faults.overloaded(application, name), 'too many requests are pending'),
    reference(faults.stopping(application, name, idempotent), 'the host is stopping'),
    reference(faults.unexpected(name, 17), 'the method threw an exception; see the log'),
  ];
}

function channelFaults({ name, idempotent }: FaultySubject, configured: number): FaultReference[] {
  const incorrect = (why: string) => faults.incorrectParameter(name, CHANNEL_PARAMETER, why);
  return [
    reference(incorrect("no channel 'X'"), 'no channel of the right type has this name'),
    ...(configured === 1
      ? []
      : [reference(incorrect(`needed, ${configured} channels are configured`), `${CHANNEL_PARAMETER} is missing`)]),
    reference(faults.connectionFailed('CHANNEL', 'URL'), 'the upstream cannot be reached, or refuses the login'),
    reference(faults.upstreamFailed('CHANNEL', name, idempotent ? 'status 500' : 'status 400'), 'the upstream failed'),
    ...(idempotent ? [] : [outcomeUnknown(name)]),
  ];
}

function outcomeUnknown(name: string): FaultReference {
  const { why } = new OutcomeUnknownError('CHANNEL', 'no answer within 5000 ms');
  return reference(faults.upstreamFailed('CHANNEL', name, why), 'the upstream got the call and did not answer');
}

/** Obtained by probing each parameter's schema, so that the texts are those of real faults. */
function parameterFaults({ name, parameters }: FaultySubject): FaultReference[] {
  const found = new Map(refusals(parameters, '', []).map((one) => [`${one.parameter}: ${one.why}`, one]));
  return [...found.values()].map(({ parameter, why }) =>
    reference(faults.incorrectParameter(name, parameter, why), whenRefused(parameter, why)),
  );
}

interface Refusal {
  /** `Address.City`; `Tags.0` for the first of a repeated key. */
  readonly parameter: string;
  readonly why: string;
}

/**
 * How the keys of a list are refused, and then those of the lists in it.
 * @param path that of the list, which ends with a dot
 * @param around the lists that contain it: a recursive schema has no end
 */
function refusals(list: z.ZodType, path: string, around: readonly z.ZodType[]): Refusal[] {
  if (!(list instanceof z.ZodObject) || around.includes(list)) return [];
  return Object.entries(list.shape as Record<string, z.ZodType>).flatMap(([key, schema]) => {
    const read = parameterReader(z.object({ [key]: schema }));
    const own = PROBES.map((probe) => refusal(read, key, probe))
      .filter((one) => one !== undefined)
      .map(({ parameter, why }) => ({ parameter: `${path}${parameter}`, why }));
    const value = unwrap(schema);
    const isRepeated = value instanceof z.ZodArray;
    const inner = isRepeated ? unwrap(value.element as z.ZodType) : value;
    return [...own, ...refusals(inner, `${path}${key}.${isRepeated ? '0.' : ''}`, [...around, list])];
  });
}

function whenRefused(parameter: string, why: string): string {
  if (why === 'missing') return `${parameter} is missing`;
  return `${parameter} is ${why.startsWith('not ') ? why : `refused: ${why}`}`;
}

/** No value, and a value of each kind. */
const PROBES = [undefined, { A: 'a' }, '', Uint8Array.of()];

function refusal(
  read: (list: KeyValueList) => unknown,
  key: string,
  probe: PlainValues[string],
): IncorrectParameterError | undefined {
  try {
    const found = read(KeyValueList.from(probe === undefined ? {} : { [key]: probe }));
    return found instanceof IncorrectParameterError ? found : undefined;
  } catch {
    // The code of a schema threw: not a fault of the parameter.
    return undefined;
  }
}
