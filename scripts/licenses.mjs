/** The licences of bundled packages, which must be distributed with them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HEAD = 'The files in this folder contain these packages, under these licences.\n';

/** The licence files of a package, but no code with such a name. */
const TEXTS = /^(licen[cs]e|copying|notice)(?!.*\.[cm]?[jt]s$)([-.].*)?$/i;

/** Copyright holders of MIT packages without a licence file, from their repositories and manifests. */
const HOLDERS = { '@redis/client': '2022-2025, Redis, inc.', 'abstract-logging': 'James Sumners' };

/**
 * @param root the project's folder
 * @param files of a build, relative to `root`
 * @returns the licences of their packages, sorted by name
 * @throws Error if packages have no licence text
 */
export function licensesOf(root, files) {
  const mit = readFileSync(join(root, 'LICENSE'), 'utf8');
  const folders = new Set(files.map(packageOf).filter((folder) => folder !== undefined));
  const packages = [...folders].map((folder) => readPackage(join(root, folder), mit));
  const without = packages.filter(({ texts }) => texts.length === 0).map(({ name }) => name);
  if (without.length > 0) throw new Error(`no licence text in ${without.join(', ')}: cannot be bundled`);
  const sections = new Set(packages.map(section).sort());
  return [HEAD, ...sections].join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folder of a file's package; undefined for files of this project. */
function packageOf(file) {
  const [folder] = /^.*[\\/]?node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(file) ?? [];
  return folder;
}

/** @param mit the text of the MIT licence, with any copyright */
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
