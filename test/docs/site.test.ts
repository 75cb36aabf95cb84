import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../support/files.js';
import { pages, textOf } from './documentation.js';

/** What the website makes of the pages. */

interface Item {
  readonly slug?: string;
  readonly items?: readonly Item[];
}

interface Site {
  slugOf(file: string): string;
  pageOf(file: string, markdown: string): string;
  filesOf(file: string, markdown: string): string[];
  sidebarOf(markdown: string): Item[];
}

const { filesOf, pageOf, sidebarOf, slugOf }: Site = await import(
  new URL('../../scripts/site/pages.mjs', import.meta.url).href
);

describe('a page of the site', () => {
  it('has the heading as its title', () =>
    expect(pageOf('docs/x.md', '# The `"x"` of y\n\nText.\n')).toBe('---\ntitle: "The \\"x\\" of y"\n---\n\nText.\n'));

  it('must begin with a heading', () =>
    expect(() => pageOf('docs/x.md', 'Text.\n')).toThrow('docs/x.md: the first line is not a heading'));

  it.each([
    ['[a page](../plugins.md)', '[a page](/plugins/)'],
    ['[a part](../plugins.md#the-method) of one', '[a part](/plugins/#the-method) of one'],
    [
      '[a page](other.md) and [another](../reference/cli.md)',
      '[a page](/how-to/other/) and [another](/reference/cli/)',
    ],
    ['[the start](../../README.md), [all pages](../README.md)', '[the start](/), [all pages](/contents/)'],
    ['[changes](../../CHANGELOG.md#unreleased)', '[changes](/changelog/#unreleased)'],
    ['![picture](../console/x.png)', '![picture](/files/docs/console/x.png)'],
    ['[file](../../deploy/alerts.yaml)', '[file](/files/deploy/alerts.yaml)'],
    ['[part of this page](#part)', '[part of this page](#part)'],
    ['[elsewhere](https://example.com/x.md)', '[elsewhere](https://example.com/x.md)'],
    ['`[code](../plugins.md)` and ``[more](x.md) ` code``', '`[code](../plugins.md)` and ``[more](x.md) ` code``'],
    ['```md\n[code](../plugins.md)\n```\n[a page](x.md)', '```md\n[code](../plugins.md)\n```\n[a page](/how-to/x/)'],
  ])('%s', (markdown, expected) =>
    expect(pageOf('docs/how-to/this.md', `# T\n${markdown}`)).toBe(`---\ntitle: "T"\n---\n${expected}`),
  );

  it('needs the files that it links to', () =>
    expect(
      filesOf(
        'docs/x.md',
        '![a](console/a.png) [b](../deploy/b.yaml) [c](c.md) [d](#d) `[e](e.png)` [f](http://f/g.png)',
      ),
    ).toEqual(['docs/console/a.png', 'deploy/b.yaml']));
});

it('the navigation has the groups of a list of links', () =>
  expect(
    sidebarOf(
      '# Documentation\n\n## First\n\n- [one](one.md)\n\n## Guides\n\nWrite:\n\n- [a](how-to/a.md), [b](b.md)\n- [c](b.md#c)\n\nTest:\n\n- [d](d.md)\n\n## Empty\n',
    ),
  ).toEqual([
    { label: 'First', items: [{ label: 'One', slug: 'one' }] },
    {
      label: 'Guides',
      items: [
        {
          label: 'Write',
          items: [
            { label: 'A', slug: 'how-to/a' },
            { label: 'B', slug: 'b' },
          ],
        },
        { label: 'Test', items: [{ label: 'D', slug: 'd' }] },
      ],
    },
  ]));

it('each page is in the navigation once', () => {
  const slugs = (items: readonly Item[]): string[] =>
    items.flatMap((item) => (item.items === undefined ? [item.slug as string] : slugs(item.items)));
  const listed = slugs(sidebarOf(textOf('docs/README.md')));
  const expected = pages.filter((page) => page !== 'docs/README.md').map(slugOf);
  expect(listed.toSorted()).toEqual([...expected, 'bench', 'changelog'].toSorted());
});

const SITE = join(ROOT, 'dist/site');
/** `.ci/run` builds the site before the tests; a laptop's may be old. */
const inCi = process.env.CI === undefined ? it.skip : it;

inCi('the built site has each page and its search', () => {
  const files = globSync('**/*', { cwd: SITE });
  const expected = pages.map(slugOf).map((slug) => (slug === 'index' ? 'index.html' : `${slug}/index.html`));
  expect(files).toEqual(expect.arrayContaining([...expected, 'pagefind/pagefind.js']));
});
