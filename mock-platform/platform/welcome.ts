import { addressText } from '../configuration/index.js';
import type { RunningPlatform } from '../runtime/index.js';
import type { Upstream } from '../upstreams/index.js';

/** Where `esp-host send` asks unless told otherwise. */
const USUAL_TARGET = '127.0.0.1:7120';

/** Of the longest title: `Interaction Server`. */
const TITLE_LENGTH = 18;

const FOLLOWING = `
What changes in config.yaml and in the code of plugins is taken over at once.
`;

/** What there is and how to try it, for a terminal. */
export function welcome(platform: RunningPlatform, console: string): string {
  const { host, esp, interactionServer, stubServers, prepared, applications, upstreams } = platform;
  const { name, type } = prepared.application;
  const names = applications.map((application) => application.name);
  const what = platform.replay === undefined ? 'Host  ' : 'Replay';
  return `
  ${what}              ${addressText(esp)}, as ${name} (type ${type}): ${list(host.methods)}
${overHttp(platform)}  Interaction Server  ${addressText(interactionServer)}, connected to ${list(names.filter((one) => interactionServer.isConnected(one)))}
  Stubs               ${list(stubServers.map((server) => `${server.stubs.application.name} (${addressText(server)})`))}
${upstreams.flatMap(summaryOf).map(line).join('')}  Console             ${console}

${hint(platform)}${platform.reloads === undefined ? '' : FOLLOWING}
Ctrl-C stops it all.
`;
}

/** Where `listeners.http` is; nothing where it is not. */
function overHttp({ host, prepared }: RunningPlatform): string {
  const address = 'httpAddress' in host ? host.httpAddress : undefined;
  if (address === undefined) return '';
  const scheme = prepared.httpTls === undefined ? 'http' : 'https';
  return `  Calls over HTTP     ${scheme}://${addressText(address)}/openapi.json, with the token of listeners.http\n`;
}

/** What a recording knows the answer to is known to who made it. */
function hint(platform: RunningPlatform): string {
  if (platform.replay !== undefined) return `Answers what ${platform.replay} has, and nothing else.\n`;
  const lines = tries(platform).map((line) => `  npx esp-host send ${line}\n`);
  return `Try, in another terminal:\n\n${lines.join('')}`;
}

const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** One request straight to the host (where that takes no certificates), one through Interaction Server. */
function tries({ host, esp, upstreams, interactionServer, prepared, applications }: RunningPlatform): string[] {
  const request = example(host.methods, Object.assign({}, ...upstreams.map(({ mock }) => mock.examples?.())));
  const target = addressText(esp);
  const direct = target === USUAL_TARGET ? request : `${request} --to ${target}`;
  const application = applications.find((one) => one.stubs === undefined && one.address === 'host');
  const name = application === undefined ? '' : ` --app-name ${shellWord(application.name)}`;
  const routed = `${request} --to ${addressText(interactionServer)}${name}`;
  return prepared.tls === undefined ? [direct, routed] : [routed];
}

/** A method that some mock has an example of, or else the first one. */
function example(methods: readonly string[], examples: Readonly<Record<string, string>>): string {
  const known = Object.keys(examples).find((method) => methods.includes(method));
  const method = known ?? methods[0] ?? Object.keys(examples)[0] ?? 'Service.Method';
  const dot = method.lastIndexOf('.');
  const parameters = examples[method];
  return [
    shellWord(method.slice(0, dot)),
    shellWord(method.slice(dot + 1)),
    ...(parameters === undefined ? [] : [parameters]),
  ].join(' ');
}

const summaryOf = ({ name, url, mock }: Upstream): readonly (readonly [title: string, text: string])[] =>
  mock.summary?.() ?? [[name, url]];

const line = ([title, text]: readonly [string, string]): string => `  ${title.padEnd(TITLE_LENGTH)}  ${text}\n`;

const shellWord = (text: string): string => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
