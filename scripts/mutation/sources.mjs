/** The areas: the sources to mutate, and the tests that may detect it. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mutate } from './mutants/mutate.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Sources, then tests, the nearest first. */
const AREAS = {
  esp: ['src/esp', 'test/esp', 'test/wire', 'test/host', 'test/adapters/esp', 'test/client'],
  wire: ['src/wire', 'test/wire', 'test/transport', 'test/adapters/esp', 'test/client'],
  transport: ['src/transport', 'test/transport', 'test/adapters', 'test/client', 'test/server'],
  client: ['src/client', 'test/client', 'test/mock-platform/strategies', 'test/mock-platform/interaction-server'],
  config: ['src/config', 'test/config', 'test/host', 'test/telemetry'],
  telemetry: ['src/telemetry', 'test/telemetry', 'test/host', 'test/server', 'test/mock-platform/journal'],
  'plugin-loading': ['src/plugin-loading', 'test/plugin-loading', 'test/server'],
  host: ['src/host', 'test/host', 'test/adapters', 'test/testing', 'test/server', 'test/plugins/messaging'],
  adapters: ['src/adapters', 'test/adapters', 'test/host', 'test/server'],
  server: ['src/server', 'test/server', 'test/mock-platform/hot-reload.test.ts', 'test/doctor'],
  redis: [
    'src/redis',
    'test/plugins/messaging/shared-state.test.ts',
    'test/plugins/messaging/doctor.test.ts',
    'test/plugins/messaging/outage.test.ts',
  ],
  state: [
    'src/state',
    'test/state',
    'test/doctor/state.test.ts',
    'test/cli/plugin-commands.test.ts',
    'test/plugins/messaging/commands/beside-a-host.test.ts',
    'test/server/webhooks.test.ts',
  ],
  testing: ['src/testing', 'test/testing', 'test/plugins/messaging'],
  doctor: ['src/doctor', 'test/doctor', 'test/cli/doctor.test.ts', 'test/plugins/messaging/doctor.test.ts'],
  conform: ['src/conform', 'test/conform', 'test/cli/conform.test.ts'],
  cli: [
    'src/cli',
    'test/cli',
    'test/plugins/messaging/methods.test.ts',
    'test/plugins/messaging/strategy.test.ts',
    'test/end-to-end/serve.test.ts',
  ],
  messaging: ['plugins/messaging', 'test/plugins/messaging'],
  'mock-platform': [
    'mock-platform',
    'test/mock-platform',
    'test/plugins/messaging/export-test-file.test.ts',
    'test/plugins/messaging/strategy-cases.test.ts',
    'test/cli/check-files.test.ts',
  ],
  console: ['mock-platform/console', 'test/mock-platform/console'],
};
export const AREA_NAMES = Object.keys(AREAS);

/** Node's module hooks, which jest refuses: only a process of its own has them. */
const HOOKS = /^src\/plugin-loading\/import-module\.ts$/;

/** The view of CodeMirror. */
const EDITOR = 'mock-platform/console/editor/code-editor.ts';

const isConsole = (path) => path.startsWith('mock-platform/console/');

/** The sources of an area. */
export function sourcesOf(area) {
  const [folder] = AREAS[area];
  // Views (.tsx, and the editor) are tested in a browser.
  const found = globSync(`${folder}/**/*.ts`, { cwd: ROOT, exclude: ['**/node_modules/**', '**/dist/**'] });
  return found
    .filter(
      (path) =>
        !path.endsWith('.d.ts') && !HOOKS.test(path) && path !== EDITOR && (area === 'console' || !isConsole(path)),
    )
    .toSorted();
}

/** Tests that run in a browser, or take too long. An area may name single files of these folders. */
const ELSEWHERE = /(\.browser|fuzz)\.test\.ts$|^test\/(end-to-end|deploy|docs|hostile)\//;

/** The test files of an area, its own first. */
export function testsOf(area) {
  const [, ...folders] = AREAS[area];
  const inArea = area === 'mock-platform' ? (path) => !path.includes('/console/') : () => true;
  const testsIn = (folder) =>
    globSync(`${folder}/**/*.test.ts`, { cwd: ROOT })
      .toSorted()
      .filter((path) => !ELSEWHERE.test(path) && inArea(path));
  return [...new Set(folders.flatMap((path) => (path.endsWith('.ts') ? [path] : testsIn(path))))];
}

/** Each file has its own range of ids, independent of other files. */
const IDS_A_FILE = 10_000;
let files;
const allFiles = () => (files ??= [...new Set(AREA_NAMES.flatMap(sourcesOf))].toSorted());
export const idCount = () => allFiles().length * IDS_A_FILE;
export const fileOf = (id) => allFiles()[Math.floor(id / IDS_A_FILE)];
export function firstIdOf(path) {
  const index = allFiles().indexOf(path);
  return index === -1 ? undefined : index * IDS_A_FILE;
}

/** Every mutant of an area. */
export function mutantsOf(area) {
  return sourcesOf(area).flatMap((file) => {
    const text = readFileSync(`${ROOT}${file}`, 'utf8');
    const { mutants } = mutate(text, { tsx: file.endsWith('.tsx'), first: firstIdOf(file) });
    const lines = text.split('\n');
    return mutants.map((mutant) => ({ ...mutant, file, code: lines[mutant.line - 1].trim() }));
  });
}
