import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { messageFromJson } from '../../src/esp/index.js';
import { charset, encodeMessage } from '../../src/wire/index.js';
import { file, folder, removeFolders } from '../support/files.js';
import { killPrograms, Program } from '../support/processes.js';
import { runCommand as run } from '../support/run-command.js';
import { vectors } from '../wire/vectors.js';

afterEach(killPrograms);
afterAll(removeFolders);

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');
const encoded = (json: object, set = 'utf-8'): string =>
  encodeMessage(messageFromJson(json), charset(set)).toString('hex');

const ONE = { messageId: 500, referenceId: 1, request: [['Service', 'str', 'Test']], userData: null };
const TWO = { messageId: 501, referenceId: null, request: null, userData: [] };

describe('wire decode', () => {
  it('prints the JSON of all captured messages, one per line', async () => {
    const { code, stdout, stderr } = await run(['wire', 'decode'], { input: lines(...vectors.map(({ hex }) => hex)) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const expected = vectors.map(({ messageId, referenceId, request, userData }) =>
      JSON.stringify({ messageId, referenceId, request, userData }),
    );
    expect(stdout.split('\n')).toEqual([...expected, '']);
  });

  it('accepts spaces, capitals, empty lines, and a last line without a line break', async () => {
    const spaced = encoded(ONE).toUpperCase().replaceAll(/../g, '$& ');
    const { code, stdout } = await run(['wire', 'decode', '-'], { input: `\r\n${spaced}\r\n\n${encoded(TWO)}` });
    expect({ code, stdout }).toEqual({ code: 0, stdout: lines(JSON.stringify(ONE), JSON.stringify(TWO)) });
  });

  it('reports each invalid line, continues, and exits with 1', async () => {
    const one = encoded(ONE);
    const cutShort = one.slice(0, -2);
    const input = lines(one, 'xyz', `${one}0`, cutShort, one + one, '703250000001', '0000000501000001f4', '', one);
    const { code, stdout, stderr } = await run(['wire', 'decode'], { input });
    expect({ code, stdout }).toEqual({ code: 1, stdout: lines(JSON.stringify(ONE), JSON.stringify(ONE)) });
    expect(stderr.split('\n')).toEqual([
      'line 2: not valid hex: expected two digits per byte',
      'line 3: not valid hex: expected two digits per byte',
      expect.stringMatching(/^line 4: .*inside a frame: received \d+ of \d+ bytes/),
      'line 5: expected one message per line, found 2',
      'line 6: an ADDP frame, not a message',
      expect.stringMatching(/^line 7: .*at byte 5 of the message$/),
      '',
    ]);
  });

  it('reads hex dumps among lines of hex, and skips ADDP frames with a note', async () => {
    const rows = `70320000000a${encoded(ONE)}`.match(/.{1,32}/g) ?? [];
    const dump = rows.map(
      (row, index) => `${(16 * index).toString(16).padStart(8, '0')}: ${row.replace(/(.{4})(?!$)/g, '$1 ')}  text`,
    );
    const { code, stdout, stderr } = await run(['wire', 'decode'], {
      input: lines(encoded(TWO), ...dump, encoded(TWO)),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: lines(JSON.stringify(TWO), JSON.stringify(TWO)) });
    expect(stderr).toMatch(/^line 2: unknown ADDP frame 0x00, at byte 2 of the stream\n$/);
    const good = await run(['wire', 'decode'], {
      input: lines(encoded(TWO), ...dump.map((line) => line.replace('7032 0000 000a', '7032 5000 000a')), encoded(TWO)),
    });
    expect(good).toMatchObject({ code: 0, stderr: 'line 2: skipped ADDP frame P 10\n' });
    expect(good.stdout).toBe(lines(...[TWO, ONE, TWO].map((one) => JSON.stringify(one))));
  });

  it('reads a file, in another charset', async () => {
    const json = { ...ONE, request: [['City', 'str', 'Москва']] };
    const path = file('messages.hex', lines(encoded(json, 'windows-1251')));
    const { code, stdout } = await run(['wire', 'decode', '--charset', 'windows-1251', path]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: lines(JSON.stringify(json)) });
  });
});

describe('wire encode', () => {
  it('prints the bytes of all captured messages, and ignores their name and hex', async () => {
    const input = lines(...vectors.map((vector) => JSON.stringify({ ...vector, hex: 'no hex at all' })));
    const { code, stdout, stderr } = await run(['wire', 'encode'], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([...vectors.map(({ hex }) => hex), '']);
  });

  it('accepts strings with line breaks that JSON need not escape', async () => {
    const json = { ...ONE, request: [['a\u2028b', 'str', 'c\u2029d\u0085']] };
    const { code, stdout, stderr } = await run(['wire', 'encode'], { input: `\ufeff${JSON.stringify(json)}\r\n` });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: lines(encoded(json)), stderr: '' });
  });

  it('reports each invalid line, continues, and exits with 1', async () => {
    const input = lines(
      '{',
      '[]',
      '{"messageId":500,"request":[["a","strng","b"]]}',
      '{"messageId":500,"request":[["a","bin","0"]]}',
      JSON.stringify({ messageId: 500, request: [['k'.repeat(65_536), 'int', 1]] }),
      JSON.stringify(TWO),
    );
    const { code, stdout, stderr } = await run(['wire', 'encode'], { input });
    expect({ code, stdout }).toEqual({ code: 1, stdout: lines(encoded(TWO)) });
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^line 1: not valid JSON: /),
      'line 2: a message must be an object with messageId, referenceId, request, userData',
      'line 3: request[0][1]: unknown type "strng"; use str, strx, int, bin, utf16 or list',
      'line 4: request[0][2]: bytes must be hex, two digits a byte',
      expect.stringMatching(/^line 5: .*65535/),
      '',
    ]);
  });

  it('writes in another charset', async () => {
    const json = { ...ONE, request: [['City', 'str', 'Москва']] };
    const { stdout } = await run(['wire', 'encode', '--charset', 'windows-1251'], { input: JSON.stringify(json) });
    expect(stdout).toBe(lines(encoded(json, 'windows-1251')));
  });
});

describe('wire', () => {
  it.each([
    ['a file that is not there', ['decode', 'none.hex'], /^cannot read none.hex: ENOENT.*\n$/],
    ['a folder', ['encode', '.'], /^cannot read .: EISDIR.*\n$/],
    ['an unknown charset', ['decode', '--charset', 'klingon'], /^unknown charset 'klingon'\n$/],
  ])('%s is an error', async (_name, words, text) => {
    const { code, stdout, stderr } = await run(['wire', ...words], { cwd: folder() });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(text);
  });

  it('ends quietly if the reader has gone', async () => {
    const process = new Program(['wire', 'decode'], { input: lines(encoded(ONE)).repeat(20_000) });
    process.closeStdout();
    expect(await process.ended()).toMatchObject({ code: 0, stderr: '' });
  });
});
