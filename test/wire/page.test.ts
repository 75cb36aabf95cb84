import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { messageFromJson, messageToJson } from '../../src/esp/index.js';
import { charset, decodeBody, encodeMessage } from '../../src/wire/index.js';
import { bytes } from './hex.js';
import { bodyUnit, read } from './reading.js';

/** The examples of docs/wire.md are what they say. */

const page = readFileSync(fileURLToPath(new URL('../../docs/wire.md', import.meta.url)), 'utf8');
const utf8 = charset('utf-8');

it('the whole request', () => {
  const block = /A whole request, .*:\n\n((?: {4}.*\n)+)/.exec(page)?.[1] ?? '';
  const lines = block.split('\n').map((line) => /^ {4}\s*((?:[0-9a-f]+ ?)+)(?: {2,}|$)/.exec(line)?.[1] ?? '');
  const message = bytes(lines.join(''));
  const json = {
    messageId: 500,
    referenceId: 17,
    request: [
      ['Service', 'str', 'A'],
      ['Method', 'str', 'B'],
    ],
    userData: null,
  };
  expect(read(message)).toEqual([bodyUnit(message.subarray(4))]);
  expect(messageToJson(decodeBody(message, 4, message.length, utf8))).toEqual(json);
  expect(encodeMessage(messageFromJson(json), utf8).equals(message)).toBe(true);
});

it('the JSON form', () => {
  const json: unknown = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '');
  const written = encodeMessage(messageFromJson(json), utf8);
  expect(messageToJson(decodeBody(written, 4, written.length, utf8))).toEqual(json);
});
