import { useEffect, useRef, useState } from 'preact/hooks';
import type { PanelAction, PanelConversations } from '../api/types.js';
import { fieldsOf } from '../form/schema.js';
import { clockTime, countOf, fullTime } from '../ui/format.js';
import { Button, Empty } from '../ui/parts.js';
import { attempt } from '../ui/toasts.js';
import { ActionForm, type Run } from './action-form.js';
import { type Message, type MessageState, messagesOf, unreadIn } from './messages.js';
import { type RowAction, RowActions, RowDialog } from './row-actions.js';
import { Value } from './value.js';
import { type Data, hasAction, requestOf, textOf } from './values.js';

interface ConversationsProps {
  readonly title: string;
  readonly definition: PanelConversations;
  readonly rows: readonly Data[];
  readonly run: Run;
  /** The name of the chosen conversation. @default the first */
  readonly chosen: string | undefined;
  onChoose(name: string): void;
}

/** How many conversations are listed. */
const MOST = 200;

/** A list of conversations, and the one that is chosen. */
export function Conversations({ title, definition, rows, run, chosen, onChoose }: ConversationsProps) {
  const [open, setOpen] = useState<RowAction>();
  const nameOf = (row: Data): string => textOf(row[definition.title]);
  // A new message in another conversation must not take the place of the one that is shown.
  const first = useRef<string | undefined>(undefined);
  const named = (name: string | undefined): Data | undefined => rows.find((row) => nameOf(row) === name);
  const shown = named(chosen) ?? named(first.current) ?? rows[0];
  if (shown === undefined) return <Empty>{definition.empty}</Empty>;
  first.current = nameOf(shown);
  return (
    <div class="conversations">
      <ul class="conversation-list" aria-label={title}>
        {rows.slice(0, MOST).map((row) => (
          <li key={nameOf(row)}>
            <ListedConversation
              name={nameOf(row)}
              messages={messagesOf(row, definition.messages)}
              isShown={row === shown}
              onChoose={() => onChoose(nameOf(row))}
            />
          </li>
        ))}
      </ul>
      <Conversation key={nameOf(shown)} {...{ definition, run }} row={shown} name={nameOf(shown)} onOpen={setOpen} />
      <RowDialog open={open} run={run} onClose={() => setOpen(undefined)} />
    </div>
  );
}

interface ListedProps {
  readonly name: string;
  readonly messages: readonly Message[];
  readonly isShown: boolean;
  onChoose(): void;
}

function ListedConversation({ name, messages, isShown, onChoose }: ListedProps) {
  const last = messages.at(-1);
  const unread = unreadIn(messages);
  return (
    <button type="button" class="conversation-item" aria-current={isShown} onClick={onChoose}>
      <span class="conversation-name">{name}</span>
      {last && <time class="conversation-time">{clockTime(last.at).slice(0, 5)}</time>}
      <span class="conversation-last">{last?.text ?? 'No messages'}</span>
      {unread > 0 && (
        <span class="conversation-unread">
          {unread}
          <span class="unseen"> unread</span>
        </span>
      )}
    </button>
  );
}

interface ConversationProps {
  readonly definition: PanelConversations;
  readonly row: Data;
  readonly name: string;
  readonly run: Run;
  onOpen(action: RowAction): void;
}

function Conversation({ definition, row, name, run, onOpen }: ConversationProps) {
  const { fields, actions, write, choose, messages: key } = definition;
  const messages = messagesOf(row, key);
  const answer = (message: Message, choice: string): void => {
    if (choose !== null) void attempt(() => run(requestOf(choose, { ...row, message: message.id, choice }, {})));
  };
  return (
    <section class="conversation" aria-label={name}>
      <header class="conversation-head">
        <h3>{name}</h3>
        {fields.map((field) => (
          <Value key={field.title} field={field} value={row[field.value]} />
        ))}
        <RowActions {...{ actions, row, name, run, onOpen }} />
      </header>
      <Messages
        name={name}
        messages={messages}
        onAnswer={choose !== null && hasAction(choose, row) ? answer : undefined}
      />
      {write !== null && hasAction(write, row) && (
        <div class="conversation-write">
          <WriteForm action={write} row={row} name={name} run={run} />
        </div>
      )}
    </section>
  );
}

interface WriteFormProps {
  readonly action: PanelAction;
  readonly row: Data;
  readonly name: string;
  readonly run: Run;
}

/** The form to write a message: one line, unless the action asks for more than a text. */
function WriteForm({ action, row, name, run }: WriteFormProps) {
  const [text, setText] = useState('');
  const [field, ...others] = fieldsOf(action.form ?? {});
  if (field?.kind !== 'text' || others.length > 0) return <ActionForm action={action} source={row} run={run} />;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text.trim() === '') return;
    await attempt(async () => {
      await run(requestOf(action, row, { [field.name]: text }));
      setText('');
    });
  };
  return (
    <form class="conversation-line" aria-label={`${action.title} as ${name}`} onSubmit={submit}>
      <input
        aria-label={`Message of ${name}`}
        placeholder="Message"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Button type="submit" disabled={text.trim() === ''}>
        {action.title}
      </Button>
    </form>
  );
}

interface MessagesProps {
  readonly name: string;
  readonly messages: readonly Message[];
  /** Undefined if no message can be answered with a choice. */
  readonly onAnswer: ((message: Message, choice: string) => void) | undefined;
}

/** The messages, oldest first. Scrolls to each new one. */
function Messages({ name, messages, onAnswer }: MessagesProps) {
  const ref = useRef<HTMLDivElement>(null);
  const last = messages.at(-1)?.id;
  useEffect(() => {
    if (ref.current !== null && last !== undefined) ref.current.scrollTop = ref.current.scrollHeight;
  }, [last]);
  return (
    <div class="messages" ref={ref} role="log" aria-label={`Messages of ${name}`} tabIndex={0}>
      {messages.length === 0 && <p class="empty">No messages yet.</p>}
      <ol>
        {messages.map((message) => (
          <li key={message.id} class={message.own ? 'message-own' : 'message-other'}>
            <Bubble message={message} onAnswer={onAnswer} />
          </li>
        ))}
      </ol>
    </div>
  );
}

interface BubbleProps extends Pick<MessagesProps, 'onAnswer'> {
  readonly message: Message;
}

function Bubble({ message, onAnswer }: BubbleProps) {
  const { at, own, title, text, choices, state, note, entry } = message;
  return (
    <article class={state === 'failed' ? 'bubble bubble-failed' : 'bubble'}>
      <p class="unseen">{own ? 'Written here:' : 'Received:'}</p>
      {title && <p class="bubble-title">{title}</p>}
      <p class="bubble-text">{text}</p>
      <p class="bubble-foot">
        {entry !== undefined && <Value field={ENTRY} value={entry} />}
        <time title={fullTime(at)}>{clockTime(at).slice(0, 8)}</time>
        {state && <Ticks state={state} />}
      </p>
      {note && <p class="bubble-note">{note}</p>}
      {choices.length > 0 && state !== 'failed' && (
        <ul class="bubble-choices" aria-label={countOf(choices.length, 'button')}>
          {choices.map((choice) => (
            <li key={choice.title}>
              {choice.answers ? (
                <Button disabled={onAnswer === undefined} onClick={() => onAnswer?.(message, choice.title)}>
                  {choice.title}
                </Button>
              ) : (
                <span class="bubble-link">{choice.title}</span>
              )}
              {choice.note && <span class="hint">{choice.note}</span>}
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

const ENTRY = { title: 'Request', value: 'entry', as: 'entry', good: [] } as const;

const ONE_TICK = 'M1.500 8.500l3.500 3.500 7-8';
const TWO_TICKS = `${ONE_TICK}M8 11.200l.8.800 7-8`;

/** Where a message is: one tick, two, two in colour, or the word. */
const Ticks = ({ state }: { readonly state: MessageState }) => (
  <span class={`ticks ticks-${state}`} title={state}>
    {state !== 'failed' && (
      <svg class="icon" viewBox="0 0 17 16" width="17" height="16" aria-hidden="true">
        <path d={state === 'sent' ? ONE_TICK : TWO_TICKS} />
      </svg>
    )}
    <span class={state === 'failed' ? '' : 'unseen'}>{state}</span>
  </span>
);
