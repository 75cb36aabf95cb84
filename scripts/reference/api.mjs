/** docs/reference/api.md: what the package exports, from the declarations of the build. */
import { fileURLToPath } from 'node:url';
import { exportsOf, namedBy } from './declarations.mjs';

/** The public entries of the package, and their declarations. */
export const ENTRIES = {
  'esp-host': 'dist/src/index.d.ts',
  'esp-host/client': 'dist/src/client.d.ts',
  'esp-host/testing': 'dist/src/testing/index.d.ts',
  'esp-host/mock': 'dist/mock-platform/index.d.ts',
};

/** Types that check arguments, that only internal members use, or that only type `code`: nobody holds a value of them. */
const UNNAMED = /^(FitsList|PanelOf|Takes|Injected|HttpRequest|StacklessError|\w+_ERRORS)$/;

export const surface = (entry) => exportsOf(fileURLToPath(new URL(`../../${ENTRIES[entry]}`, import.meta.url)));

export function apiPage() {
  return `# API

What the package exports: the first sentence about each export, and its types. The comments in the declarations of the
package say more: your editor shows them, and \`npm run docs:api\` makes pages of them in \`dist/api\`. A change of this page is
a change of the public API.

${Object.keys(ENTRIES).map(section).join('\n\n')}
`;
}

/** The exports of an entry that have no docstring. */
export const undocumented = (entry) => own(entry).flatMap(([name, { parts }]) => (docOf(parts) === '' ? [name] : []));

/** The types in the signatures of an entry that no entry exports, as `EspFault: FaultReason`. */
export function unexported(entry) {
  const all = new Set(Object.keys(ENTRIES).flatMap((one) => own(one).map(([, { key }]) => key)));
  return own(entry).flatMap(([name, declaration]) =>
    namedBy(declaration)
      .filter((named) => !all.has(named.key) && !UNNAMED.test(named.name))
      .map((named) => `${name}: ${named.name}`),
  );
}

/** The optional properties of an entry's options that say no default, as `EspClientOptions.port`. */
export const withoutDefault = (entry) =>
  own(entry)
    .filter(([name]) => /(Options|Ports|Filter)$/.test(name))
    .flatMap(([name, { parts }]) =>
      [...parts[0].text.matchAll(/((?:^ *\/\*\*(?:(?!\*\/).)*\*\/\n)?)^ *readonly (\w+)\?:/gms)]
        .filter(([, doc]) => !doc.includes('@default'))
        .map(([, , property]) => `${name}.${property}`),
    );

/** The exports of an entry that `users` does not name, and that no export with a user names in its signature or `@throws`. */
export function unused(entry, users) {
  const exported = new Map(own(entry).map(([name, declaration]) => [declaration.key, { name, declaration }]));
  const elsewhere = Object.keys(ENTRIES).flatMap((one) => own(one).filter(([name]) => users(one).has(name)));
  const used = new Set();
  const queue = elsewhere.map(([, declaration]) => declaration);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (used.has(next.key)) continue;
    used.add(next.key);
    queue.push(...namedBy(next), ...thrownBy(next, exported));
  }
  return [...exported.values()].filter(({ declaration }) => !used.has(declaration.key)).map(({ name }) => name);
}

const thrownBy = ({ parts }, exported) => {
  const names = parts.flatMap(({ text }) =>
    [...text.matchAll(/@throws ([^*@]+)/g)].flatMap(([, list]) => list.match(/\w+/g)),
  );
  return [...exported.values()].filter(({ name }) => names.includes(name)).map(({ declaration }) => declaration);
};

/** The exports of an entry that this package declares. */
const own = (entry) => [...surface(entry)].filter(([, declaration]) => declaration.package === undefined);

function section(entry) {
  const foreign = [...surface(entry)]
    .filter(([, declaration]) => declaration.package !== undefined)
    .map(([name, declaration]) => `\`${name}\` (of \`${declaration.package}\`)`);
  return [
    `## ${entry}`,
    ...(foreign.length === 0 ? [] : [`It also exports ${foreign.join(', ')}.`]),
    ...own(entry).map(([name, { parts }]) => {
      const types = parts.map(({ text }) => signature(text)).join('\n');
      return `### ${name}\n\n${firstSentence(docOf(parts))}\n\n\`\`\`typescript\n${types}\n\`\`\``;
    }),
  ].join('\n\n');
}

/** The docstring in front of a declaration, as plain text. */
function docOf(parts) {
  const docs = parts.map(({ text }) => /^\/\*\*(.*?)\*\/\s*(?=\w)/s.exec(text)?.[1] ?? '');
  return (docs.find((doc) => doc !== '') ?? '').replaceAll(/^ *\* ?/gm, '').trim();
}

const firstSentence = (doc) =>
  (/^.*?[.:](?=\s|$)/s.exec(doc.split(/\n\n|^@/m)[0].trim())?.[0] ?? doc)
    .replaceAll(/\s+/g, ' ')
    .replace(/:$/, '.')
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`');

/** Without comments, private members and what every declaration has. */
const signature = (text) =>
  text
    .replaceAll(/^ *\/\*\*.*?\*\/\n/gms, '')
    .replaceAll(/^ +(#private|private .*);\n/gm, '')
    .replaceAll(/^(export )?(declare )?/gm, '')
    .replaceAll(/^( +)\1/gm, '$1')
    .trimEnd();
