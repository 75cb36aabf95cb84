import { api } from '../api/api.js';
import type { Entry, ExportForm, SendResult } from '../api/types.js';
import { messageName } from '../message/entries.js';
import { maskedIn, requestOf } from '../send/request.js';
import { go, route } from '../shell/navigation.js';
import { routeHash } from '../shell/routes.js';
import { durationText } from '../ui/format.js';
import { Button } from '../ui/parts.js';
import { attempt, copy, note, warn } from '../ui/toasts.js';

const EXPORTS: readonly (readonly [form: ExportForm, name: string])[] = [
  ['send', 'send command'],
  ['stub', 'stub'],
  ['http-stub', 'HTTP stubs'],
  ['strategy-case', 'strategy case'],
  ['test', 'jest test'],
];

interface ActionsProps {
  readonly entry: Entry;
  readonly isCompared: boolean;
  /** Compares the requests that are opened next with this one, or no longer. */
  onCompare(): void;
}

/** The actions on a request. */
export const Actions = ({ entry, isCompared, onCompare }: ActionsProps) => (
  <div class="detail-actions">
    <Button icon="resend" title="r" onClick={() => attempt(() => resend(entry))}>
      Resend
    </Button>
    <Button icon="edit" title="e" onClick={() => go(routeHash('send', [entry.id]))}>
      Edit &amp; send
    </Button>
    <Button pressed={isCompared} title="Compare the requests that you open next with this one (c)" onClick={onCompare}>
      Compare
    </Button>
    <Button icon="faults" onClick={() => go(routeHash('faults', [], { like: String(entry.id) }))}>
      Fault like this
    </Button>
    <fieldset class="copies">
      <legend>Copy as</legend>
      {EXPORTS.filter(([form]) => form !== 'http-stub' || entry.upstream.length > 0).map(([form, name]) => (
        <Button key={form} onClick={() => copyExport(entry.id, form, name)}>
          {name}
        </Button>
      ))}
      <Button onClick={() => copy('as JSON', () => JSON.stringify(jsonOf(entry), undefined, 2))}>JSON</Button>
    </fieldset>
  </div>
);

/** The comment on a test that failed when it was made. */
const FAILS = /^\/\/ This test fails: (.*)$/m;

async function copyExport(id: number, form: ExportForm, name: string): Promise<void> {
  let why: string | undefined;
  await copy(`as ${name}`, async () => {
    const text = await api.exported(id, form);
    if (form === 'test') why = FAILS.exec(text)?.[1];
    return text;
  });
  if (why !== undefined) warn(`The jest test fails: ${why}`);
}

/** The actions on a selected request, by their keys. */
export const KEY_ACTIONS: Readonly<Record<string, (id: number) => unknown>> = {
  r: (id) => attempt(async () => resend(await api.entry(id))),
  e: (id) => go(routeHash('send', [id])),
};

/** Sends a request again, and shows how the exchange differs. Secrets that the journal masks have to be entered first. */
async function resend(entry: Entry): Promise<void> {
  const { application } = await api.status();
  const request = requestOf(entry, application.name);
  if (maskedIn(request).length > 0) {
    go(routeHash('send', [entry.id]));
    return;
  }
  const result = await api.send(request);
  note(`Sent again: ${resultText(result)} after ${durationText(result.durationMs)}`);
  if (result.entry !== undefined)
    go(routeHash('journal', [result.entry], { ...route.value.query, diff: String(entry.id) }));
}

const resultText = (result: SendResult): string =>
  'reply' in result ? messageName(result.reply.messageId) : result.error;

/** Both messages in the JSON form of `esp-host wire encode`. */
const jsonOf = ({ request, reply }: Entry) => ({ request: request.message, reply: reply?.message ?? null });
