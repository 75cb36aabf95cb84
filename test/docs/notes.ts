import type { Block } from './page.js';

/**
 * The comments above a block that control its test:
 *
 *     <!-- not run: REASON -->            the block; the reason is one of the list in pages.test.ts
 *     <!-- not run: `LINE`: REASON -->    this line of it
 *     <!-- stays: TEXT -->                its last command keeps running until the page ends; TEXT shows that it has started
 *     <!-- stays alone: TEXT -->          the same, after stopping everything that is running
 *     <!-- file: PATH -->                 the block is this file of the project
 *     <!-- into: PATH -->                 the block is a part of this file, which is YAML
 */
export interface Notes {
  readonly notRun: readonly { readonly line: string | undefined; readonly reason: string }[];
  readonly stays: { readonly sign: string; readonly alone: boolean } | undefined;
  readonly file: string | undefined;
  readonly into: string | undefined;
  /** Other comments. */
  readonly unknown: readonly string[];
}

export function notesOf({ notes }: Pick<Block, 'notes'>): Notes {
  const notRun: { line: string | undefined; reason: string }[] = [];
  const unknown: string[] = [];
  let stays: Notes['stays'];
  let file: string | undefined;
  let into: string | undefined;
  for (const note of notes) {
    const [, word = '', text = ''] = /^(not run|stays|stays alone|file|into): (.+)$/.exec(note) ?? [];
    if (word === 'not run') notRun.push(notRunOf(text));
    else if (word === 'file') file = text;
    else if (word === 'into') into = text;
    else if (word === '') unknown.push(note);
    else stays = { sign: text, alone: word === 'stays alone' };
  }
  return { notRun, stays, file, into, unknown };
}

function notRunOf(text: string): { line: string | undefined; reason: string } {
  const [, line, reason = text] = /^`([^`]+)`: (.+)$/.exec(text) ?? [];
  return { line, reason };
}
