import { z } from 'zod';
import { type MethodDefinition, withOtherKeys } from '../../host/index.js';
import { PLUGIN_FAULT, TYPED_TYPE } from './calls.js';

/** A JSON object. */
type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of an application's methods. */
export function openApi(application: string, methods: readonly MethodDefinition[]): Json {
  return {
    openapi: '3.1.0',
    info: { title: `ESP methods of ${application}`, version: '1.0' },
    security: [{ bearer: [] }],
    paths: Object.fromEntries(methods.map((one) => [pathOf(one), { post: operation(one) }])),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { ...TYPED, Fault: FAULT, Error: ERROR },
      responses: RESPONSES,
    },
  };
}

const pathOf = ({ service, method }: MethodDefinition): string =>
  `/esp/${encodeURIComponent(service)}/${encodeURIComponent(method)}`;

const ref = (kind: string, name: string): Json => ({ $ref: `#/components/${kind}/${name}` });

function operation(definition: MethodDefinition): Json {
  const { service, method, description, warning } = definition;
  const words = [description, warning].filter((text) => text !== undefined).join('\n\n');
  const place = ['paths', pathOf(definition), 'post'];
  const content = ['content', 'application/json', 'schema'];
  return {
    operationId: `${service}.${method}`,
    tags: [service],
    ...(words === '' ? {} : { description: words }),
    requestBody: {
      description: 'The parameters as a plain object, or in the typed form.',
      content: {
        'application/json': {
          schema: {
            anyOf: [
              parametersSchema(definition, [...place, 'requestBody', ...content, 'anyOf', '0']),
              ref('schemas', 'TypedRequest'),
            ],
          },
        },
      },
    },
    responses: {
      '200': response(definition, [...place, 'responses', '200', ...content, 'properties', 'parameters']),
      ...Object.fromEntries(Object.keys(RESPONSES).map((status) => [status, ref('responses', status)])),
    },
  };
}

/** Includes the parameter that names the channel, which is not in the method's own schema. */
function parametersSchema({ parameters, channel }: MethodDefinition, place: readonly string[]): Json {
  const schema = schemaOf(parameters, 'input', place);
  if (channel === undefined) return schema;
  const description = `The channel, of type ${channel}. Optional if there is only one of that type.`;
  const properties = { _umsChannel: { type: 'string', description }, ...(schema.properties as Json | undefined) };
  return { ...schema, properties };
}

function response({ response }: MethodDefinition, place: readonly string[]): Json {
  const schema = {
    type: 'object',
    properties: { parameters: schemaOf(withOtherKeys(response), 'output', place), userData: { type: 'object' } },
    required: ['parameters'],
  };
  return {
    description: "The method's response: in the typed form if a plain object would lose something, or on request.",
    content: { 'application/json': { schema }, [TYPED_TYPE]: { schema: ref('schemas', 'TypedResponse') } },
  };
}

/** References in a schema are relative to the schema: they become relative to the document. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', place: readonly string[]): Json {
  const { $schema, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const pointer = place.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`);
  const moved = (key: string, value: unknown): unknown =>
    key === '$ref' && typeof value === 'string' && value.startsWith('#')
      ? `#${pointer.join('')}${value.slice(1)}`
      : value;
  return JSON.parse(JSON.stringify(json), moved);
}

const text = (description: string): Json => ({ type: 'string', description });
const object = (properties: Json, required: readonly string[]): Json => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const TYPED: Json = {
  TypedList: {
    description: 'A key-value list without any loss: [key, type, value] for each entry, in order.',
    type: 'array',
    items: ref('schemas', 'TypedEntry'),
  },
  TypedEntry: {
    description:
      'The value of a str or utf16 is a string, of an int a 32-bit integer, of a list a list, of a bin bytes in hex, ' +
      'of a strx the hex bytes of a string that is not valid in its charset. A key of such bytes is {"hex": bytes}.',
    type: 'array',
    prefixItems: [
      { anyOf: [{ type: 'string' }, object({ hex: { type: 'string' } }, ['hex'])] },
      { enum: ['str', 'utf16', 'int', 'bin', 'strx', 'list'] },
      { anyOf: [{ type: 'string' }, { type: 'integer', format: 'int32' }, ref('schemas', 'TypedList')] },
    ],
    minItems: 3,
    items: false,
  },
  TypedRequest: object(
    {
      parameters: ref('schemas', 'TypedList'),
      userData: ref('schemas', 'TypedList'),
      appName: text('AppName of the application to call'),
      appType: { type: ['integer', 'string'], description: 'AppType of the application to call' },
    },
    ['parameters'],
  ),
  TypedResponse: object({ parameters: ref('schemas', 'TypedList'), userData: ref('schemas', 'TypedList') }, [
    'parameters',
  ]),
};

const FAULT = object({ faultCode: text('FaultCode'), faultString: text('FaultString') }, ['faultCode', 'faultString']);
const ERROR = object({ error: text('What is wrong with the request, and how to fix it') }, ['error']);

const answer = (schema: Json, description: string, headers?: Json): Json => ({
  description,
  ...(headers === undefined ? {} : { headers }),
  content: { 'application/json': { schema } },
});

const fault = ref('schemas', 'Fault');
const error = ref('schemas', 'Error');
const either = { anyOf: [fault, error] };
const header = (name: string, description: string): Json => ({ [name]: { description, schema: { type: 'string' } } });

/** The faults and errors that any method may return. */
const RESPONSES: Json = {
  '400': answer(either, 'Fault 701 or 904: a name or parameter is wrong; or the body is not JSON, or not a list.'),
  '401': answer(error, 'The bearer token is missing or wrong.', header('WWW-Authenticate', 'Bearer')),
  '404': answer(either, 'Fault 902: unknown service, method or application; or nothing is at this path.'),
  '408': answer(error, 'The request was incomplete after limits.frameMs.'),
  '413': answer(error, 'The body exceeds limits.messageBytes, or its lists exceed listDepth or listEntries.'),
  '415': answer(error, 'The body is not application/json.'),
  [String(PLUGIN_FAULT)]: answer(fault, "A fault with a code of the method's own."),
  '500': answer(fault, 'Fault 900: the method failed unexpectedly.'),
  '502': answer(fault, 'Fault 901 or 920: an upstream of the method cannot be reached, or failed.'),
  '503': answer(fault, 'Fault 920: overloaded or stopping.', header('Retry-After', 'Seconds')),
  '504': answer(fault, 'Fault 920: the deadline passed.'),
};
