import { addressText } from '../configuration/index.js';
import type { RunningPlatform } from '../runtime/index.js';
import type { Upstream } from '../upstreams/index.js';

/** The default of `esp-host send --to`. */
const DEFAULT_TARGET = '127.0.0.1:7120';

/** The length of the longest title, `Interaction Server`. */
const TITLE_LENGTH = 18;

const RELOAD_NOTE = `
Changes to config.yaml and plugin code are reloaded automatically.
`;

/** A summary for the terminal: what runs where, and how to try it. */
export function welcome(platform: RunningPlatform, console: string): string {
  const { host, esp, interactionServer, stubServers, prepared, applications, upstreams } = platform;
  const { name, type } = prepared.application;
  const names = applications.map((application) => application.name);
  const label = platform.replay === undefined ? 'Host  ' : 'Replay';
  return `
  ${label}              ${addressText(esp)}, as ${name} (type ${type}): ${list(host.methods)}
${httpLine(platform)}  Interaction Server  ${addressText(interactionServer)}, connected to ${list(names.filter((application) => interactionServer.isConnected(application)))}
  Stubs               ${list(stubServers.map((server) => `${server.stubs.application.name} (${addressText(server)})`))}
${upstreams.flatMap(summaryOf).map(line).join('')}  Console             ${console}

${hint(platform)}${platform.reloads === undefined ? '' : RELOAD_NOTE}
Ctrl-C stops it all.
`;
}

/** The line for `listeners.http`, or nothing. */
function httpLine({ host, prepared }: RunningPlatform): string {
  const address = 'httpAddress' in host ? host.httpAddress : undefined;
  if (address === undefined) return '';
  const scheme = prepared.httpTls === undefined ? 'http' : 'https';
  return `  Calls over HTTP     ${scheme}://${addressText(address)}/openapi.json, with the token of listeners.http\n`;
}

/** Commands to try. A replay gets none, because its recording may not contain them. */
function hint(platform: RunningPlatform): string {
  if (platform.replay !== undefined) return `Answers only the requests in ${platform.replay}.\n`;
  const lines = exampleCommands(platform).map((line) => `  npx esp-host send ${line}\n`);
  return `Try, in another terminal:\n\n${lines.join('')}`;
}

const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** A request directly to the host (unless it uses TLS), and one through Interaction Server. */
function exampleCommands({
  host,
  esp,
  upstreams,
  interactionServer,
  prepared,
  applications,
}: RunningPlatform): string[] {
  const request = exampleRequest(host.methods, Object.assign({}, ...upstreams.map(({ mock }) => mock.examples?.())));
  const target = addressText(esp);
  const direct = target === DEFAULT_TARGET ? request : `${request} --to ${target}`;
  const application = applications.find((candidate) => candidate.stubs === undefined && candidate.address === 'host');
  const name = application === undefined ? '' : ` --app-name ${shellWord(application.name)}`;
  const routed = `${request} --to ${addressText(interactionServer)}${name}`;
  return prepared.tls === undefined ? [direct, routed] : [routed];
}

/** A method that a mock has an example for, or else the first method. */
function exampleRequest(methods: readonly string[], examples: Readonly<Record<string, string>>): string {
  const withExample = Object.keys(examples).find((method) => methods.includes(method));
  const method = withExample ?? methods[0] ?? Object.keys(examples)[0] ?? 'Service.Method';
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
