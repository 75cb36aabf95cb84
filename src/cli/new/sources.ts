import type { Channel, ChannelDefinition } from './channel.js';
import { type Field, sampleOf, schemaOf } from './fields.js';
import type { MethodName } from './names.js';

/** A method to write. */
export interface MethodPlan {
  readonly method: MethodName;
  readonly parameters: readonly Field[];
  readonly response: readonly Field[];
  /** The type of its channel, if any. */
  readonly channel: Channel | undefined;
}

/** The file of a method, with its schemas and its class. */
export function methodSource({ method, parameters, response, channel }: MethodPlan): string {
  const { service, method: name, className } = method;
  const own = channel?.definition;
  const type = own === undefined ? '' : `, typeof ${own.variable}`;
  return `import { type EspCall, EspMethod, type EspMethodHandler, z } from 'esp-host';
${own === undefined ? '' : `import { ${own.variable} } from './${own.file}.js';\n`}
const parameters = ${schemas(parameters)};

const response = ${schemas(response)};

@EspMethod('${service}', '${name}', {
  parameters,
  response,${channel === undefined ? '' : `\n  channel: ${own?.variable ?? `'${channel.type}'`},`}
  description: '${method.name}: describe it for strategists here.',
})
export class ${className} implements EspMethodHandler<typeof parameters, typeof response${type}> {
  async handle(call: EspCall<typeof parameters${type}>) {
    call.logger.debug('called', { parameters: Object.keys(call.parameters) });
${own === undefined ? '' : '    // The settings of the channel are in call.channel.settings.\n'}    // Call an upstream with call.http. To answer with a fault, throw new EspFault(code, text).
    return ${object(response.map(sampleOf), 4)};
  }
}
`;
}

/** The test of a method: its response, and a fault for each missing parameter. */
export function testSource({ method, parameters, response, channel }: MethodPlan): string {
  const { name, className, file } = method;
  const sample = object(parameters.map(sampleOf), 4);
  const url = channel?.definition === undefined ? '' : ", url: 'https://api.example'";
  const options = channel === undefined ? '' : `, { channels: { main: { type: '${channel.type}'${url} } } }`;
  const missing = parameters
    .filter(({ optional }) => !optional)
    .map((field) => missingTest(name, className, options, field, parameters));
  return `import { expect, it } from '@jest/globals';
import { espMatchers, testMethod } from 'esp-host/testing';
import { ${className} } from './${file}.js';

expect.extend(espMatchers);

it('${name} answers', async () => {
  const method = await testMethod(${className}${options});
  const outcome = await method.call(${parameters.length === 0 ? '{}' : sample.replaceAll('\n  ', '\n')});
  expect(outcome).toBeEspResponse(${object(response.map(sampleOf), 2)});
});
${missing.join('')}`;
}

function missingTest(name: string, className: string, options: string, missing: Field, all: readonly Field[]): string {
  const others = all.filter((field) => field !== missing && !field.optional);
  return `
it('${name} needs ${missing.name}', async () => {
  const method = await testMethod(${className}${options});
  const outcome = await method.call(${object(others.map(sampleOf), 2)});
  expect(outcome).toBeEspFault(904, '${name} incorrect ${missing.name}: missing');
});
`;
}

/** index.ts of a plugin, with at most one method. */
export function pluginSource(name: string, method: MethodName | undefined): string {
  const imported = method === undefined ? '' : `import { ${method.className} } from './${method.file}.js';\n`;
  return `import { definePlugin } from 'esp-host';
${imported}
export default definePlugin({
  name: '${name}',
  methods: [${method?.className ?? ''}],
});
`;
}

/** Adds a method to index.ts; undefined if the file is not written as by `esp-host new`. */
export function withMethod(source: string, method: MethodName): string | undefined {
  const list = /^( *)methods: \[([^\]]*)\]/m.exec(source);
  if (list === null || new RegExp(`\\b${method.className}\\b`).test(source)) return undefined;
  const [whole, indent = '', classes = ''] = list;
  const known = classes.split(',').map((one) => one.trim());
  const all = [...known.filter((one) => one !== ''), method.className];
  const line = `${indent}methods: [${all.join(', ')}]`;
  const lines = all.map((one) => `${indent}  ${one},\n`).join('');
  return withImport(source, method)?.replace(whole, () =>
    line.length < WIDTH ? line : `${indent}methods: [\n${lines}${indent}]`,
  );
}

/** Adds a channel type to index.ts, and mock.ts if the plugin brings it; undefined if the file must be edited by hand. */
export function withChannelType(
  source: string,
  { variable, file }: ChannelDefinition,
  bringsMock: boolean,
): string | undefined {
  const listed = /^( *)channels: \[([^\]]*?),?\s*\]/m.exec(source);
  const methods = /^( *)methods: \[[^\]]*\],\n/m.exec(source);
  const [whole, indent = '', types = ''] = listed ?? methods ?? [];
  if (whole === undefined) return undefined;
  const list = types.trim() === '' ? variable : `${types.trim()}, ${variable}`;
  const mock = bringsMock ? `${indent}mock: () => import('./mock.js'),\n` : '';
  const changed =
    listed === null
      ? source.replace(whole, () => `${whole}${indent}channels: [${variable}],\n${mock}`)
      : source.replace(whole, () => `${indent}channels: [${list}]`);
  return withImport(changed, { className: variable, file });
}

/** Adds the import in alphabetical order, after those of packages. */
function withImport(source: string, { className, file }: Pick<MethodName, 'className' | 'file'>): string | undefined {
  const imports = [...source.matchAll(/^import [^;]*from '([^']*)';\n/gm)];
  const last = imports.at(-1);
  if (last === undefined) return undefined;
  const specifier = `./${file}.js`;
  const behind = imports.find(([, other = '']) => other.startsWith('./') && other > specifier);
  const at = behind?.index ?? last.index + last[0].length;
  return `${source.slice(0, at)}import { ${className} } from '${specifier}';\n${source.slice(at)}`;
}

const WIDTH = 120;

const schemas = (fields: readonly Field[]): string => `z.object(${object(fields.map(schemaOf), 0)})`;

/** An object literal with a member per line, and its closing brace at `indent`. */
function object(members: readonly string[], indent: number): string {
  if (members.length === 0) return '{}';
  const space = ' '.repeat(indent);
  return `{\n${members.map((member) => `${space}  ${member},\n`).join('')}${space}}`;
}
