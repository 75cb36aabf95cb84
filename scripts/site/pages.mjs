/** What the site makes of the project's Markdown. Pure: text in, text out. */
import { posix } from 'node:path';

/** Pages outside of docs, by their path on the site. */
const OTHERS = {
  'README.md': 'index',
  'CHANGELOG.md': 'changelog',
  'bench/README.md': 'bench',
  'docs/README.md': 'contents',
};

/** The path of a page on the site: `docs/how-to/x.md` -> `how-to/x`. */
export const slugOf = (file) => OTHERS[file] ?? file.replace(/^docs\//, '').replace(/\.md$/, '');

/** The text of a page for Starlight: its heading becomes its title, and its links lead to pages and files of the site. */
export function pageOf(file, markdown) {
  const [heading, title] = /^# (.+)\n/.exec(markdown) ?? [];
  if (heading === undefined) throw new Error(`${file}: the first line is not a heading`);
  const text = outsideCode(markdown.slice(heading.length), (part) => withLinks(part, file));
  return `---\ntitle: ${JSON.stringify(title.replaceAll('`', ''))}\n---\n${text}`;
}

/** The files that a page links to, other than pages. */
export function filesOf(file, markdown) {
  const found = [];
  outsideCode(markdown, (part) => {
    for (const [, target] of part.matchAll(LINK)) if (isFile(target)) found.push(pathOf(file, target));
    return part;
  });
  return found;
}

/**
 * The navigation, from the lists of links in docs/README.md: a group for each of its headings, and within it one for each
 * line that ends in a colon. Links to a part of a page are left out.
 */
export function sidebarOf(markdown) {
  const groups = [];
  let items = [];
  for (const line of markdown.split('\n')) {
    const label = /^## (.+)$/.exec(line)?.[1] ?? /^(\w+):$/.exec(line)?.[1];
    if (label !== undefined) {
      const within = line.startsWith('#') ? groups : groups.at(-1).items;
      items = [];
      within.push({ label, items });
    }
    for (const [, text, target] of line.matchAll(/\[([^\]]+)\]\(([^)#]+)\)/g)) {
      items.push({ label: `${text[0].toUpperCase()}${text.slice(1)}`, slug: slugOf(pathOf('docs/README.md', target)) });
    }
  }
  return groups.filter((group) => group.items.length > 0);
}

const LINK = /\]\(([^)\s]+)\)/g;
const FENCE = /^( *)(`{3,}|~{3,})/;

/** Applies `change` to the text outside of code blocks and code spans. */
function outsideCode(markdown, change) {
  let end;
  return markdown
    .split('\n')
    .map((line) => {
      const fence = FENCE.exec(line)?.[2];
      if (end !== undefined) {
        if (fence?.startsWith(end)) end = undefined;
        return line;
      }
      end = fence;
      return fence === undefined
        ? line.replace(/(`+)[^`]+\1|[^`]+/g, (part) => (part[0] === '`' ? part : change(part)))
        : line;
    })
    .join('\n');
}

const isOutside = (target) => /^[a-z]+:/.test(target) || target.startsWith('#');
const isFile = (target) => !isOutside(target) && !/\.md(#|$)/.test(target);
const pathOf = (file, target) => posix.join(posix.dirname(file), target.replace(/#.*/, ''));

const withLinks = (text, file) =>
  text.replace(LINK, (link, target) => (isOutside(target) ? link : `](${urlOf(file, target)})`));

function urlOf(file, target) {
  const path = pathOf(file, target);
  if (isFile(target)) return `/files/${path}`;
  const slug = slugOf(path);
  return `${slug === 'index' ? '/' : `/${slug}/`}${/#.*/.exec(target)?.[0] ?? ''}`;
}
