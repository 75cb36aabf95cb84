import { DEFAULT_APPLICATION } from 'esp-host/testing';
import { isSecretKey } from '#server';
import { type JsonEntry, type KeyValueList, listToJson } from '#wire';
import { hasSecrets } from '../exchange.js';
import type { Exchange } from '../export.js';
import { Applied, Code, code, listCode, Members, plainCode, quoted, WIDTH } from './code.js';
import type { Reply } from './replies.js';
import { REFERENCE_ID } from './replies.js';
import type { TestSetting } from './test-setting.js';
import type { TestCall } from './trial.js';

/** Default timeout of a jest test. */
const JEST_MS = 5000;

/** Formats the test. @param problem why it fails */
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
  const callText = callCode(call);
  const lines = [
    ...comments(exchange, setting, expected, problem).map((text) => `// ${oneLine(text)}`),
    `import { expect, it } from '@jest/globals';`,
    ...(/\bnew KeyValueList\b/.test(callText + expected.lines.join())
      ? [`import { KeyValueList } from 'esp-host';`]
      : []),
    `import { espMatchers, ${replies.length === 0 ? '' : 'fakeHttp, '}testPlugin } from 'esp-host/testing';`,
    `import plugin from ${quoted(setting.specifier)};`,
    '',
    'expect.extend(espMatchers);',
    '',
    `it(${quoted(title)}, async () => {`,
    ...(replies.length === 0 ? [] : httpLines(replies)),
    `  const tested = await testPlugin(plugin${options});`,
    ...(call.deadlineMs === undefined
      ? [`  const outcome = await ${callText};`]
      : [
          `  const called = ${callText};`,
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
  /** Comments on what is not asserted. */
  readonly without: readonly string[];
}

/** Comments on what the test omits, and why it fails. */
function comments(
  { entry, message, origin, request }: Exchange,
  { folder, hasSecrets: isMasked }: TestSetting,
  { without }: Expectation,
  problem: string | undefined,
): string[] {
  const name = `${request.method.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '-').toLowerCase()}-${origin.what.replace(' ', '-')}`;
  const file = `${name.replaceAll(/[^\w.-]/g, '-')}.test.ts`;
  const more = (request.list?.entries ?? []).map(({ key }) => key).filter((key) => !SENT_BY_KIT.has(key));
  const slow = entry.upstream.some(({ failure }) => failure === 'timeout');
  return [
    `${request.name}, ${origin.what} of ${origin.of}. Save it as ${folder === undefined ? '' : `${folder}/`}${file}`,
    ...(problem === undefined ? [] : [`This test fails: ${problem}.`]),
    ...(isMasked || hasSecrets([message.request, message.userData]) ? ['Secrets are masked as ***.'] : []),
    ...(more.length === 0 ? [] : [`The test does not send these keys of the request: ${more.join(', ')}.`]),
    ...(slow ? ['An upstream call timed out, so the test takes as long as the timeout.'] : []),
    ...without,
  ];
}

/** Keys that the testing kit sends itself or does not need. */
const SENT_BY_KIT = new Set(['Version', 'AppName', 'AppType', 'Service', 'Method', 'Parameters']);

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

function httpLines(replies: readonly Reply[]): string[] {
  const each = replies.flatMap(({ reply, comment }) => [
    ...(comment === undefined ? [] : [`    // ${comment}`]),
    `    ${code(reply, 4, 5)},`,
  ]);
  return ['  const http = fakeHttp([', ...each, '  ]);'];
}

/** Formats `, { http, ... }`, or nothing without options. */
function optionsOf(setting: TestSetting, replies: readonly Reply[], { deadlineMs }: TestCall): string {
  const { options, channels } = setting;
  const application = Object.fromEntries(
    Object.entries(setting.application).filter(
      ([key, value]) => value !== DEFAULT_APPLICATION[key as keyof typeof DEFAULT_APPLICATION],
    ),
  );
  const given = { application, options, channels, deadlineMs };
  const members = Object.entries(given).filter(([, value]) => value !== undefined && !isEmpty(value));
  const http = replies.length === 0 ? [] : ['http'];
  if (members.length === 0) return http.length === 0 ? '' : ', { http }';
  const lines = [...http, ...members.map(([key, value]) => `${key}: ${code(value, 4, 7 + key.length)}`)];
  return `, {\n${lines.map((line) => `    ${line},\n`).join('')}  }`;
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Formats `tested.call(...)`, wrapped to the line length. */
function callCode({ name, parameters, userData, text }: TestCall): string {
  const options = new Members([
    ...(text === 'str' ? [] : [['text', text] as const]),
    ...(userData === undefined ? [] : [['userData', sent(userData, text)] as const]),
  ]);
  const given = sent(parameters, text);
  const hasOptions = options.entries.length > 0;
  const line = `tested.call(${[quoted(name), ...[given, ...(hasOptions ? [options] : [])].map((one) => code(one))].join(', ')})`;
  if (AWAIT.length + line.length < WIDTH && !line.includes('\n')) return line;
  const start = `tested.call(${quoted(name)}, `;
  if (!hasOptions) return `${start}${code(given, 2, AWAIT.length + start.length + ');'.length)})`;
  return `tested.call(\n    ${quoted(name)},\n    ${code(given, 4, 5)},\n    ${code(options, 4, 5)},\n  )`;
}

const AWAIT = '  const outcome = await ';

const sent = (list: KeyValueList, kind: 'str' | 'utf16'): Members | Applied => {
  const json = listToJson(list);
  return plainCode(json, kind) ?? listCode(json);
};

/** Formats the assertions: the fault, or the response and its UserData. */
function expectation({ entry }: Exchange, { text }: TestCall): Expectation {
  const { outcome, faultCode = '', faultText = '', reply } = entry;
  if (outcome === 'fault') {
    const number = String(Number(faultCode)) === faultCode ? faultCode : quoted(faultCode);
    const text = faultCodeText(faultText);
    const line = `  expect(outcome).toBeEspFault(${number}, ${text});`;
    const long = ['  expect(outcome).toBeEspFault(', `    ${number},`, `    ${text},`, '  );'];
    return { lines: line.length <= WIDTH ? [line] : long, without: [] };
  }
  const { request, userData } = reply?.json ?? {};
  const parameters = request?.find(([key]) => key === 'Parameters')?.[2];
  const response = Array.isArray(parameters) ? expected(parameters, text) : new Members([]);
  const given = userData ? expected(userData, text) : undefined;
  const lines = [
    `  expect(outcome).toBeEspResponse(${response === undefined ? '' : code(response, 2, 36)});`,
    ...(given instanceof Members ? [`  expect(outcome.userData).toEqual(${code(given, 2, 37)});`] : []),
  ];
  const missing = [
    ...(response === undefined ? ['the Parameters'] : []),
    ...(!userData || given instanceof Members ? [] : ['the UserData']),
  ];
  return { lines, without: missing.map((what) => `The test cannot assert ${what} of the answer.`) };
}

function faultCodeText(text: string): string {
  if (!REFERENCE_ID.test(text)) return quoted(text);
  const before = text.replace(REFERENCE_ID, '').replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return `/^${before.replaceAll('\n', '\\n')}\\(ReferenceId \\d+\\)$/`;
}

/** Formats expected values; secrets match anything. Undefined for lists with secrets that need a KeyValueList. */
function expected(list: JsonEntry[], kind: 'str' | 'utf16'): Members | Applied | undefined {
  const masked = (key: string): Code | undefined => (isSecretKey(key) ? new Code('expect.anything()') : undefined);
  return plainCode(list, kind, masked) ?? (hasSecrets(list) ? undefined : listCode(list));
}
