import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type JsonEntry, KeyValueList, listToJson, messageFromJson, messageToJson } from '../../src/esp/index.js';
import { type Charset, charset, decodeBody, encodeBody } from '../../src/wire/index.js';
import { MessageBytes } from '../../src/wire/message-entries.js';
import { anyMessage } from './arbitraries.js';
import { bytes } from './hex.js';
import { vectors } from './vectors.js';

/** Received lists are decoded entry by entry on access, with the same values as a list of entries. */

const utf8 = charset('utf-8');

/** The message in the middle of a chunk with other bytes. */
function received(json: unknown, set: Charset = utf8): ReturnType<typeof decodeBody> {
  const body = encodeBody(messageFromJson(json), set);
  const chunk = Buffer.concat([Buffer.alloc(300, 0xee), body, Buffer.alloc(300, 0xee)]);
  return decodeBody(chunk, 300, 300 + body.length, set);
}

/** What `find` gives, with the lists in it as JSON. */
const found = (list: KeyValueList, key: string): unknown => {
  const entry = list.find(key);
  return entry === undefined ? undefined : listToJson(new KeyValueList([entry]))[0];
};

const keysOf = (list: KeyValueList): string[] => [...new Set(list.entries.map(({ key }) => key)), 'Nothing', 'не то'];

/** Every key has the same values in the received list as in the sent one, in any order, at any depth. */
function expectSame(actual: KeyValueList | undefined, sent: KeyValueList | undefined, forwards: boolean): void {
  if (sent === undefined || actual === undefined) {
    expect(actual).toBe(sent);
    return;
  }
  expect(actual.length).toBe(sent.length);
  const keys = forwards ? keysOf(sent) : keysOf(sent).reverse();
  for (const key of keys) expect(found(actual, key)).toEqual(found(sent, key));
  for (const key of keys) {
    const inner = sent.find(key);
    if (inner?.type === 'list') expectSame(actual.list(key), inner.value, forwards);
  }
  expect(listToJson(actual)).toEqual(listToJson(sent));
}

it('any received list has the values of the sent list', () => {
  fc.assert(
    fc.property(anyMessage, fc.boolean(), (json, forwards) => {
      const [actual, sent] = [received(json), messageFromJson(json)];
      expectSame(actual.request, sent.request, forwards);
      expectSame(actual.userData, sent.userData, forwards);
    }),
    { numRuns: 300 },
  );
});

it.each(vectors.map((vector) => [vector.name, vector] as const))('%s (captured)', (_name, vector) => {
  expectSame(received(vector).request, messageFromJson(vector).request, false);
});

describe('a received list', () => {
  const inner: JsonEntry[] = [['Id', 'str', '1']];
  const request: JsonEntry[] = [
    ['Parameters', 'list', inner],
    ['Имя', 'str', 'зв'],
    ['Parameters', 'list', []],
  ];
  const json = { messageId: 500, referenceId: 1, request, userData: null };

  it('finds a key that is not ASCII, in any charset', () => {
    for (const set of [utf8, charset('windows-1251'), charset('utf-16be')]) {
      expect(received(json, set).request?.string('Имя')).toBe('зв');
      expect(received(json, set).request?.find('Им')).toBeUndefined();
    }
  });

  it('finds a key of the last ASCII character', () => {
    for (const key of ['\x7f', '\x80']) {
      expect(received({ ...json, request: [[key, 'int', 5]] }).request?.int(key)).toBe(5);
    }
  });

  it('finds no key among invalid bytes', () => {
    const body = bytes('01 000001f4 00000001 62 000b 0001 00 0002 ff41 0000');
    const list = decodeBody(body, 0, body.length, utf8).request;
    expect(list?.find('A')).toBeUndefined();
    expect(list?.find('\ufffdA')?.type).toBe('str');
    expect(list?.find('\u00ffA')).toBeUndefined();
  });

  it('returns the same nested list each time, with its changes', () => {
    const list = received(json).request as KeyValueList;
    list.requireList('Parameters').add({ key: 'New', type: 'int', value: 5 });
    expect(list.requireList('Parameters').int('New')).toBe(5);
    list.add({ key: 'Last', type: 'str', value: 'x' });
    expect(list.string('Last')).toBe('x');
    expect(list.requireList('Parameters').int('New')).toBe(5);
    expect(list.all('Parameters').map((entry) => entry.type === 'list' && entry.value.length)).toEqual([2, 0]);
  });

  it('is equal only to the sent list', () => {
    expect(received(json).request).toEqual(messageFromJson(json).request);
    expect(received(json).request).not.toEqual(messageFromJson({ ...json, request: request.slice(1) }).request);
  });
});

describe('a message that is kept', () => {
  it('releases its chunk, and reads the same', () => {
    fc.assert(
      fc.property(anyMessage, (json) => {
        const body = encodeBody(messageFromJson(json), utf8);
        const chunk = Buffer.concat([Buffer.alloc(body.length), body, Buffer.alloc(9)]);
        const message = decodeBody(chunk, body.length, 2 * body.length, utf8);
        const parameters = message.request?.find('Parameters');
        message.detach?.();
        chunk.fill(0xaa);
        expect(messageToJson(message)).toEqual(json);
        if (parameters !== undefined) expect(found(message.request as KeyValueList, 'Parameters')).toBeDefined();
      }),
      { numRuns: 200 },
    );
  });

  it('shares its memory with few others', () => {
    const kept = Array.from({ length: 1000 }, () => {
      const bytes = new MessageBytes(Buffer.alloc(65_536), 1000, 100, utf8);
      bytes.detach();
      return bytes;
    });
    const buffers = new Set(kept.map(({ bytes }) => bytes.buffer));
    const pinned = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(pinned).toBeLessThan(2 * 1000 * 100);
    expect(Math.max(...[...buffers].map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(8192);
  });

  it('does not share its bytes with others', () => {
    const keys = ['a', 'b', 'c'];
    const messages = keys.map((key) => {
      const message = received({ messageId: 500, referenceId: 1, request: [[key, 'str', key.repeat(50)]] });
      message.detach?.();
      return message;
    });
    expect(messages.map(({ request }, index) => request?.string(keys[index] ?? ''))).toEqual(
      keys.map((key) => key.repeat(50)),
    );
  });

  it.each([
    [199, false],
    [200, true],
    [201, true],
  ])('of 100 bytes is copied out of %i bytes: %s', (length, isCopied) => {
    const chunk = Buffer.alloc(length);
    const message = new MessageBytes(chunk, 7, 100, utf8);
    message.detach();
    expect(message.bytes !== chunk).toBe(isCopied);
    expect(message.start === 7).toBe(!isCopied);
  });

  it.each([
    [1024, true],
    [1025, false],
  ])('of %i bytes shares memory: %s', (length, shares) => {
    const message = new MessageBytes(Buffer.alloc(10_000), 0, length, utf8);
    message.detach();
    expect(message.bytes.length > length).toBe(shares);
    if (!shares) expect([message.bytes.length, message.start]).toEqual([length, 0]);
  });

  it('keeps its bytes if it owns them', () => {
    const body = encodeBody(messageFromJson({ messageId: 500, referenceId: 1, request: [['k', 'str', 'v']] }), utf8);
    const message = decodeBody(body, 0, body.length, utf8);
    message.detach?.();
    body.write('w', body.length - 1);
    expect(message.request?.string('k')).toBe('w');
  });
});
