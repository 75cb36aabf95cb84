import { isSecretKey } from 'esp-host/server';
import { type JsonEntry, type KeyValueList, listToJson } from 'esp-host/wire';
import { hasSecrets } from '../exchange.js';
import type { Exchange } from '../export.js';
import { Applied, Code, code, listCode, Members, plainCode, quoted, WIDTH } from './code.js';
import type { Reply } from './replies.js';
import { REFERENCE_ID } from './replies.js';
import type { TestSetting } from './test-setting.js';
import type { TestCall } from './trial.js';

/** What jest gives a test unless it is told otherwise. */
const JEST_MS = 5000;

/** What the kit assumes of the application. */
const USUAL = { name: 'DMS', type: 171, tenant: 'Environment', addressing: 'lenient' } as const;

/** The text of a test. @param problem why it does not pass as it stands */
export function testSource(
  exchange: Exchange,
  setting: TestSetting,
  call: TestCall,
  replies: readonly Reply[],
  problem: string | undefined,
): string {
  const { request, entry, origin } = exchange;
  const expected = expectation(exchange, call);
  const title = `${request.name} ${entry.outcome === 'fault' ? 'faults' : 'answers'} as in ${origin.what} of ${origin.of}`;
  const options = optionsOf(setting, replies, call);
  const asked = callCode(call);
  const lines = [
    ...comments(exchange, setting, expected, problem).map((text) => `// ${oneLine(text)}`),
    `import { expect, it } from '@jest/globals';`,
    ...(/\bnew KeyValueList\b/.test(asked + expected.lines.join()) ? [`import { KeyValueList } from 'esp-host';`] : []),
    `import { espMatchers, ${replies.length === 0 ? '' : 'fakeHttp, '}testPlugin } from 'esp-host/testing';`,
    `import plugin from ${quoted(setting.specifier)};`,
    '',
    'expect.extend(espMatchers);',
    '',
    `it(${quoted(title)}, async () => {`,
    ...(replies.length === 0 ? [] : httpLines(replies)),
    `  const tested = await testPlugin(plugin${options});`,
    ...(call.deadlineMs === undefined
      ? [`  const outcome = await ${asked};`]
      : [
          `  const called = ${asked};`,
          `  tested.clock.advance(${call.deadlineMs});`,
          '  const outcome = await called;',
        ]),
    '  await tested.stop();',
    ...expected.lines,
    `}${call.waitsMs === 0 ? '' : `, ${Math.ceil(call.waitsMs) + JEST_MS}`});`,
  ];
  return `${lines.join('\n')}\n`;
}

interface Expectation {
  readonly lines: readonly string[];
  /** What it does not say. */
  readonly without: readonly string[];
}

/** What such a test does not say, and why it would fail. */
function comments(
  { entry, message, origin, request }: Exchange,
  { folder, hasSecrets: isMasked }: TestSetting,
  { without }: Expectation,
  problem: string | undefined,
): string[] {
  const name = `${request.method.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '-').toLowerCase()}-${origin.what.replace(' ', '-')}`;
  const file = `${name.replaceAll(/[^\w.-]/g, '-')}.test.ts`;
  const more = (request.list?.entries ?? []).map(({ key }) => key).filter((key) => !SAID.has(key));
  const slow = entry.upstream.some(({ failure }) => failure === 'timeout');
  return [
    `${request.name}, as ${origin.what} of ${origin.of}. Save it as ${folder === undefined ? '' : `${folder}/`}${file}`,
    ...(problem === undefined ? [] : [`It does not pass as it stands: ${problem}.`]),
    ...(isMasked || hasSecrets([message.request, message.userData]) ? ['Secrets are masked: ***.'] : []),
    ...(more.length === 0
      ? []
      : [`The request had more beside its Parameters, which is not sent: ${more.join(', ')}.`]),
    ...(slow ? ['An upstream did not answer in time, so that the test takes as long as that time.'] : []),
    ...without,
  ];
}

/** What the kit sends by itself, or does not need. */
const SAID = new Set(['Version', 'AppName', 'AppType', 'Service', 'Method', 'Parameters']);

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

function httpLines(replies: readonly Reply[]): string[] {
  const each = replies.flatMap(({ reply, comment }) => [
    ...(comment === undefined ? [] : [`    // ${comment}`]),
    `    ${code(reply, 4)},`,
  ]);
  return ['  const http = fakeHttp([', ...each, '  ]);'];
}

/** `, { http, ... }` behind the plugin; nothing where there is nothing to say. */
function optionsOf(setting: TestSetting, replies: readonly Reply[], { deadlineMs }: TestCall): string {
  const { options, channels } = setting;
  const application = Object.fromEntries(
    Object.entries(setting.application).filter(([key, value]) => value !== USUAL[key as keyof typeof USUAL]),
  );
  const given = { application, options, channels, deadlineMs };
  const members = Object.entries(given).filter(([, value]) => value !== undefined && !isEmpty(value));
  const http = replies.length === 0 ? [] : ['http'];
  if (members.length === 0) return http.length === 0 ? '' : ', { http }';
  const lines = [...http, ...members.map(([key, value]) => `${key}: ${code(value, 4, 6 + key.length)}`)];
  return `, {\n${lines.map((line) => `    ${line},\n`).join('')}  }`;
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** `tested.call(...)`, behind as much as stands before it. */
function callCode({ name, parameters, userData, text }: TestCall): string {
  const options = new Members([
    ...(text === 'str' ? [] : [['text', text] as const]),
    ...(userData === undefined ? [] : [['userData', sent(userData, text)] as const]),
  ]);
  const given = sent(parameters, text);
  const hasOptions = options.entries.length > 0;
  const line = `tested.call(${[quoted(name), ...[given, ...(hasOptions ? [options] : [])].map((one) => code(one))].join(', ')})`;
  if (BEFORE_CALL + line.length < WIDTH && !line.includes('\n')) return line;
  if (!hasOptions) return `tested.call(${quoted(name)}, ${code(given, 2, BEFORE_CALL + name.length)})`;
  return `tested.call(\n    ${quoted(name)},\n    ${code(given, 4)},\n    ${code(options, 4)},\n  )`;
}

/** `  const outcome = await tested.call('', ` */
const BEFORE_CALL = 40;

const sent = (list: KeyValueList, kind: 'str' | 'utf16'): Members | Applied => {
  const json = listToJson(list);
  return plainCode(json, kind) ?? listCode(json);
};

/** What the test expects: the fault, or the response with its UserData. */
function expectation({ entry }: Exchange, { text }: TestCall): Expectation {
  const { outcome, faultCode = '', faultText = '', reply } = entry;
  if (outcome === 'fault') {
    const number = String(Number(faultCode)) === faultCode ? faultCode : quoted(faultCode);
    const text = faultCodeText(faultText);
    const line = `  expect(outcome).toBeEspFault(${number}, ${text});`;
    const long = ['  expect(outcome).toBeEspFault(', `    ${number},`, `    ${text},`, '  );'];
    return { lines: line.length <= WIDTH ? [line] : long, without: [] };
  }
  const parameters = (reply?.json?.request ?? []).find(([key]) => key === 'Parameters')?.[2];
  const response = Array.isArray(parameters) ? expected(parameters, text) : new Members([]);
  const userData = reply?.json?.userData ?? undefined;
  const given = userData === undefined ? undefined : expected(userData, text);
  const lines = [
    `  expect(outcome).toBeEspResponse(${response === undefined ? '' : code(response, 2, 36)});`,
    ...(given instanceof Members ? [`  expect(outcome.userData).toEqual(${code(given, 2, 37)});`] : []),
  ];
  const unsaid = [
    ...(response === undefined ? ['its Parameters'] : []),
    ...(userData === undefined || given instanceof Members ? [] : ['its UserData']),
  ];
  return { lines, without: unsaid.map((what) => `What the answer had as ${what} is more than a test can say.`) };
}

function faultCodeText(text: string): string {
  if (!REFERENCE_ID.test(text)) return quoted(text);
  const before = text.replace(REFERENCE_ID, '').replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return `/^${before.replaceAll('\n', '\\n')}\\(ReferenceId \\d+\\)$/`;
}

/** Secrets may be anything; what a plain object cannot say is said with its kinds, where it has none. */
function expected(list: JsonEntry[], kind: 'str' | 'utf16'): Members | Applied | undefined {
  const masked = (key: string): Code | undefined => (isSecretKey(key) ? new Code('expect.anything()') : undefined);
  return plainCode(list, kind, masked) ?? (hasSecrets(list) ? undefined : listCode(list));
}
