import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { file, folder, removeFolders } from '../support/files.js';
import { brokenLinks, helpsIn, unknownCommands, wrongBlocks } from './checks.js';
import { isShown } from './output.js';
import { blocksOf } from './page.js';
import { Ports } from './ports.js';
import { emptyProject, packages } from './projects.js';
import { Shell } from './shell.js';
import { Snippets } from './snippets.js';
import { walk } from './walk.js';

/** Errors in a page are found and reported with their location. */

afterAll(removeFolders);

/** A page with a block of this kind at line 4. */
const page = (kind: string, text: string, note = ''): string => `# Page\n${note}\n\`\`\`${kind}\n${text}\n\`\`\`\n`;

const blocks = (...text: Parameters<typeof page>) => blocksOf(page(...text));

describe('a block', () => {
  it.each([
    ['of an unknown kind', page('rust', 'fn'), `a block of kind 'rust' is not tested; there are console, csv, json,`],
    ['of no kind', page('', 'text'), `a block of kind '' is not tested`],
    ['with a comment that is misspelt', page('sh', 'true', '<!-- not ran: x -->'), `'not ran: x' above a block means`],
    ['of ts that stays', page('ts', '', '<!-- stays: x -->'), 'only a block of sh stays'],
    ['of a console without a command', page('console', 'ls'), `a console block begins with '$ '`],
    ['with a line left out that it has not', page('sh', 'ls', '<!-- not run: `cd`: x -->'), `it has no line 'cd'`],
    ['of JSON', page('json', '{'), 'JSON'],
    ['of JSON that is not a message', page('json', '{"messageId":1,"request":[["a"]]}'), 'request'],
    ['of YAML', page('yaml', '{'), 'Flow map'],
    [
      'of YAML for nothing',
      page('yaml', 'a: 1'),
      'it is none of: config.yaml, platform.yaml, a file of HTTP stubs, a file of stubs,',
    ],
    ['of config.yaml', page('yaml', 'limits: { deadlinMs: 1 }'), 'unknown key limits.deadlinMs'],
    [
      'of config.yaml, for a plugin',
      page('yaml', 'plugins: [{ use: ./plugins/messaging, options: { a: 1 } }]'),
      'as config.yaml: it does not fit config.schema.json',
    ],
    ['of platform.yaml', page('yaml', 'console: { prt: 1 }'), 'unknown key console.prt'],
    ['of stubs', page('yaml', 'stubs: [{ match: { method: 1 } }]'), 'as a file of stubs: '],
    ['of a stub', page('yaml', 'answer: {}'), 'must have exactly one of parameters, fault, none and request'],
    ['of a strategy', page('yaml', 'name: A\nsteps: [{ id: a, go: b }]'), 'as a strategy: '],
    ['of tests', page('yaml', 'tests: []'), 'as the tests of the strategy above: '],
  ])('%s', (_, markdown, text) => {
    const [wrong, ...more] = wrongBlocks('docs/page.md', blocksOf(markdown));
    expect(wrong).toMatch(/^docs\/page\.md:4: /);
    expect(wrong).toContain(text);
    expect(more).toEqual([]);
  });

  it('that is correct is not reported', () => {
    const kinds = [page('json', '{}'), page('yaml', 'limits: { deadlineMs: 1 }'), page('sh', 'ls'), page('ts', 'a')];
    expect(kinds.flatMap((markdown) => wrongBlocks('page.md', blocksOf(markdown)))).toEqual([]);
  });
});

describe('a link', () => {
  it.each([
    ['[a](b.md)', 'docs/a.md:1: b.md: there is no docs/b.md'],
    ['[a](../b.md#x)', 'docs/a.md:1: ../b.md#x: b.md has no heading #x'],
    ['[a](#x)', 'docs/a.md:1: #x: docs/a.md has no heading #x'],
  ])('%s', (text, wrong) => {
    const root = folder();
    file('b.md', '# B\n', root);
    expect(brokenLinks(root, pageIn(root, text))).toEqual([wrong]);
  });

  it('that is correct is not reported', () => {
    const root = folder();
    file('b.md', '# B c\n', root);
    expect(brokenLinks(root, pageIn(root, '[a](../b.md#b-c), [b](https://example.org/), [c](#d)\n\n## D'))).toEqual([]);
  });

  function pageIn(root: string, text: string): string {
    mkdirSync(join(root, 'docs'));
    file('docs/a.md', text, root);
    return 'docs/a.md';
  }
});

describe('a command in a sentence', () => {
  const helps = helpsIn(
    '## esp-host\n  -h, --help  x\n### esp-host new\n### esp-host new method\n  --yes  ask nothing\n',
  );
  const told = (text: string): string[] => unknownCommands('page.md', `First\n\n${text}\n`, helps, ['docs']);

  it.each([
    ['`npx esp-host old`', 'page.md:3: there is no such command: npx esp-host old'],
    ['`esp-host new method A.B --ye`', 'page.md:3: esp-host new method has no --ye: esp-host new method A.B --ye'],
    ['`npm run dogs`', `page.md:3: there is no script 'dogs': npm run dogs`],
  ])('%s', (text, wrong) => expect(told(text)).toEqual([wrong]));

  it.each([
    '`esp-host new method A.B --yes`',
    '`npx esp-host new --help`',
    '`npm run docs`',
    '`esp-host`',
    'esp-host old',
  ])('%s is not reported', (text) => expect(told(text)).toEqual([]));
});

describe('a command', () => {
  let shell: Shell;
  beforeAll(async () => {
    shell = new Shell(folder(), await Ports.free());
  });
  afterAll(() => shell.end());

  const wrong = (...text: Parameters<typeof page>): Promise<string[]> => walk('page.md', blocks(...text), shell);

  it.each([
    ['that fails', ['sh', 'echo no; false; echo on'], 'page.md:4: it failed with exit code 1:\nno\n'],
    ['that installs', ['sh', 'npm ci'], 'npm ci is not run for a page of documentation'],
    ['that does not stay', ['sh', 'echo a', '<!-- stays: b -->'], `page.md:4: it ended without 'b':\na\n`],
    [
      'that prints something else',
      ['console', '$ echo a\nb'],
      'page.md:4: $ echo a\nprints\na\nand the page shows\nb\n',
    ],
    ['that prints more', ['console', '$ echo a; echo b\na'], 'prints\na\nb\n'],
    ['of a workflow', ['yaml', '- run: exit 3'], 'page.md:4: it failed with exit code 3:\n'],
  ] as const)('%s', async (_, [kind, text, note], told) => {
    const [first, ...more] = await wrong(kind, text, note);
    expect(first).toContain(told);
    expect(more).toEqual([]);
  });

  it.each([
    ['that does not run', ['sh', 'false', '<!-- not run: x -->']],
    ['with a line that is not run', ['sh', 'false\ntrue', '<!-- not run: `false`: x -->']],
    ['that stays', ['sh', 'echo there; exec sleep 600', '<!-- stays: there -->']],
    ['that prints the shown output', ['console', '$ echo a\na\n$ echo b c; echo d >&2\nb ...\nd']],
  ] as const)('%s is not told', async (_, [kind, text, note]) => {
    expect(await wrong(kind, text, note)).toEqual([]);
  });

  it('finds the files of the page', async () => {
    const first = page('yaml', 'a: { b: 1 }\nc: 1', '<!-- file: some/file.yaml -->');
    const second = page('yaml', 'a: { d: [2] }\nc: 2', '<!-- into: some/file.yaml -->');
    const shown = page('console', '$ cat some/file.yaml\na: { b: 1, d: [ 2 ] }\nc: 2');
    expect(await walk('page.md', blocksOf(first + second + shown), shell)).toEqual([]);
  });
});

it.each([
  ['a\n...\nd\n', 'a\nb\nc\nd\n', true],
  ['a\n...\n', 'a\n', true],
  ['...\nd\n', 'a\n', false],
  ['a ... c\n', 'a b b c\n', true],
  ['a ... c\n', 'a\nc\n', false],
  ['(a.b) [1]\n', '(a.b) [1]\n', true],
  ['a.b\n', 'a-b\n', false],
  ['in (39 ms)\n', 'in (1.5 ms)\n', true],
  ['in 39 ms\n', 'in 40 ms\n', false],
  ['', '', true],
])('%j shows %j: %j', (shown, printed, is) => expect(isShown(shown, printed)).toBe(is));

describe('a snippet', () => {
  const texts = {
    types: `export const a: string = 'a';\n\nexport const b: number = a;`,
    loads: `import { EspFault } from 'esp-host';\n\nthrow new EspFault(404, 'no such thing');`,
    test: `import { expect, it } from '@jest/globals';\n\nit('fails', () => expect(1).toBe(2));`,
    good: `import { z } from 'esp-host';\n\nexport const schema = z.string();`,
  };

  it('is reported with its line', async () => {
    const home = emptyProject(packages());
    const snippets = Object.entries(texts).flatMap(([project, text]) =>
      blocks('ts', text).map((block) => ({ page: `${project}.md`, project, block })),
    );
    const told = new Snippets(home, (await Ports.free()).environment(), snippets);
    expect(told.typeErrors()).toEqual([`types.md:6: error TS2322: Type 'string' is not assignable to type 'number'.`]);
    const failures = told.failures().sort();
    expect(failures).toEqual([
      expect.stringMatching(/^loads\.md:4: .*no such thing/s),
      expect.stringMatching(/^test\.md:4: .*expect\(received\)\.toBe\(expected\)/s),
    ]);
  }, 60_000);
});
