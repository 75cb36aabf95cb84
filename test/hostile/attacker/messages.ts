import { type Attack, askAll, Connection, FROM, type Ground } from './attack.js';
import { addp, binary, body, type Entry, framed, rawString, request, u32, utf16, type Value } from './esp.js';
import { Peer } from './peer.js';

/** Secrets that attackers send: none may ever stand in a log. */
export const CANARIES = ['canary-bearer-7f3a91', 'canary-password-55d0'];

const MB = 1 << 20;

/** What is repeated to any length: each is bad for some careless reader. */
const PATTERNS: Readonly<Record<string, string>> = {
  quotes: '\\"token',
  'a quoted name': '"password": "',
  escapes: '\\\\\\"',
  'a secret': `"token":"${CANARIES[0]}",`,
  bearer: 'Bearer ',
  basic: 'Basic a',
  urls: 'https://a:b@',
  parameters: '?token=&',
  'percent signs': '%s%d%j%o%%',
  'broken percent signs': '%zz%',
  numbers: '1-1-1-',
  digits: '1',
  plus: '+1 (1) ',
  brackets: '(((((',
  spaces: ' \t',
  'line ends': '\n2026-01-01T00:00:00.000Z ERROR forged\r\n',
  'terminal colours': '\u001b[31m\u001b]0;x\u0007',
  'control characters': Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join(''),
  'C1 and deleted': '\u007f\u0080\u009b',
  bidi: '\u202e\u2066\u061c',
  separators: '\u2028\u2029\ufeff',
  emoji: '\u{1f469}\u200d\u{1f4bb}',
  combining: 'e\u0301\u0323',
  nested: '{"a":[',
  __proto__: '__proto__',
  constructor: 'constructor',
};

export const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'length',
  '',
];

const repeated = (pattern: string, length: number): string =>
  pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);

function textsOf(length: number): Value[] {
  const texts: Value[] = Object.values(PATTERNS).map((pattern) => repeated(pattern, length));
  return [
    ...texts,
    rawString(Buffer.alloc(length, 0xff)),
    rawString(Buffer.alloc(length, Buffer.from('eda080', 'hex'))),
    utf16('\ud800'.repeat(length >> 1)),
    utf16('\udc00\ud800'.repeat(length >> 2)),
    binary(Buffer.alloc(length, 0x22)),
    0x7fffffff,
    [['inside', repeated('1-1-1-', length)]],
  ];
}

type Make = (referenceId: number) => Buffer;
const keyOf = (value: Value): string | Buffer =>
  typeof value === 'string' ? value.slice(0, 20_000) : Buffer.alloc(20_000, 0xfe);

/** The text everywhere where the host may look at it, repeat it, or write it down. */
const places: readonly ((text: Value) => Make)[] = [
  (text) => (id) => request(id, text, 'ValidateContact'),
  (text) => (id) => request(id, 'Messaging', text),
  (text) => (id) => request(id, 'Messaging', 'ValidateContact', [['Id', '+16315551002']], [['AppName', text]]),
  (text) => (id) => request(id, 'Messaging', 'ValidateContact', [['Id', '+16315551002']], [['AppType', text]]),
  (text) => (id) => request(id, 'Messaging', 'ValidateContact', [['Id', text]]),
  (text) => (id) =>
    request(id, 'Messaging', 'ValidateContact', [
      ['Id', '+16315551002'],
      ['_umsChannel', text],
    ]),
  (text) => (id) => request(id, 'Messaging', 'ValidateContact', text),
  (text) => (id) => request(id, 'Messaging', 'ValidateContact', [[keyOf(text), text]]),
  (text) => (id) =>
    request(id, 'ChatService', 'InviteToChat', [
      ['Id', text],
      ['StandardResponseId', text],
      ['Name', text],
    ]),
];

const textsEverywhere = (texts: readonly Value[]): Make[] =>
  texts.flatMap((text) => places.map((place) => place(text)));

async function* asking(ground: Ground, what: string, batches: readonly Make[][]): AsyncGenerator<number, void> {
  const connection = new Connection(ground.esp);
  try {
    for (;;) for (const batch of batches) yield await askAll(await connection.get(), what, batch);
  } finally {
    connection.reset();
  }
}

const inBatches = (makes: readonly Make[], size: number): Make[][] =>
  Array.from({ length: Math.ceil(makes.length / size) }, (_, index) => makes.slice(index * size, (index + 1) * size));

const names: Attack = {
  name: 'names and values of every shape',
  steps: (ground) =>
    asking(ground, 'names', [
      ...inBatches(textsEverywhere([...HOSTILE_NAMES, ...textsOf(40)]), 50),
      ...inBatches(textsEverywhere(textsOf(8000)), 20),
    ]),
};

const longNames: Attack = {
  name: 'names and values of a megabyte',
  steps: (ground) => asking(ground, 'long names', inBatches(textsEverywhere(textsOf(MB)), 4)),
};

const phoneNumbers: Attack = {
  name: '15 MB of digits',
  steps: (ground) =>
    asking(
      ground,
      'digits',
      places.map((place) => [place(repeated('1-1-1-', 5 * MB * (place === places[5] ? 3 : 1)))]),
    ),
};

const bigAppNames: Attack = {
  name: 'another AppName of 1 MB each',
  async *steps({ esp }) {
    const connection = new Connection(esp);
    try {
      for (let number = 0; ; number++) {
        const other = `${number} ${'x'.repeat(MB)}`;
        const one: Make = (id) =>
          request(id, 'Messaging', 'ValidateContact', [['Id', '+16315551002']], [['AppName', other]]);
        yield await askAll(await connection.get(), 'AppName', [one]);
      }
    } finally {
      connection.reset();
    }
  },
};

const secretMask: Attack = {
  name: 'one Service of quotes and names, 8 kB',
  steps: (ground) => asking(ground, 'quotes', [[(id) => request(id, repeated('\\"token', 8000), 'x')]]),
};

/** A list in a list in a list. */
function deep(depth: number): Entry[] {
  let list: Entry[] = [['bottom', 1]];
  for (let level = 0; level < depth; level++) list = [['l', list]];
  return list;
}

/** Lists in one another with lengths that are right, to any depth: made from the inside, so that it costs no stack. */
function abyss(depth: number): Buffer {
  const head = (type: number): Buffer => Buffer.concat([Buffer.of(type, 0, 1), Buffer.from('l')]);
  let list: Buffer = Buffer.concat([head(0), Buffer.of(0, 0)]);
  for (let level = 0; level < depth && list.length < 60_000; level++) {
    const length = list.length + 4;
    const size = Buffer.of(length >> 8, length & 255);
    list = Buffer.concat([head(3), size, size, Buffer.of(0, 1), list]);
  }
  const length = list.length + 4;
  return Buffer.concat([
    Buffer.of(2),
    u32(500),
    u32(0),
    Buffer.of(0x69),
    u32(1),
    u32(1),
    Buffer.of(0x62, length >> 8, length & 255, 0, 1),
    list,
  ]);
}

const wide = (entries: number, key: (index: number) => string, value: Value = ''): Entry[] =>
  Array.from({ length: entries }, (_, index) => [key(index), value]);

const lists: Attack = {
  name: 'deep and wide lists, __proto__, constructor',
  async *steps({ esp }) {
    const connection = new Connection(esp);
    // Made once: an attacker that is busy with its own lists measures itself.
    const ask = (parameters: Value): Make => {
      const made = new Map<number, Buffer>();
      return (id) => {
        const bytes = made.get(id) ?? request(id, 'Messaging', 'ValidateContact', parameters);
        made.set(id, bytes);
        return bytes;
      };
    };
    const makes: Make[] = [
      ask(deep(100)),
      ask(wide(90_000, () => 'Id', '+16315551002')),
      ask(wide(90_000, (index) => `k${index}`)),
      ask(wide(50_000, () => '')),
      ...HOSTILE_NAMES.flatMap((name) => [
        ask([
          [name, 'x'],
          ['Id', '+16315551002'],
        ]),
        ask([
          [
            name,
            [
              ['Id', '+16315551002'],
              ['__proto__', [['polluted', 'yes']]],
            ],
          ],
        ]),
        ask(wide(2000, () => name, [['toString', 1]])),
      ]),
    ];
    const broken = [
      abyss(5000),
      abyss(200),
      Buffer.from('030000', 'hex'),
      body(500, 1, deep(300)),
      body(
        500,
        1,
        wide(150_000, () => ''),
      ),
    ];
    try {
      for (;;) {
        for (const batch of inBatches(makes, 5)) yield await askAll(await connection.get(), 'lists', batch);
        for (const bytes of broken) {
          const peer = await Peer.open(esp, FROM);
          await peer.write(framed(bytes));
          await peer.over;
          yield 1;
        }
      }
    } finally {
      connection.reset();
    }
  },
};

/** As many as go at once, and a ping behind them, which tells when they have been read. */
async function* flooding(ground: Ground, chunks: readonly Buffer[], each: number): AsyncGenerator<number, void> {
  const connection = new Connection(ground.esp);
  const ping = request(1, 'Messaging', 'ValidateContact', [['Id', '+16315551002']]);
  try {
    for (;;) {
      const peer = await connection.get();
      const before = peer.replies;
      for (const chunk of chunks) await peer.write(chunk);
      await peer.write(ping);
      while (!peer.closed && peer.replies === before)
        await peer.until(before + 1, 'the ping behind a flood').catch(rethrowOpen(peer));
      yield chunks.length * each;
    }
  } finally {
    connection.reset();
  }
}

/** A closed connection is the host's good right here. */
const rethrowOpen =
  (peer: Peer) =>
  (error: unknown): void => {
    if (!peer.closed) throw error;
  };

const PER_CHUNK = 2000;
const CHUNKS = 5;
const chunkOf = (make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: PER_CHUNK }, (_, index) => make(index)));
const flood = (name: string, make: (index: number) => Buffer, before: Buffer = Buffer.alloc(0)): Attack => ({
  name,
  steps: (ground) =>
    flooding(
      ground,
      Array.from({ length: CHUNKS }, (_, chunk) =>
        Buffer.concat([before, chunkOf((index) => make(chunk * PER_CHUNK + index))]),
      ),
      PER_CHUNK,
    ),
});

const ok: Entry[] = [['Id', '+16315551002']];

/** Messages as large as `limits.messageBytes` allows, one after the other on one connection. */
const largeMessages: Attack = {
  name: 'messages of 15 MB, one after the other',
  async *steps({ esp }) {
    const bytes = request(1, 'Messaging', 'ValidateContact', [...ok, ['x', 'x'.repeat(15 * MB)]]);
    for (;;) {
      const peer = await Peer.open(esp, FROM);
      for (let message = 0; message < 4; message++) await peer.write(bytes);
      await peer.until(4, 'large messages');
      peer.reset();
      yield 4;
    }
  },
};

const floods: readonly Attack[] = [
  flood('messages of 9 bytes that no host takes', (index) => framed(body(501 + (index % 3)))),
  flood('requests of 9 bytes without a ReferenceId', () => framed(body(500))),
  flood('requests without a ReferenceId', () => request(undefined, 'Messaging', 'ValidateContact', ok)),
  flood('ADDP polls with trace', (index) => addp('P', index & 0xffffff), addp('I', 0x800000)),
  flood('ADDP inits with trace', (index) => addp('I', 0x800000 | (index & 0xff))),
  flood('ADDP letters', (index) => addp(['P', 'p', 'i'][index % 3] as string, index), addp('I', 0x800001)),
  flood('another short AppName each', (index) =>
    request(index + 2, 'Messaging', 'ValidateContact', ok, [['AppName', `A${index}`]]),
  ),
  flood('another unknown method each (902)', (index) => request(index + 2, 'Messaging', `M${index}`, ok)),
  flood('another unknown channel each (904)', (index) =>
    request(index + 2, 'Messaging', 'ValidateContact', [
      ['Id', '+16315551002'],
      ['_umsChannel', `c${index}`],
    ]),
  ),
  flood('no Service (701)', (index) => framed(body(500, index + 2))),
];

export const messageAttacks: readonly Attack[] = [
  names,
  secretMask,
  longNames,
  phoneNumbers,
  largeMessages,
  bigAppNames,
  lists,
  ...floods,
];
