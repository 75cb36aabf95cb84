import type { LoadedConfig } from '../../config/index.js';
import { applicationTypeName } from '../../esp/index.js';
import { CHANNEL_PARAMETER, deadlineOf, type MethodDefinition, methodDefinition } from '../../host/index.js';
import type { ConfiguredPlugin } from '../plugins.js';
import { commonFaults, type FaultReference, faultsOf } from './faults.js';
import { type FieldReference, fieldsOf } from './fields.js';

/** An application's methods, as a strategist needs to know them. */
export interface Reference {
  readonly application: { readonly name: string; readonly type: number; readonly typeName: string };
  /** After this time the host answers with fault 920; a method may have a shorter one. */
  readonly deadlineMs: number;
  readonly methods: readonly MethodReference[];
  /** Faults of requests that reach no method. */
  readonly faults: readonly FaultReference[];
}

export interface MethodReference {
  readonly service: string;
  readonly method: string;
  readonly description: string;
  readonly warning?: string;
  /** Whether a request may be repeated safely. */
  readonly idempotent: boolean;
  /** After this time the host answers with fault 920. */
  readonly deadlineMs: number;
  /** The deadline of the method, if it is longer than that of the host, which applies. */
  readonly ownDeadlineMs?: number;
  readonly parameters: readonly FieldReference[];
  readonly response: readonly FieldReference[];
  readonly faults: readonly FaultReference[];
}

/** The reference of the methods of a configuration, in the order of its plugins. */
export function referenceOf({ config }: LoadedConfig, plugins: readonly ConfiguredPlugin[]): Reference {
  const { name, type } = config.application;
  const definitions = plugins.flatMap(({ definition }) => definition.methods.map(methodDefinition));
  return {
    application: { name, type, typeName: applicationTypeName(type) },
    deadlineMs: config.limits.deadlineMs,
    methods: definitions.filter((one) => one !== undefined).map((definition) => methodReference(definition, config)),
    faults: commonFaults(name),
  };
}

function methodReference(definition: MethodDefinition, config: LoadedConfig['config']): MethodReference {
  const { service, method, parameters, response, description = '', warning, idempotent = true, channel } = definition;
  const limitMs = config.limits.deadlineMs;
  const { deadlineMs: ownDeadlineMs = limitMs } = definition;
  const deadlineMs = deadlineOf(definition, limitMs);
  const channels = channel === undefined ? undefined : channelsOf(config, channel);
  const subject = { name: `${service}.${method}`, parameters, idempotent, deadlineMs, channels };
  return {
    service,
    method,
    description,
    ...(warning === undefined ? {} : { warning }),
    idempotent,
    deadlineMs,
    ...(ownDeadlineMs > limitMs ? { ownDeadlineMs } : {}),
    parameters: [...(channels === undefined ? [] : [channelField(channels)]), ...fieldsOf(parameters, 'input')],
    response: fieldsOf(response, 'output'),
    faults: faultsOf({ ...subject, application: config.application.name }),
  };
}

const channelsOf = ({ channels }: LoadedConfig['config'], type: string): string[] =>
  Object.entries(channels)
    .filter(([, channel]) => channel.type === type)
    .map(([name]) => name);

/** The parameter that names the channel; the host reads it. */
function channelField(channels: readonly string[]): FieldReference {
  const [only] = channels;
  const names = channels.length === 0 ? 'none is configured' : channels.join(', ');
  const meaning = `The channel, from ${CHANNEL_PARAMETER} in the interaction's user data: ${names}`;
  const field = { name: CHANNEL_PARAMETER, type: 'string', repeated: false, meaning };
  return channels.length === 1 ? { ...field, required: false, default: only } : { ...field, required: true };
}
