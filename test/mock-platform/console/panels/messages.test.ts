import { describe, expect, it } from '@jest/globals';
import { messagesOf, unreadIn } from '../../../../mock-platform/console/panels/messages.js';

const message = (more: object) => ({ id: 'm', at: 1, own: false, text: 'Hi', ...more });

describe('the messages of a conversation', () => {
  it('are those of the state', () => {
    const given = message({
      ...{ title: 'T', state: 'read', note: 'n', entry: { id: 7, referenceId: 3 } },
      choices: [
        { title: 'Yes', answers: true },
        { title: 'Open', note: 'https://x.example', answers: false },
      ],
    });
    expect(messagesOf({ all: [given] }, 'all')).toEqual([given]);
  });

  it.each<[string, object, object]>([
    ['an unknown state', { state: 'lost' }, { state: undefined }],
    ['no text', { text: 5 }, { text: '' }],
    ['an empty title', { title: '' }, { title: undefined }],
    ['choices that are no list', { choices: 'Yes' }, { choices: [] }],
    [
      'a choice that is no object',
      { choices: ['Yes', { title: 'No' }] },
      { choices: [{ title: 'No', answers: false }] },
    ],
  ])('leave out %s', (_what, given, expected) => {
    expect(messagesOf({ all: [message(given)] }, 'all')).toMatchObject([expected]);
  });

  it('are none without a list', () => expect(messagesOf({}, 'all')).toEqual([]));

  it('are unread if others wrote them, and they are delivered', () => {
    const all = [{ state: 'delivered' }, { state: 'read' }, { state: 'sent' }, { state: 'failed' }, { own: true }];
    expect(unreadIn(messagesOf({ all: all.map(message) }, 'all'))).toBe(1);
  });
});
