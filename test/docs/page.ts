/** Parses the parts of a Markdown page that the tests need. Pure: text in, blocks and links out. */

/** A fenced block of code. */
export interface Block {
  /** The first word after the fence: `sh`, `ts`, ...; may be empty. */
  readonly kind: string;
  readonly text: string;
  /** The line number of `text`, from 1. */
  readonly line: number;
  /** HTML comments directly above the block, from top to bottom. */
  readonly notes: readonly string[];
}

export interface Link {
  readonly target: string;
  readonly line: number;
}

/** A fence that is never closed. */
export class OpenFence extends Error {
  constructor(readonly line: number) {
    super('the block that begins here has no end');
  }
}

const FENCE = /^( *)(`{3,}|~{3,})\s*([^`\s]*)/;

interface Line {
  readonly text: string;
  /** The block of the line, including its fences. */
  readonly block: Block | undefined;
}

/** @throws OpenFence */
export const blocksOf = (markdown: string): Block[] => [
  ...new Set(linesOf(markdown).flatMap(({ block }) => (block === undefined ? [] : [block]))),
];

function linesOf(markdown: string): Line[] {
  const lines = markdown.split('\n');
  const found: Line[] = [];
  for (let at = 0; at < lines.length; at++) {
    const text = lines[at] ?? '';
    const fence = FENCE.exec(text);
    if (fence === null) {
      found.push({ text, block: undefined });
      continue;
    }
    const [, indent = '', ticks = '', kind = ''] = fence;
    const end = lines.findIndex((line, index) => index > at && closes(line, ticks));
    if (end < 0) throw new OpenFence(at + 1);
    const content = lines
      .slice(at + 1, end)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const notes = notesAbove(found.map((line) => line.text));
    const block = { kind, text: content.map((line) => `${line}\n`).join(''), line: at + 2, notes };
    found.push(...lines.slice(at, end + 1).map((line) => ({ text: line, block })));
    at = end;
  }
  return found;
}

/** A fence of the same character, at least as long, with nothing after it. */
function closes(line: string, ticks: string): boolean {
  const text = line.trim();
  return text.length >= ticks.length && text === (ticks[0] ?? '').repeat(text.length);
}

function notesAbove(lines: readonly string[]): string[] {
  const notes: string[] = [];
  for (const line of lines.toReversed()) {
    const note = /^\s*<!--\s*(.*?)\s*-->\s*$/.exec(line)?.[1];
    if (note !== undefined) notes.unshift(note);
    else if (line.trim() !== '') break;
  }
  return notes;
}

/** The lines of the page without code spans; lines in blocks are empty. */
const proseOf = (markdown: string): string[] =>
  linesOf(markdown).map(({ text, block }) => (block === undefined && !/^ {4}/.test(text) ? text : ''));

/** Code spans in the prose. */
export const spansOf = (markdown: string): { text: string; line: number }[] =>
  proseOf(markdown).flatMap((prose, index) =>
    [...prose.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ text, line: index + 1 })),
  );

/** The targets of links and images: `[text](target)`, `src` and `srcset`. */
export const linksOf = (markdown: string): Link[] =>
  proseOf(markdown).flatMap((prose, index) =>
    [...prose.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"]+)"/g)].map((match) => ({
      target: match[1] ?? match[2] ?? '',
      line: index + 1,
    })),
  );

/** GitHub's anchors of headings. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const prose of proseOf(markdown)) {
    const heading = /^#{1,6} +(.*?) *#*$/.exec(prose)?.[1];
    if (heading === undefined) continue;
    const plain = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
