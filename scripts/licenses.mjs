/**
 * The licences of the packages that a build puts into its files: each wants its text to go along with copies of it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HEAD = 'The files beside this one contain these packages, under these licences.\n';

/** The files of a package that are to go along; not code that happens to have such a name. */
const TEXTS = /^(licen[cs]e|copying|notice)(?!.*\.[cm]?[jt]s$)([-.].*)?$/i;

/** Whose packages under the MIT licence are that carry no text of it: what their repositories and manifests say. */
const HOLDERS = { '@redis/client': '2022-2025, Redis, inc.', 'abstract-logging': 'James Sumners' };

/**
 * @param root the project's folder
 * @param files of a build, relative to `root`
 * @returns a text with the licences of their packages, in the order of their names
 * @throws Error that names the packages which have none
 */
export function licensesOf(root, files) {
  const mit = readFileSync(join(root, 'LICENSE'), 'utf8');
  const folders = new Set(files.map(packageOf).filter((folder) => folder !== undefined));
  const packages = [...folders].map((folder) => readPackage(join(root, folder), mit));
  const without = packages.filter(({ texts }) => texts.length === 0).map(({ name }) => name);
  if (without.length > 0) throw new Error(`there is no licence text in ${without.join(', ')}: it cannot be bundled`);
  const sections = new Set(packages.map(section).sort());
  return [HEAD, ...sections].join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folder of the package that a file belongs to; undefined for the project's own. */
function packageOf(file) {
  const [folder] = /^.*[\\/]?node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(file) ?? [];
  return folder;
}

/** @param mit the text of that licence, with any copyright */
function readPackage(folder, mit) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => TEXTS.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8'));
  if (texts.length === 0 && license === 'MIT' && name in HOLDERS) {
    texts.push(mit.replace(/^Copyright.*$/m, `Copyright (c) ${HOLDERS[name]}`));
  }
  return { name, version, license, texts };
}

const section = ({ name, version, license, texts }) =>
  `${name} ${version} (${license})\n\n${texts.map((text) => `${text.replaceAll('\r\n', '\n').trim()}\n`).join('\n')}`;
