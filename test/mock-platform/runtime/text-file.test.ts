import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readText, replaceText } from '../../../mock-platform/runtime/index.js';
import { file, folder, removeFolders } from '../../support/files.js';

afterAll(removeFolders);

const coded = (code: string) => expect.objectContaining({ code });

describe('a text file', () => {
  it('is replaced, keeps its mode, and leaves no other file behind', () => {
    const path = file('a.yaml', '\ufeffa: 1 # ä\r\n');
    chmodSync(path, 0o640);
    const { text, digest } = readText(path);
    const saved = replaceText(path, text.replace('1', '2'), digest);
    expect(readFileSync(path, 'utf8')).toBe('\ufeffa: 2 # ä\r\n');
    expect(readText(path).digest).toBe(saved);
    expect(saved).not.toBe(digest);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(dirname(path))).toEqual(['a.yaml']);
  });

  it('is replaced where a symbolic link leads', () => {
    const path = file('a.yaml', 'a');
    const link = join(folder(), 'b.yaml');
    symlinkSync(path, link);
    replaceText(link, 'b', readText(link).digest);
    expect([readFileSync(path, 'utf8'), lstatSync(link).isSymbolicLink()]).toEqual(['b', true]);
  });

  it('that has changed meanwhile is not overwritten', () => {
    const path = file('a.yaml', 'old');
    const { digest } = readText(path);
    writeFileSync(path, 'theirs');
    expect(() => replaceText(path, 'ours', digest)).toThrow(coded('ESP_MOCK_FILE_CHANGED'));
    expect(readFileSync(path, 'utf8')).toBe('theirs');
  });

  it('must be UTF-8, and readable', () => {
    const path = file('a.yaml', '');
    writeFileSync(path, Buffer.from([0xe4]));
    expect(() => readText(path)).toThrow(coded('ESP_MOCK_FILE_UNUSABLE'));
    expect(() => readText(join(folder(), 'none.yaml'))).toThrow(coded('ESP_MOCK_FILE_UNUSABLE'));
    expect(() => readText(folder())).toThrow(coded('ESP_MOCK_FILE_UNUSABLE'));
  });
});
