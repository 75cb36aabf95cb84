import { readFileSync, statSync } from 'node:fs';
import { parseDocument } from 'yaml';

/** The kind of a file; `strategies` is also a folder of them. */
export type FileKind = 'config' | 'platform' | 'stubs' | 'http-stubs' | 'strategies' | 'recording';

const PLATFORM = ['applications', 'console', 'interactionServer', 'strategies', 'upstreams'];

/** What only HTTP stubs have in `match` and `answer`. */
const HTTP = ['path', 'query', 'headers', 'json', 'body', 'status'];

/** The kind of a file by its keys, or else by its name. */
export function fileKind(file: string): FileKind {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) return 'strategies';
  if (file.endsWith('.jsonl')) return 'recording';
  return kindByKeys(read(file)) ?? kindByName(file);
}

function kindByKeys(content: unknown): FileKind | undefined {
  if (!isMapping(content)) return undefined;
  if ('application' in content && !('stubs' in content)) return 'config';
  if ('stubs' in content) return isHttp(content.stubs) ? 'http-stubs' : 'stubs';
  if ('steps' in content) return 'strategies';
  return PLATFORM.some((key) => key in content) ? 'platform' : undefined;
}

const isHttp = (stubs: unknown): boolean =>
  Array.isArray(stubs) &&
  stubs.some(
    (stub) =>
      isMapping(stub) &&
      [stub.match, stub.answer, ...[stub.answers].flat()].some(
        (part) => isMapping(part) && HTTP.some((key) => key in part),
      ),
  );

const NAMES: readonly (readonly [RegExp, FileKind])[] = [
  [/platform/, 'platform'],
  [/\.http\.ya?ml$/, 'http-stubs'],
  [/stub/, 'stubs'],
  [/strateg/, 'strategies'],
];

const kindByName = (file: string): FileKind => NAMES.find(([pattern]) => pattern.test(file))?.[1] ?? 'config';

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The content as far as it can be read: the check reports what is wrong with it. */
function read(file: string): unknown {
  try {
    return parseDocument(readFileSync(file, 'utf8'), { logLevel: 'silent' }).toJS();
  } catch {
    return undefined;
  }
}
