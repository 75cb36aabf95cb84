import type { Entry, JsonEntry } from '../api/types.js';
import { keyText, messageEntries, messageName, valueText } from '../message/entries.js';

/** An exchange as lines, to compare it with another. Times and numbers that are new in each exchange are left out. */
export function entryLines(entry: Entry): readonly string[] {
  const { request, reply, upstream, outcome, application } = entry;
  return [
    `Request to ${application}`,
    ...messageLines(request.message),
    ...upstream.flatMap(({ method, url, status, error }) => [
      `Upstream ${method} ${url}`,
      `  ${status ?? error ?? 'no answer'}`,
    ]),
    ...(reply === null ? [`Reply: ${outcome}`] : [replyName(reply), ...messageLines(reply.message)]),
  ];
}

const replyName = ({ message }: NonNullable<Entry['reply']>): string =>
  message === null ? 'Reply' : messageName(message.messageId);

const messageLines = (message: Entry['request']['message']): readonly string[] =>
  message === null ? ['  invalid lists'] : listLines(messageEntries(message), '  ');

const listLines = (list: readonly JsonEntry[], indent: string): readonly string[] =>
  list.flatMap(([key, type, value]) =>
    typeof value === 'object'
      ? [`${indent}${keyText(key)}`, ...listLines(value, `${indent}  `)]
      : [`${indent}${keyText(key)} ${type} ${valueText(type, value)}`],
  );
