import { type KeyValueEntry, KeyValueList } from '../../esp/index.js';
import type { Check } from '../check.js';
import type { Subject } from '../subject.js';

/** More than the short form of a list holds. */
const LONG_TEXT = 70_000;
const BIG_TEXT = 1_000_000;
const DEEP = 50;
const MANY = 5000;

const KEY = 'EspHostConform';
const text = (length: number): KeyValueEntry => ({ key: KEY, type: 'str', value: 'x'.repeat(length) });

/** A request with one more parameter gets some reply, and the connection stays usable. */
const survives = (entry: KeyValueEntry, what: string) => (subject: Subject) =>
  subject.connected(async (peer) => {
    const id = subject.nextId();
    peer.write(subject.request(id, subject.with(entry)));
    await peer.reply(id, what);
    await subject.ask(peer, {}, `the request after ${what}`);
  });

function nested(depth: number): KeyValueList {
  let list = new KeyValueList([{ key: 'Leaf', type: 'str', value: 'x' }]);
  for (let left = depth; left > 0; left--) list = new KeyValueList([{ key: 'List', type: 'list', value: list }]);
  return list;
}

/** What lists and strings may hold. */
export const lists: readonly Check[] = [
  {
    id: 'lists.types',
    title: 'reads values of each type, an empty list and an empty string',
    notice: 'methods with such parameters fail',
    run: survives(
      {
        key: KEY,
        type: 'list',
        value: new KeyValueList([
          { key: 'Int', type: 'int', value: -1 },
          { key: 'Bytes', type: 'bin', value: Uint8Array.of(0, 255) },
          { key: 'Text', type: 'str', value: '' },
          { key: 'Wide', type: 'utf16', value: 'ж中\u{1f600}' },
          { key: 'List', type: 'list', value: new KeyValueList() },
          { key: 'Again', type: 'str', value: 'one' },
          { key: 'Again', type: 'str', value: 'two' },
        ]),
      },
      'a request with values of each type',
    ),
  },
  {
    id: 'lists.long',
    title: 'reads lists in the long form, at the top and nested',
    notice: 'requests over 64 kB time out',
    run: survives({ key: KEY, type: 'list', value: new KeyValueList([text(LONG_TEXT)]) }, 'a request with long lists'),
  },
  {
    id: 'lists.big',
    title: `reads a value of ${BIG_TEXT} bytes`,
    notice: 'large values close the connection, with the requests of all other strategies on it',
    run: survives(text(BIG_TEXT), `a request with ${BIG_TEXT} bytes`),
  },
  {
    id: 'lists.deep',
    title: `reads ${DEEP} nested lists`,
    notice: 'deep lists close the connection, with the requests of all other strategies on it',
    run: survives({ key: KEY, type: 'list', value: nested(DEEP) }, `a request with ${DEEP} nested lists`),
  },
  {
    id: 'lists.many',
    title: `reads a list of ${MANY} entries`,
    notice: 'lists of many entries time out',
    run: survives(
      { key: KEY, type: 'list', value: new KeyValueList(Array.from({ length: MANY }, () => text(1))) },
      `a request with ${MANY} entries`,
    ),
  },
  {
    id: 'strings.utf16',
    title: 'reads Service, Method and parameters as UTF-16 strings',
    notice: 'clients that send every string as UTF-16 get a fault for each request',
    run: (subject) =>
      subject.connected((peer) => {
        const own = KeyValueList.from(subject.options.request.parameters ?? {});
        const change = { text: 'utf16', parameters: new KeyValueList(own.entries.map(asUtf16)) } as const;
        return subject.ask(peer, change, 'a request in UTF-16 strings');
      }),
  },
  {
    id: 'entries.unknown',
    title: 'ignores entries of the Request list that it does not know',
    notice: 'requests of strategies fail: they add TenantId, MediaType, MessageID and RequestorInfo',
    run: (subject) =>
      subject.connected(async (peer) => {
        const id = subject.nextId();
        const message = subject.message(id);
        const more: KeyValueEntry[] = [
          { key: 'TenantId', type: 'int', value: 1 },
          { key: 'MediaType', type: 'str', value: 'sms' },
          {
            key: 'RequestorInfo',
            type: 'list',
            value: new KeyValueList([{ key: 'StrategyName', type: 'str', value: KEY }]),
          },
        ];
        peer.write(subject.bytes({ ...message, request: new KeyValueList([...(message.request ?? []), ...more]) }));
        const what = 'a request with unknown entries';
        subject.same(await peer.reply(id, what), what);
      }),
  },
  {
    id: 'entries.userdata',
    title: 'takes UserData with a request',
    notice: 'strategies that send user data fail',
    run: (subject) => {
      const userData = new KeyValueList([{ key: KEY, type: 'str', value: 'x' }]);
      return subject.connected((peer) => subject.ask(peer, { userData }, 'a request with UserData'));
    },
  },
];

const asUtf16 = (entry: KeyValueEntry): KeyValueEntry => (entry.type === 'str' ? { ...entry, type: 'utf16' } : entry);
