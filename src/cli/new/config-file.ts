import { isMap, isScalar, isSeq, type Node, parseDocument, stringify, type YAMLSeq } from 'yaml';
import { CommandError } from '../errors.js';
import type { ChannelDefinition } from './channel.js';

/** The application of a new configuration. */
export interface NewApplication {
  /** @default 'Own' */
  readonly name?: string | undefined;
  /** @default 23, Third Party Server */
  readonly type?: number | undefined;
}

/** The first configuration of a project. */
export const firstConfig = ({
  name = 'Own',
  type = 23,
}: NewApplication): string => `# The deployed application. node_modules/esp-host/docs/configuration.md lists every key; \`npx esp-host check\`
# reports errors with their location.

application:
  name: ${yamlText(name)} # the AppName in requests
  type: ${type} # the application type: 23 is Third Party Server, 171 SocialMS

plugins: []
`;

/** Escapes `${`, because the file is loaded with environment substitution. */
export const yamlText = (text: string): string => stringify(text.replaceAll('${', '$$${'), { lineWidth: 0 }).trimEnd();

/** Whether a configuration has the plugin. @throws CommandError if it is not valid YAML */
export function hasPlugin(file: string, text: string, isPlugin: (use: string) => boolean): boolean {
  return pluginsIn(file, text).some(isPlugin);
}

/** `use` of each plugin of a configuration. @throws CommandError if it is not valid YAML */
export function pluginsIn(file: string, text: string): string[] {
  const plugins = parsed(file, text).document.toJS().plugins as unknown;
  if (!Array.isArray(plugins)) return [];
  return plugins.flatMap((entry: { use?: unknown } | null) => (typeof entry?.use === 'string' ? [entry.use] : []));
}

/** Adds a plugin to a configuration, and leaves the rest of the text unchanged. @throws CommandError if it is not valid YAML */
export function withPlugin(file: string, text: string, use: string): string {
  const pair = parsed(file, text).map.items.find(({ key }) => isScalar(key) && key.value === 'plugins');
  const entry = (indent: string) => `${indent}- use: ${use}`;
  if (pair === undefined) return `${text.trimEnd()}\n\nplugins:\n${entry('  ')}\n`;
  const { key, value } = pair;
  if (value === null || (isScalar(value) && value.value === null)) {
    return insertLine(text, key.range?.[1] ?? 0, entry('  '));
  }
  if (!isSeq(value)) throw new CommandError(`${file}: plugins must be a list`);
  return value.items.length === 0 ? filled(text, value, entry('  ')) : extended(text, value, use, entry);
}

/** The name of the first channel of a type. @throws CommandError if the configuration is not valid YAML */
export const channelNamed = (file: string, text: string, type: string): string | undefined =>
  Object.entries(channelsIn(file, text)).find(([, channel]) => channel?.type === type)?.[0];

const channelsIn = (file: string, text: string): Readonly<Record<string, { readonly type?: unknown } | null>> =>
  parsed(file, text).document.toJS().channels ?? {};

/**
 * Adds a channel to a configuration, and leaves the rest of the text unchanged. Undefined if the configuration has one of
 * its type. @throws CommandError if it is not valid YAML
 */
export function withChannel(file: string, text: string, { type, env }: ChannelDefinition): string | undefined {
  if (channelNamed(file, text, type) !== undefined) return undefined;
  const { map } = parsed(file, text);
  const taken = Object.keys(channelsIn(file, text));
  const name = [type, `${type}-channel`].find((one) => !taken.includes(one)) ?? `${type}-new`;
  const members = [`type: ${yamlText(type)}`, `url: "\${${env}:-https://api.example}"`];
  const entry = (indent: string) =>
    [`${indent}${yamlText(name)}:`, ...members.map((one) => `${indent}  ${one}`)].join('\n');
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === 'channels');
  if (pair === undefined) return `${text.trimEnd()}\n\nchannels:\n${entry('  ')}\n`;
  const { key, value } = pair;
  if (value === null || (isScalar(value) && value.value === null)) {
    return insertLine(text, key.range?.[1] ?? 0, entry('  '));
  }
  if (!isMap<Node, Node | null>(value)) throw new CommandError(`${file}: channels must be a mapping`);
  const [start = 0, end = 0] = value.range ?? [];
  if (value.items.length === 0) return `${text.slice(0, start).trimEnd()}\n${entry('  ')}${text.slice(end)}`;
  const last = start + text.slice(start, end).trimEnd().length;
  if (value.flow) {
    const brace = text.slice(0, last - 1).trimEnd().length;
    return `${text.slice(0, brace)}, ${yamlText(name)}: { ${members.join(', ')} }${text.slice(brace)}`;
  }
  return insertLine(text, last, entry(' '.repeat(start - text.lastIndexOf('\n', start - 1) - 1)));
}

function parsed(file: string, text: string) {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new CommandError(`${file} is not valid YAML: ${broken.message.replace(/:?\n.*/s, '')}`);
  const { contents: map } = document;
  if (!isMap<Node, Node | null>(map)) throw new CommandError(`${file} must be a mapping`);
  return { document, map };
}

/** Replaces `plugins: []` by a list of one. */
function filled(text: string, list: YAMLSeq, entry: string): string {
  const [start = 0, end = 0] = list.range ?? [];
  return `${text.slice(0, start).trimEnd()}\n${entry}${text.slice(end)}`;
}

function extended(text: string, list: YAMLSeq, use: string, entry: (indent: string) => string): string {
  const [first, last] = [list.items[0], list.items.at(-1)] as Node[];
  const [start = 0] = first?.range ?? [];
  const [lastStart = 0, lastEnd = 0] = last?.range ?? [];
  const end = lastStart + text.slice(lastStart, lastEnd).trimEnd().length;
  if (list.flow) return `${text.slice(0, end)}, { use: ${use} }${text.slice(end)}`;
  const dash = text.lastIndexOf('-', start);
  return insertLine(text, end, entry(' '.repeat(dash - text.lastIndexOf('\n', dash) - 1)));
}

/** Inserts a line after the one that contains `offset`. */
function insertLine(text: string, offset: number, line: string): string {
  const end = text.indexOf('\n', offset);
  return end < 0 ? `${text}\n${line}\n` : `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}
