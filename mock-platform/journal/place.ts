import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorStack } from '#server';

/** The folders of esp-host itself: the frames of its code are no place in the code of a plugin. */
const OWN = ['../../src/', '../../mock-platform/', '../../dist/src/', '../../dist/mock-platform/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/** Maximum number of frames, and characters of a frame, that are read. */
const FRAMES = 50;
const FRAME_CHARACTERS = 1000;

/** The first place in the stack of an error that is in the code of a plugin, as `file:line:column`. */
export function placeOf(error: unknown): string | undefined {
  const places = (errorStack(error) ?? '').split('\n', FRAMES).map((line) => placeIn(line.slice(0, FRAME_CHARACTERS)));
  return places.find((place) => place !== undefined);
}

const AT = '    at ';

/** Reads `    at Handler.handle (file:///plugins/a.ts:12:5)` and `    at async /plugins/a.js:12:5`. */
function placeIn(line: string): string | undefined {
  if (!line.startsWith(AT)) return undefined;
  const frame = line.endsWith(')') ? line.slice(line.indexOf('(') + 1, -1) : line.slice(AT.length);
  const [, source = '', row, column] = /^(.*):(\d+):(\d+)$/.exec(frame) ?? [];
  const path = pathOf(source.replace(/^async /, ''));
  if (path === undefined || path.includes(`${sep}node_modules${sep}`) || OWN.some((own) => path.startsWith(own))) {
    return undefined;
  }
  const local = relative('', path);
  return `${local.startsWith('..') ? path : local}:${row}:${column}`;
}

/** The path of a file; undefined for the code of Node.js and of `eval`. */
function pathOf(source: string): string | undefined {
  if (source.startsWith('file:')) {
    try {
      return fileURLToPath(source.replace(/[?#].*/, ''));
    } catch {
      return undefined;
    }
  }
  return /^(?:\/|[A-Za-z]:[\\/])/.test(source) ? source : undefined;
}
