import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { checkJson, checkYaml } from './data.js';
import { notesOf } from './notes.js';
import { anchorsOf, type Block, linksOf, spansOf } from './page.js';

/** Static checks of a page. Each returns errors as `page:line: ...`. */

const KINDS = ['console', 'csv', 'json', 'sh', 'ts', 'yaml'];

/** Checks that blocks have a tested kind, known notes, and valid content. */
export function wrongBlocks(page: string, blocks: readonly Block[]): string[] {
  return blocks.flatMap((block, index) =>
    [...form(block), ...content(block, blocks.slice(0, index))].map((text) => `${page}:${block.line}: ${text}`),
  );
}

function form(block: Block): string[] {
  const { kind, text } = block;
  const { notRun, stays, unknown } = notesOf(block);
  const lines = text.split('\n');
  return [
    ...(KINDS.includes(kind) ? [] : [`a block of kind '${kind}' is not tested; there are ${KINDS.join(', ')}`]),
    ...unknown.map((note) => `'${note}' above a block means nothing to its test`),
    ...(stays !== undefined && kind !== 'sh' ? [`only a block of sh stays`] : []),
    ...(kind === 'console' && !text.startsWith('$ ') ? [`a console block begins with '$ '`] : []),
    ...notRun
      .filter(({ line }) => line !== undefined && !lines.includes(line) && !text.includes(`run: ${line}\n`))
      .map(({ line }) => `it has no line '${line}' that could be left out`),
  ];
}

function content(block: Block, above: readonly Block[]): string[] {
  // A whole configuration may name files that the page creates: its commands check it.
  if (notesOf(block).file === 'config.yaml') return [];
  if (block.kind === 'yaml') return checkYaml(block, above);
  return block.kind === 'json' ? checkJson(block) : [];
}

/** Checks that links lead to existing files and headings. */
export function brokenLinks(root: string, page: string): string[] {
  return linksOf(readFileSync(join(root, page), 'utf8')).flatMap(({ target, line }) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    if (!existsSync(join(root, file))) return [`${page}:${line}: ${target}: there is no ${file}`];
    if (anchor === undefined || anchorsOf(readFileSync(join(root, file), 'utf8')).has(anchor)) return [];
    return [`${page}:${line}: ${target}: ${file} has no heading #${anchor}`];
  });
}

/** Command -> its help, from the command reference: `esp-host new method` -> `Usage: ...`. */
export function helpsIn(markdown: string): Map<string, string> {
  const sections = markdown.split(/^#{2,3} (?=esp-host)/m).slice(1);
  return new Map(sections.map((text) => [text.slice(0, text.indexOf('\n')), text]));
}

/** Checks that commands in sentences, with their options, and npm scripts exist. */
export function unknownCommands(
  page: string,
  markdown: string,
  helps: ReadonlyMap<string, string>,
  scripts: readonly string[],
): string[] {
  return spansOf(markdown).flatMap(({ text, line }) =>
    [...unknownScript(text, scripts), ...unknownWords(text, helps)].map((wrong) => `${page}:${line}: ${wrong}`),
  );
}

function unknownScript(text: string, scripts: readonly string[]): string[] {
  const script = /^npm run (\S+)$/.exec(text)?.[1];
  return script === undefined || scripts.includes(script) ? [] : [`there is no script '${script}': ${text}`];
}

function unknownWords(text: string, helps: ReadonlyMap<string, string>): string[] {
  const words = /^(?:npx )?esp-host +([a-z].*)$/.exec(text)?.[1]?.split(/ +/);
  if (words === undefined) return [];
  const [command, help] = [...helps].findLast(([name]) => `esp-host ${words.join(' ')} `.startsWith(`${name} `)) ?? [];
  if (command === undefined || help === undefined || command === 'esp-host')
    return [`there is no such command: ${text}`];
  return words
    .filter((word) => word.startsWith('--') && word !== '--help' && !help.includes(` ${word} `))
    .map((option) => `${command} has no ${option}: ${text}`);
}
