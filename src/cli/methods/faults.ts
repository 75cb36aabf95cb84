import { z } from 'zod';
import {
  type EspFault,
  faults,
  IncorrectParameterError,
  KeyValueList,
  OutcomeUnknownError,
  type PlainValues,
} from '../../esp/index.js';
import { CHANNEL_PARAMETER, parameterReader } from '../../host/index.js';

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
    reference(faults.unknownService('SERVICE'), 'no plugin has a method of that service'),
    reference(faults.unknownMethod('SERVICE.METHOD'), 'the service is known, the method is not'),
    reference(
      faults.unknownApplication('OTHER'),
      `another application than ${application} is named, and addressing is strict`,
    ),
  ];
}

export interface FaultySubject {
  /** `Service.Method`. */
  readonly name: string;
  readonly parameters: z.ZodType;
  readonly application: string;
  readonly deadlineMs: number;
  /** Whether a request that is repeated does no harm. */
  readonly idempotent: boolean;
  /** The names of the channels that it may be asked for; undefined for a method without any. */
  readonly channels: readonly string[] | undefined;
}

/** Every fault that the host answers for a method; a method may have others of its own. */
export function faultsOf(subject: FaultySubject): FaultReference[] {
  const { name, application, deadlineMs, idempotent, channels } = subject;
  const who = channels === undefined ? application : 'CHANNEL';
  return [
    ...parameterFaults(subject),
    ...(channels === undefined ? [] : channelFaults(subject, channels.length)),
    reference(faults.deadlinePassed(who, name, deadlineMs, idempotent), 'it took too long'),
    reference(faults.overloaded(application, name), 'too many requests wait already'),
    reference(faults.stopping(application, name, idempotent), 'the host is stopping'),
    reference(faults.unexpected(name, 17), 'the method failed; the reason is in the log'),
  ];
}

function channelFaults({ name, idempotent }: FaultySubject, configured: number): FaultReference[] {
  const incorrect = (why: string) => faults.incorrectParameter(name, CHANNEL_PARAMETER, why);
  return [
    reference(incorrect("no channel 'X'"), 'no channel of the right type has that name'),
    ...(configured === 1
      ? []
      : [reference(incorrect(`needed, ${configured} channels are configured`), `${CHANNEL_PARAMETER} is left out`)]),
    reference(
      faults.connectionFailed('CHANNEL', 'URL'),
      'what the channel asks cannot be reached, or refuses the login',
    ),
    reference(
      faults.upstreamFailed('CHANNEL', name, idempotent ? 'status 500' : 'status 400'),
      'what the channel asks failed',
    ),
    ...(idempotent ? [] : [outcomeUnknown(name)]),
  ];
}

function outcomeUnknown(name: string): FaultReference {
  const { why } = new OutcomeUnknownError('CHANNEL', 'no answer within 5000 ms');
  return reference(faults.upstreamFailed('CHANNEL', name, why), 'what the channel asks was asked, and did not answer');
}

/** Found by asking each parameter's schema, so that the texts are those that come. */
function parameterFaults({ name, parameters }: FaultySubject): FaultReference[] {
  if (!(parameters instanceof z.ZodObject)) return [];
  return Object.entries(parameters.shape as Record<string, z.ZodType>).flatMap(([key, schema]) => {
    const read = parameterReader(z.object({ [key]: schema }));
    const refused = PROBES.map((probe) => refusal(read, key, probe)).filter((one) => one !== undefined);
    const found = new Map(refused.map((one) => [one.message, one]));
    return [...found.values()].map(({ parameter, why }) =>
      reference(faults.incorrectParameter(name, parameter, why), whenRefused(parameter, why)),
    );
  });
}

function whenRefused(parameter: string, why: string): string {
  if (why === 'missing') return `${parameter} is left out`;
  return `${parameter} is ${why.startsWith('not ') ? why : `refused: ${why}`}`;
}

/** Nothing, and something of each kind. */
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
    // A schema's own code that throws: no fault of the parameter.
    return undefined;
  }
}
