import {
  Channels,
  type CommandCall,
  CommandFailedError,
  type Container,
  defineCommand,
  type State,
  type StoredRecord,
  textTable,
  z,
} from 'esp-host';
import { isUserId } from '../cloud/index.js';
import { whatsAppChannel } from '../config/index.js';
import { FATE_STATUSES, type Fate, type FateError, type FateStatus, KEYS, recordId, statusOf } from '../fate/index.js';
import { PhoneNumbers, shownId } from '../phone-numbers.js';

type Found = StoredRecord<Fate>;

/** Messages that `messages show` shows of one ReferenceId, which may occur again. */
const SHOWN = 10;

/** Whatever the log shows. */
const numbers = z.enum(['shown']).optional().describe('how to print phone numbers; default: as in the log');

const listInput = z.strictObject({
  number: z.string().optional().describe('phone number of the customer, with a plus, or user id'),
  referenceId: z.int().optional().describe('ReferenceId of the request'),
  channel: z.string().optional().describe('name of the channel'),
  limit: z.int().min(1).max(1000).default(20).describe('maximum number of messages'),
  numbers,
});

export const listMessages = defineCommand({
  name: 'messages list',
  summary: 'List the invitations sent over Cloud API, and where they are, the newest first.',
  input: listInput,
  async run({ input, state, container, maskPhoneNumbers }) {
    const mask = maskOf(input.numbers, maskPhoneNumbers);
    return (await search(state, container, input)).map((found) => shown(found, mask));
  },
  text: (messages) => (messages.length === 0 ? 'no messages\n' : textTable(HEAD, messages.map(rowOf))),
});

const HEAD = ['TIME (UTC)', 'ID', 'STATUS', 'REFERENCE', 'TO'];

/** Characters of a recipient in a row: those of the longest number. */
const TO = 16;

function rowOf({ requested, id, status, referenceId, to }: Shown): string[] {
  const recipient = to.length > TO ? `${to.slice(0, TO - 1)}…` : to;
  return [
    requested.slice('2026-'.length, '2026-11-30T16:59'.length).replace('T', ' '),
    id,
    status,
    `${referenceId ?? ''}`,
    recipient,
  ];
}

export const showMessage = defineCommand({
  name: 'messages show',
  summary: 'Show an invitation from its request on.',
  input: z.strictObject({
    id: z.string().max(256).describe("id from messages list, WhatsApp's id of the message, or ReferenceId"),
    numbers,
  }),
  arguments: ['id'],
  async run({ input, state, maskPhoneNumbers }) {
    const mask = maskOf(input.numbers, maskPhoneNumbers);
    const found = await withId(state, input.id);
    if (found.length === 0) throw new CommandFailedError(`no message ${mask(shownId(input.id))}`);
    return found.map((one) => shown(one, mask));
  },
  text: (messages) => messages.map(textOf).join('\n'),
});

/** By each kind of id. */
async function withId(state: State, id: string): Promise<Found[]> {
  const own = await state.get<Fate>(recordId(id));
  if (own !== undefined) return [{ id: recordId(id), value: own, seq: 0 }];
  const byMessage = id === '' ? [] : await state.find<Fate>(KEYS.message(id));
  if (byMessage.length > 0 || !/^\d{1,15}$/.test(id)) return byMessage;
  return state.find<Fate>(KEYS.referenceId(Number(id)), { limit: SHOWN });
}

type Search = z.output<typeof listInput>;

/** Reads page by page what one of the filters gives, and drops what does not pass the others. */
async function search(state: State, container: Container, { limit, ...filters }: Search): Promise<Found[]> {
  const recipients = filters.number === undefined ? undefined : recipientsOf(container, filters.number);
  const found: Found[] = [];
  for (const key of keysOf(filters, recipients)) {
    let before: number | undefined;
    for (;;) {
      const page: Found[] = await state.find<Fate>(key, { before });
      found.push(...page.filter((one) => isWanted(one, filters, recipients)));
      before = page.at(-1)?.seq;
      if (before === undefined || found.length >= limit) break;
    }
  }
  return found.sort((one, other) => other.seq - one.seq).slice(0, limit);
}

type Filters = Omit<Search, 'limit'>;

/** The keys that find the fewest records. */
function keysOf({ referenceId, channel }: Filters, recipients: readonly string[] | undefined): readonly string[] {
  if (referenceId !== undefined) return [KEYS.referenceId(referenceId)];
  return recipients ?? [channel === undefined ? KEYS.all : KEYS.channel(channel)];
}

/** Other records about a person have the same key. */
function isWanted({ id, value }: Found, { referenceId, channel }: Filters, recipients: readonly string[] | undefined) {
  return (
    id.startsWith(recordId('')) &&
    (referenceId === undefined || value.referenceId === referenceId) &&
    (channel === undefined || value.channel === channel) &&
    (recipients === undefined || recipients.includes(PhoneNumbers.present(value.to)))
  );
}

/** A number without a plus belongs to the country of a channel. @throws CommandFailedError */
function recipientsOf(container: Container, text: string): string[] {
  if (isUserId(text)) return [text];
  const channels = container.get(Channels).list(whatsAppChannel);
  const all = channels.flatMap(({ settings }) => new PhoneNumbers(settings.phoneNumber).normalise(text) ?? []);
  if (all.length === 0) throw new CommandFailedError('--number: not a number that can exist');
  return [...new Set(all.map(PhoneNumbers.present))];
}

/** An invitation, as `--json` prints it. */
interface Shown {
  readonly id: string;
  readonly channel: string;
  readonly to: string;
  readonly template: string;
  readonly referenceId: number | undefined;
  /** Its end alone, unless phone numbers are shown: it begins with one. */
  readonly messageId: string | undefined;
  readonly status: FateStatus;
  readonly requested: string;
  readonly times: Readonly<Record<string, string>>;
  readonly errors: readonly FateError[] | undefined;
  readonly fault: string | undefined;
}

type Mask = CommandCall['maskPhoneNumbers'];

const maskOf = (numbers: 'shown' | undefined, asInLog: Mask): Mask => (numbers === 'shown' ? (text) => text : asInLog);

const NUMBER = '+16315551002';

const showsNumbers = (mask: Mask): boolean => mask(NUMBER) === NUMBER;

function shown({ id, value }: Found, mask: Mask): Shown {
  const { channel, template, referenceId, messageId, times, errors, fault } = value;
  const dates = FATE_STATUSES.flatMap((status) => {
    const at = times[status];
    return at === undefined ? [] : [[status, new Date(at).toISOString()] as const];
  });
  return {
    id: id.slice(recordId('').length),
    channel,
    to: mask(value.to),
    template,
    referenceId,
    messageId: messageId === undefined || showsNumbers(mask) ? messageId : shownId(messageId),
    status: statusOf(value).status,
    requested: new Date(times.requested ?? 0).toISOString(),
    times: Object.fromEntries(dates),
    errors: errors?.map(({ code, text }) => ({ code, text: text && mask(text) })),
    fault: fault && mask(fault),
  };
}

function textOf({
  id,
  channel,
  to,
  template,
  referenceId,
  messageId,
  status,
  times,
  errors = [],
  fault,
}: Shown): string {
  const lines: [string, string | undefined][] = [
    ['id', id],
    ['status', status],
    ['channel', channel],
    ['to', to],
    ['template', template],
    ['ReferenceId', referenceId?.toString()],
    ["WhatsApp's id", messageId],
    ...Object.entries(times).map(([name, at]): [string, string] => [name, at]),
    ...errors.map(({ code, text = '' }): [string, string] => ['error', `${code} ${text}`]),
    ['fault', fault],
  ];
  return lines.map(([name, value]) => (value === undefined ? '' : `${name.padEnd(14)} ${value}\n`)).join('');
}
