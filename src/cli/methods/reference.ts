import type { LoadedConfig } from '../../config/index.js';
import { applicationTypeName } from '../../esp/index.js';
import { CHANNEL_PARAMETER, type MethodDefinition, methodDefinition } from '../../host/index.js';
import type { ConfiguredPlugin } from '../configured-plugins.js';
import { commonFaults, type FaultReference, faultsOf } from './faults.js';
import { type FieldReference, fieldsOf } from './fields.js';

/** What a strategist has to know of an application's methods. */
export interface Reference {
  readonly application: { readonly name: string; readonly type: number; readonly typeName: string };
  /** After which the host answers fault 920. */
  readonly deadlineMs: number;
  readonly methods: readonly MethodReference[];
  /** Those of requests that reach no method. */
  readonly faults: readonly FaultReference[];
}

export interface MethodReference {
  readonly service: string;
  readonly method: string;
  readonly description: string;
  readonly warning?: string;
  /** Whether a request that is repeated does no harm. */
  readonly idempotent: boolean;
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
  const channels = channel === undefined ? undefined : channelsOf(config, channel);
  const subject = { name: `${service}.${method}`, parameters, idempotent, channels };
  return {
    service,
    method,
    description,
    ...(warning === undefined ? {} : { warning }),
    idempotent,
    parameters: [...(channels === undefined ? [] : [channelField(channels)]), ...fieldsOf(parameters, 'input')],
    response: fieldsOf(response, 'output'),
    faults: faultsOf({ ...subject, application: config.application.name, deadlineMs: config.limits.deadlineMs }),
  };
}

const channelsOf = ({ channels }: LoadedConfig['config'], type: string): string[] =>
  Object.entries(channels)
    .filter(([, channel]) => channel.type === type)
    .map(([name]) => name);

/** The parameter that the host reads itself. */
function channelField(channels: readonly string[]): FieldReference {
  const [only] = channels;
  const names = channels.length === 0 ? 'none is configured' : channels.join(', ');
  const meaning = `The channel, as the interaction's user data has it under ${CHANNEL_PARAMETER}: ${names}`;
  const field = { name: CHANNEL_PARAMETER, type: 'string', repeated: false, meaning };
  return channels.length === 1 ? { ...field, required: false, default: only } : { ...field, required: true };
}
