import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Document, isMap as isYamlMap, parse, parseDocument } from 'yaml';
import { workflowOf } from './data.js';
import { notesOf } from './notes.js';
import { isShown } from './output.js';
import type { Block } from './page.js';
import type { Shell } from './shell.js';

/**
 * Follows a page from top to bottom: writes its files and runs its commands.
 *
 * @param page the name of the page, for errors
 * @returns errors, each as `page:line: ...`
 */
export async function walk(page: string, blocks: readonly Block[], shell: Shell): Promise<string[]> {
  const wrong: string[] = [];
  for (const block of blocks) {
    for (const text of await step(block, shell)) wrong.push(`${page}:${block.line}: ${text}`);
  }
  return wrong;
}

async function step(block: Block, shell: Shell): Promise<string[]> {
  writeFiles(block, shell.home);
  if (block.kind === 'sh') return runScript(block, shell, block.text);
  if (block.kind === 'console') return runConsole(block, shell);
  const workflow = workflowOf(block);
  return workflow === undefined ? [] : runScript(block, shell, workflow);
}

/** Writes the files of a block. */
export function writeFiles(block: Block, home: string): void {
  const { file, into } = notesOf(block);
  if (file !== undefined) {
    const path = join(home, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, block.text);
  }
  if (into !== undefined) {
    const path = join(home, into);
    const document = parseDocument(readFileSync(path, 'utf8'));
    merge(document, [], parse(block.text));
    writeFileSync(path, String(document));
  }
}

/** Merges maps; any other value replaces the old one. */
function merge(document: Document, path: readonly string[], value: unknown): void {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isMap && isYamlMap(document.getIn(path, true))) {
    for (const [key, member] of Object.entries(value)) merge(document, [...path, key], member);
  } else {
    document.setIn(path, value);
  }
}

async function runScript(block: Block, shell: Shell, commands: string): Promise<string[]> {
  const { stays } = notesOf(block);
  const script = runnable(block, commands);
  if (script.trim() === '') return [];
  if (stays !== undefined) {
    if (stays.alone) await shell.end();
    const printed = await shell.stay(script, stays.sign);
    return printed === undefined ? [] : [`it ended without '${stays.sign}':\n${printed}`];
  }
  const { code, text } = await shell.run(script);
  return code === 0 ? [] : [`it failed with exit code ${code}:\n${text}`];
}

/** The commands of a block, without those that are not run. */
function runnable(block: Block, text: string): string {
  const { notRun } = notesOf(block);
  if (notRun.some(({ line }) => line === undefined)) return '';
  const skipped = new Set(notRun.map(({ line }) => line));
  return text
    .split('\n')
    .filter((line) => !skipped.has(line))
    .join('\n');
}

async function runConsole(block: Block, shell: Shell): Promise<string[]> {
  const wrong: string[] = [];
  for (const { command, shown } of examplesOf(runnable(block, block.text))) {
    const { text } = await shell.run(command);
    if (!isShown(shown, text)) wrong.push(`$ ${command}\nprints\n${text}and the page shows\n${shown}`);
  }
  return wrong;
}

/** Commands after `$ `, each with the lines below it. */
function examplesOf(text: string): { command: string; shown: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((example) => {
      const end = example.indexOf('\n');
      return { command: example.slice(0, end), shown: example.slice(end + 1) };
    });
}
