import { describe, expect, it } from '@jest/globals';
import { Likeness } from '../../../mock-platform/recording/likeness.js';
import { RecordedAnswers } from '../../../mock-platform/recording/recorded-answers.js';
import type { RecordedMessage } from '../../../mock-platform/recording/recorded-message.js';
import { EspRequest, KeyValueList, listFromJson, MessageId, type PlainValues } from '../../../src/wire.js';

const listOf = (service: string, method: string, parameters: PlainValues) =>
  KeyValueList.from({ Service: service, Method: method, Parameters: parameters });
const asked = (service: string, method: string, parameters: PlainValues = {}) =>
  new EspRequest({
    messageId: MessageId.Request3rdServer,
    referenceId: 1,
    request: listOf(service, method, parameters),
    userData: undefined,
  });

let line = 0;
const recorded = (change: Partial<RecordedMessage>, request: KeyValueList, referenceId = 1, messageId = 500) =>
  ({
    ...{ at: 0, connection: 1, line: ++line, direction: 'toServer', body: Buffer.alloc(0) },
    message: { messageId, referenceId, request, userData: undefined },
    ...change,
  }) as RecordedMessage;
const request = (service: string, method: string, parameters: PlainValues = {}, referenceId = 1, connection = 1) =>
  recorded({ connection }, listOf(service, method, parameters), referenceId);
const answer = (text: string, referenceId = 1, connection = 1) =>
  recorded({ direction: 'toClient', connection, body: Buffer.from(text) }, new KeyValueList(), referenceId, 501);

describe('recorded answers', () => {
  it('belong to the oldest request of their connection with their ReferenceId', () => {
    const answers = new RecordedAnswers([
      request('A', 'One'),
      request('A', 'Two'),
      request('A', 'Three', {}, 2),
      request('A', 'Four', {}, 1, 2),
      request('A', 'Never', {}, 3),
      answer('one'),
      answer('four', 1, 2),
      answer('two'),
      answer('three', 2),
      answer('of nothing', 9),
    ]);
    const texts = (method: string) => answers.next(asked('A', method))?.toString();
    expect(['One', 'Two', 'Three', 'Four', 'Never', 'Other'].map(texts)).toEqual([
      ...['one', 'two', 'three', 'four'],
      ...[undefined, undefined],
    ]);
    expect([answers.size, answers.methods, answers.services]).toEqual([
      4,
      ['A.One', 'A.Two', 'A.Three', 'A.Four'],
      ['A'],
    ]);
    expect(answers.all.map(({ answers: bodies }) => bodies.length)).toEqual([1, 1, 1, 1]);
  });

  it('are no requests that the server sent, and no other messages of the client', () => {
    const list = listOf('A', 'One', {});
    const answers = new RecordedAnswers([
      recorded({}, list, 1, 501),
      answer('a'),
      recorded({ direction: 'toClient' }, list),
    ]);
    expect([answers.size, answers.nearest(asked('A', 'One'))]).toEqual([0, 'the recording has no answered request']);
  });

  it('are given in order, the last one again and again', () => {
    const messages = ['a', 'b'].flatMap((text) => [request('A', 'One'), answer(text)]);
    const answers = new RecordedAnswers(messages);
    const next = () => answers.next(asked('A', 'One'))?.toString();
    expect([answers.size, next(), next(), next()]).toEqual([1, 'a', 'b', 'b']);
  });

  it('of the nearest request have its service, then its method, then most of its values', () => {
    line = 0;
    const many = { A: '1', B: '2', C: '3', D: '4', E: '5', F: '6' };
    const answers = new RecordedAnswers([
      ...[request('Other', 'One', { Id: '1' }), answer('')],
      ...[request('Test', 'Two', { Id: '1' }), answer('')],
      ...[request('Test', 'One', many), answer('')],
      ...[request('Test', 'One', { Id: '2', Tag: 'x' }), answer('')],
    ]);
    const nearest = (...words: Parameters<typeof asked>) => answers.nearest(asked(...words));
    expect(nearest('Test', 'One', { Id: '1' })).toBe(
      'the nearest is Test.One in line 7, which differs in ' +
        'Parameters.Id: str "1", not str "2"; Parameters.Tag: missing, not str "x"',
    );
    expect(nearest('Test', 'Two')).toMatch(/^the nearest is Test\.Two in line 3, /);
    expect(nearest('Other', 'Three')).toMatch(/^the nearest is Other\.One in line 1, /);
    expect(nearest('Test', 'Three', { Id: '1' })).toMatch(/^the nearest is Test\.Two in line 3, .*Method: .*Three/);
    expect(nearest('Test', 'One', { ...many, A: '7', G: '8' })).toMatch(
      /A: str "7", not str "1"; .*G: str "8", not missing$/,
    );
    expect(nearest('Test', 'One', { F: '6', E: '5', D: '4', C: '3', B: '2', A: '1' })).toBe(
      'the nearest is Test.One in line 5, which differs in the order of its entries',
    );
  });

  it('of the nearest request name five differences', () => {
    const answers = new RecordedAnswers([
      request('Test', 'One', { A: '1', B: '2', C: '3', D: '4', E: '5', F: '6' }),
      answer(''),
    ]);
    expect(answers.nearest(asked('Test', 'One')).split('; ')).toHaveLength(5);
  });
});

describe('the likeness of requests', () => {
  const of = (...entries: unknown[]) => new Likeness(listFromJson(entries, ''));

  it('leaves out secrets, and what is new in each request', () => {
    const one = of(
      ['A', 'str', 'x'],
      ['Password', 'str', 'one'],
      ['MessageID', 'int', 1],
      ['RequestorInfo', 'str', 'a'],
    );
    const other = of(['A', 'str', 'x'], ['Password', 'int', 2], ['MessageID', 'int', 2]);
    expect([one.key === other.key, one.differences(other)]).toEqual([true, []]);
    const inner = (MessageID: number) =>
      of([
        'P',
        'list',
        [
          ['MessageID', 'int', MessageID],
          ['token', 'str', `${MessageID}`],
        ],
      ]);
    expect(inner(1).differences(inner(2))).toEqual(['P.MessageID: int 1, not int 2']);
  });

  it('compares types, repeated keys, empty lists and keys that are not text', () => {
    const one = of(
      ['A', 'str', '1'],
      ['B', 'str', 'x'],
      ['B', 'str', 'y'],
      ['L', 'list', []],
      [{ hex: 'ff' }, 'str', 'k'],
    );
    const other = of(['A', 'int', 1], ['B', 'str', 'x'], ['L', 'list', [['M', 'int', 1]]]);
    expect(one.differences(other)).toEqual([
      'A: str "1", not int 1',
      'B: str "x", str "y", not str "x"',
      'L: list [], not missing',
      'ff: str "k", not missing',
      'L.M: missing, not int 1',
    ]);
    expect(one.key).not.toBe(other.key);
    expect(new Likeness(undefined).key).not.toBe(of().key);
  });

  it('shows 60 characters of a value', () => {
    const [difference] = of(['A', 'str', 'a'.repeat(55)]).differences(of(['A', 'str', 'b'.repeat(54)]));
    expect(difference).toBe(`A: str "${'a'.repeat(55)}..., not str "${'b'.repeat(54)}"`);
  });
});
