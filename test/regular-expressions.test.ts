import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseSync } from '@swc/core';

/**
 * A regular expression whose time grows with the square of a text's length is a way to stop the host with one message.
 * Each one in the sources is tried on texts that repeat parts of what it looks for and then do not match.
 */

/** Slow ones that see no text of a client's, an upstream's or a customer's. */
const OWN_TEXT_ONLY: Readonly<Record<string, string>> = {
  'src/config/source.ts': 'values of the configuration',
  'src/cli/methods/print.ts': "descriptions in a plugin's code",
  'src/cli/new/names.ts': 'a word of the command line',
  'src/cli/new/sources.ts': 'code of a plugin',
  'plugins/messaging/config/api.ts': 'a URL of the configuration',
  'mock-platform/admin/openapi.ts': 'paths of the routes',
  'plugins/messaging/mock/contact-lookup.ts': 'a version in platform.yaml',
};

/** Where an expression is made of what this test cannot read, and why that does no harm. */
const MADE: Readonly<Record<string, string>> = {
  'src/telemetry/phone-numbers.ts': 'telemetry/linear.test.ts tries these',
  'src/cli/new/sources.ts': 'one word between two \\b',
  'src/testing/fake-http.ts': 'the URLs of a test',
  'plugins/messaging/phone-numbers.ts': 'an alternative of digits, from libphonenumber-js',
  'plugins/messaging/mock/phone-number.ts': 'an alternative of digits, from libphonenumber-js',
  'mock-platform/stubs/common/condition.ts': "the user's own; it sees a bounded text",
  'mock-platform/console/message/entries.ts': 'classes of characters',
  'mock-platform/matching.ts': "the user's own; it sees a bounded text",
};

interface Found {
  readonly file: string;
  /** Undefined if it is not made from a literal. */
  readonly source: string | undefined;
  readonly flags: string;
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));

type Node = Readonly<Record<string, unknown>>;

function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value) yield value as Node;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

function regexpsIn(file: string): Found[] {
  const text = readFileSync(posix.join(ROOT, file), 'utf8');
  const tree = parseSync(text, { syntax: 'typescript', tsx: file.endsWith('x'), decorators: true, target: 'es2022' });
  return [...nodesOf(tree)].flatMap((node): Found[] => {
    if (node.type === 'RegExpLiteral') return [{ file, source: String(node.pattern), flags: String(node.flags) }];
    const { type, value } = (node.callee ?? {}) as { type?: string; value?: string };
    if (type !== 'Identifier' || value !== 'RegExp') return [];
    return [{ file, source: undefined, flags: '' }];
  });
}

const FOUND = ['src', 'plugins', 'mock-platform'].flatMap((part) =>
  (readdirSync(posix.join(ROOT, part), { recursive: true }) as string[])
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => regexpsIn(posix.join(part, file.split(sep).join('/')))),
);

/** What stands for one character in a source, such as an escape or a class, and what does not: groups, quantifiers, anchors. */
const TOKENS =
  /(?<structure>\(\?(?:<?[=!]|:|<\w+>)|[()|*+?^$]|\\[bBk1-9])|\{(?<times>\d+),?\d*\}|(?<atom>\\[pP]\{[^}]*\}|\\u\{[\da-f]+\}|\\u[\da-f]{4}|\\x[\da-f]{2}|\\.|\[(?:[^\]\\]|\\.)*\]|.)/gis;

/** What is tried for a class: the first of these characters that it takes. */
const CHOICES = ['\t "\\', '\na0', 'a0-:', '\0/#?.=&%@'].map(
  (first) => `${first}\t\n a0A-_:;.,/\\"'=&%@#?(){}[]<>*$+|~^!\0\u0663`,
);

/** A character for each token that stands for one, in order. */
function charactersOf(source: string, flags: string, choices: string): string[] {
  const characters: string[] = [];
  for (const { groups = {} } of source.matchAll(TOKENS)) {
    const { atom, times } = groups;
    if (times !== undefined)
      characters[characters.length - 1] = (characters.at(-1) ?? '').repeat(Math.min(Number(times), 20) || 1);
    if (atom === undefined) continue;
    const one = new RegExp(`^(?:${atom})$`, `${flags.replaceAll(/[gmsy]/g, '')}s`);
    characters.push([...choices, atom].find((character) => one.test(character)) ?? 'a');
  }
  return characters;
}

/** The longest part that is repeated, in tokens. */
const LONGEST = 14;
const ENDINGS = ['\0', '\n\0', '\0\n', 'a', ''];

/** Makes texts of any length: a prefix, a repeated part, and a suffix that does not match. Short parts first. */
function* textsFor(source: string, flags: string): Generator<(length: number) => string> {
  const made = new Set<string>();
  const choices = CHOICES.map((of) => charactersOf(source, flags, of));
  for (let tokens = 1; tokens <= LONGEST; tokens++) {
    for (const characters of choices) {
      for (let start = 0; start + tokens <= characters.length; start++) {
        const part = characters.slice(start, start + tokens).join('');
        for (const before of [characters.slice(0, start).join(''), 'a']) {
          for (const ending of ENDINGS) {
            const key = `${before} ${part} ${ending}`;
            if (!made.has(key)) yield (length) => before + part.repeat(length / part.length) + ending;
            made.add(key);
          }
        }
      }
    }
  }
}

/** CPU time, for the machine has other things to do. */
function cpuMs(regexp: RegExp, text: string): number {
  const before = process.cpuUsage();
  if (regexp.global) text.replace(regexp, '');
  else regexp.test(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Twice, for the first time compiles it, and the collector's time counts as well. */
const isSlow = (regexp: RegExp, text: string, ms: number) => cpuMs(regexp, text) >= ms && cpuMs(regexp, text) >= ms;

const isQuadratic = (regexp: RegExp, text: (length: number) => string) =>
  isSlow(regexp, text(8_000), 0.7) && (isSlow(regexp, text(8_000), 10) || cpuMs(regexp, text(30_000)) >= 25);

/** A text that it takes hundreds of times as long for as a linear one, which reads 30,000 characters in 0.1 ms. */
function slowText(source: string, flags: string): string | undefined {
  const regexp = new RegExp(source, flags);
  for (const text of textsFor(source, flags)) {
    if (isSlow(regexp, text(24), 3) || isSlow(regexp, text(600), 5) || isQuadratic(regexp, text)) return text(80);
  }
  return undefined;
}

const literals = new Map<string, string[]>();
for (const { file, source, flags } of FOUND) {
  if (source === undefined || file in OWN_TEXT_ONLY) continue;
  const key = `${flags}/${source}`;
  literals.set(key, [...(literals.get(key) ?? []), file]);
}

/** The plugins that come along may be left out. */
const isThere = (file: string): boolean => !file.startsWith('plugins/') || existsSync(posix.join(ROOT, file));

describe('regular expressions for untrusted text', () => {
  it('run in linear time', () => {
    const slow = [...literals].flatMap(([key, files]) => {
      const at = key.indexOf('/');
      const text = slowText(key.slice(at + 1), key.slice(0, at));
      return text === undefined ? [] : [`${files.join(', ')}: ${key} on ${JSON.stringify(text)}`];
    });
    expect(slow).toEqual([]);
  });

  it('are literals, or created in one of a few places', () => {
    const made = FOUND.filter(({ source }) => source === undefined).map(({ file }) => file);
    expect([...new Set(made)].sort()).toEqual(Object.keys(MADE).filter(isThere).sort());
  });

  it('are all except those of a few files', () => {
    const isSlowOne = ({ source, flags }: Found) => source !== undefined && slowText(source, flags) !== undefined;
    const stale = Object.keys(OWN_TEXT_ONLY)
      .filter(isThere)
      .filter((name) => !FOUND.some((one) => one.file === name && isSlowOne(one)));
    expect(stale).toEqual([]);
  });
});

it.each([
  /^(a+)+$/,
  /^\s*\s*\s*$/,
  /\s+$/,
  /^(?:0x)?([0-9a-f]{4,16}):\s+(.*)$/i,
  /^([0-9a-f]{4,16})\s{2,}(.*)$/i,
  /^ +at (?:.* \()?(.+?):(\d+):(\d+)\)?$/gm,
  /[?#].*$/,
  /"(?:[^"\\]|\\.)*(?:secret|token)(?:[^"\\]|\\.)*"\s*:/g,
  /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s"'<>/?#@]*@/gi,
  /\p{Nd}(?:[ ().-]{0,3}\p{Nd}){6,}(?![\p{Nd}a-f])/gu,
])('%s is found slow', ({ source, flags }) => expect(slowText(source, flags)).toBeDefined());

it.each([/^[^"]*"$/, /\s*:\s*/y, /^(?:[^"\\]|\\.)*$/s, /[\w.%-]*=/y, /\p{Cc}/gu])(
  '%s is found linear',
  ({ source, flags }) => expect(slowText(source, flags)).toBeUndefined(),
);
