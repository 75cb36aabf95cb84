import { type MockMessage, MockRouteError, mockMessage, mockRoute, z } from 'esp-host';
import { titleOf } from '../cloud/graph-error.js';
import { NotE164Error, PhoneError } from '../errors.js';
import { type Directory, parseE164 } from '../phone-number.js';
import { keyOf, USER_ID } from './customer.js';
import { Phone, type PhoneMessage } from './phone.js';
import type { Phones } from './phones.js';

/** A journal entry. */
type Entry = NonNullable<MockMessage['entry']>;

/** What the panel shows of a phone. */
export const phoneShape = z.strictObject({
  customer: z.string().describe('a number, or a business-scoped user id'),
  userId: z.string(),
  state: z.enum(['on', 'off', 'blocks the business']),
  off: z.boolean(),
  blocked: z.boolean().describe('whether the customer has blocked the business'),
  unread: z.boolean(),
  messages: z.array(mockMessage),
});

const PHONES = 200;
const MESSAGES = 50;

/** The phones, and those of the directory without messages. @param entries by the id of a message */
export function phonesView(
  phones: Phones,
  directory: Directory,
  entries: ReadonlyMap<string, Entry>,
): z.input<typeof phoneShape>[] {
  const used = phones.list();
  const known = new Set(used.map(({ customer }) => keyOf(customer)));
  const others = directory.list().filter((number) => !known.has(number));
  const all = [...used, ...others.map((number) => new Phone(phones.customer(number)))];
  const lastAt = ({ messages }: Phone): number => messages.at(-1)?.at ?? 0;
  return all
    .toSorted((one, other) => lastAt(other) - lastAt(one))
    .slice(0, PHONES)
    .map(({ customer, isOff: off, isBlocking: blocked, messages }) => ({
      ...{ customer: keyOf(customer), userId: customer.userId, off, blocked },
      state: blocked ? ('blocks the business' as const) : off ? ('off' as const) : ('on' as const),
      unread: !off && messages.some(({ state }) => state === 'delivered'),
      messages: messages.slice(-MESSAGES).map((message) => messageView(message, entries.get(message.id))),
    }));
}

function messageView(message: PhoneMessage, entry: Entry | undefined): z.input<typeof mockMessage> {
  const { id, at, from, header, text, buttons = [], state } = message;
  const note = noteOf(message);
  return {
    ...{ id, at, text, own: from === 'customer' },
    ...(header === undefined ? {} : { title: header }),
    ...(state === 'received' ? {} : { state }),
    ...(note === undefined ? {} : { note }),
    ...(entry === undefined ? {} : { entry }),
    choices: buttons.map(({ type, text: title, url }) => ({
      ...{ title, answers: type === 'QUICK_REPLY' },
      ...(url === undefined ? {} : { note: url }),
    })),
  };
}

function noteOf({ state, code, told }: PhoneMessage): string | undefined {
  if (state === 'failed') return `${code} ${titleOf(code ?? 0)}: the customer does not see it`;
  if (told === undefined) return undefined;
  return told.length === 0 ? 'the host was told nothing yet' : `the host was told: ${told.join(', ')}`;
}

const params = z.strictObject({ customer: z.string() });
const done = z.strictObject({});

/** The routes of what a customer can do. @param changed called after each */
export function phoneRoutes(phones: Phones, changed: () => void) {
  const act = (customer: string, work: () => void): z.input<typeof done> => {
    checkCustomer(customer);
    try {
      work();
    } catch (error) {
      throw error instanceof PhoneError ? new MockRouteError(400, error.message) : error;
    }
    changed();
    return {};
  };
  return {
    read: mockRoute({
      method: 'POST',
      path: '/phones/:customer/read',
      summary: 'The customer reads all messages.',
      params,
      answer: done,
      handle: ({ params: { customer } }) => act(customer, () => phones.read(customer)),
    }),
    write: mockRoute({
      method: 'POST',
      path: '/phones/:customer/messages',
      summary: 'The customer reads all messages, and writes one.',
      params,
      body: z.strictObject({ text: z.string().min(1, 'must not be empty').max(4096) }),
      answer: done,
      handle: ({ params: { customer }, body: { text } }) => act(customer, () => phones.write(customer, text)),
    }),
    press: mockRoute({
      method: 'POST',
      path: '/phones/:customer/buttons',
      summary: 'The customer presses a quick-reply button of a message.',
      params,
      body: z.strictObject({ message: z.string(), button: z.string() }),
      answer: done,
      handle: ({ params: { customer }, body: { message, button } }) =>
        act(customer, () => phones.press(customer, message, button)),
    }),
    setOff: mockRoute({
      method: 'PUT',
      path: '/phones/:customer/off',
      summary: 'Switches the phone off, or on: then it gets the messages that waited.',
      params,
      body: z.strictObject({ off: z.boolean() }),
      answer: done,
      handle: ({ params: { customer }, body: { off } }) => act(customer, () => phones.setOff(customer, off)),
    }),
    setBlocked: mockRoute({
      method: 'PUT',
      path: '/phones/:customer/blocked',
      summary: 'The customer blocks the business, or no longer does.',
      params,
      body: z.strictObject({ blocked: z.boolean() }),
      answer: done,
      handle: ({ params: { customer }, body: { blocked } }) =>
        act(customer, () => phones.setBlocking(customer, blocked)),
    }),
  };
}

/** @throws MockRouteError */
function checkCustomer(customer: string): void {
  if (USER_ID.test(customer)) return;
  try {
    parseE164(customer);
  } catch (error) {
    throw error instanceof NotE164Error ? new MockRouteError(400, `path.customer: ${error.message}`) : error;
  }
}
