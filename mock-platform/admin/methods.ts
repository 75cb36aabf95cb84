import { methodDefinition } from '#server';
import type { RunningPlatform } from '../runtime/index.js';
import type { StubServer } from '../stubs/index.js';
import { jsonSchemaOf } from './schemas.js';

/** A method that clients can call. */
export interface Method {
  readonly service: string;
  readonly method: string;
  readonly description?: string;
  readonly warning?: string;
  readonly channelType?: string;
  /** JSON Schemas. */
  readonly parameters: Record<string, unknown>;
  readonly response: Record<string, unknown>;
  /** The AppName of the application that has the method. */
  readonly application: string;
}

/** The methods of the host, and those that stubs match by name. */
export const methodsOf = ({ prepared, stubServers }: RunningPlatform): Method[] => [
  ...prepared.plugins.flatMap(({ definition }) =>
    definition.methods.flatMap((handler) => {
      const found = methodDefinition(handler);
      if (found === undefined) return [];
      const { service, method, description, warning, channel, parameters, response } = found;
      return {
        service,
        method,
        ...(description === undefined ? {} : { description }),
        ...(warning === undefined ? {} : { warning }),
        ...(channel === undefined ? {} : { channelType: channel }),
        parameters: jsonSchemaOf(parameters),
        response: jsonSchemaOf(response, 'output'),
        application: prepared.application.name,
      };
    }),
  ),
  ...stubServers.flatMap(stubbedMethods),
];

/** Each stubbed method once, with the parameters that its stubs match. */
function stubbedMethods({ stubs }: StubServer): Method[] {
  const found = new Map<string, Method & { readonly keys: Set<string> }>();
  for (const { definition } of stubs.enabled()) {
    const { service, method, parameters = {} } = definition.match ?? {};
    if (service === undefined || method === undefined) continue;
    const name = JSON.stringify([service, method]);
    const known = found.get(name);
    const keys = known?.keys ?? new Set();
    for (const key of Object.keys(parameters)) keys.add(key);
    const properties = Object.fromEntries([...keys].map((key) => [key, { type: 'string' }]));
    const shape = { parameters: { type: 'object', properties }, response: { type: 'object' } };
    found.set(name, { service, method, ...shape, application: stubs.application.name, keys });
  }
  return [...found.values()].map(({ keys, ...method }) => method);
}
