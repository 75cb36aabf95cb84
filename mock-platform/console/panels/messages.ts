import { type Data, isObject, rowsOf } from './values.js';

/** Where a message is. */
export type MessageState = 'sent' | 'delivered' | 'read' | 'failed';

export interface Choice {
  readonly title: string;
  readonly note?: string | undefined;
  readonly answers: boolean;
}

/** A message of a conversation, as the state of a panel has it. */
export interface Message {
  readonly id: string;
  readonly at: number;
  readonly own: boolean;
  readonly title?: string | undefined;
  readonly text: string;
  readonly choices: readonly Choice[];
  readonly state?: MessageState | undefined;
  readonly note?: string | undefined;
  readonly entry?: unknown;
}

const STATES: readonly unknown[] = ['sent', 'delivered', 'read', 'failed'];

const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The messages of a conversation. What does not fit is left out. */
export const messagesOf = (conversation: Data, key: string): readonly Message[] =>
  rowsOf(conversation, key).map(({ id, at, own, title, text, choices, state, note, entry }) => ({
    id: String(id),
    at: Number(at),
    own: own === true,
    title: textIn(title),
    text: textIn(text) ?? '',
    choices: Array.isArray(choices) ? choices.filter(isObject).map(choiceOf) : [],
    state: STATES.includes(state) ? (state as MessageState) : undefined,
    note: textIn(note),
    entry,
  }));

const choiceOf = ({ title, note, answers }: Data): Choice => ({
  title: String(title),
  note: textIn(note),
  answers: answers === true,
});

/** What others have written and the person has not read. */
export const unreadIn = (messages: readonly Message[]): number =>
  messages.filter(({ own, state }) => !own && state === 'delivered').length;
