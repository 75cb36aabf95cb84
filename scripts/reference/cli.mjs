/** docs/reference/cli.md: the help of every command. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/esp-host.cjs', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The output of `esp-host ...words`, in 80 columns. */
export const espHost = (...words) => execFileSync(process.execPath, [bin, ...words], { cwd: root, encoding: 'utf8' });

export function cliPage() {
  return `# Commands

The \`--help\` text of each command.

${helpOf([])}${pluginCommands()}`;
}

/** The sections of the commands that the plugins of this project's config.yaml add. */
function pluginCommands() {
  const names = JSON.parse(espHost('commands', '--json')).map(({ name }) => name.split(' ')[0]);
  return [...new Set(names)].map((name) => `\n${helpOf([name])}`).join('');
}

/** The sections of a command and its subcommands. */
function helpOf(command) {
  const help = espHost(...command, '--help');
  const [, list = ''] = /^Commands:\n((?: .*\n)*)/m.exec(help) ?? [];
  const below = [...list.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
  const level = '#'.repeat(Math.min(command.length, 1) + 2);
  const section = `${level} ${['esp-host', ...command].join(' ')}\n\n\`\`\`text\n${help}\`\`\`\n`;
  return [section, ...below.map((name) => helpOf([...command, name]))].join('\n');
}
