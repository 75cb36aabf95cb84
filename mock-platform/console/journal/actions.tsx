import { api } from '../api/api.js';
import type { Entry, ExportForm, SendResult } from '../api/types.js';
import { messageName } from '../message/entries.js';
import { requestOf } from '../send/request.js';
import { go } from '../shell/navigation.js';
import { routeHash } from '../shell/routes.js';
import { durationText } from '../ui/format.js';
import { Button } from '../ui/parts.js';
import { attempt, copy, note } from '../ui/toasts.js';

const EXPORTS: readonly (readonly [form: ExportForm, name: string])[] = [
  ['send', 'send command'],
  ['stub', 'stub'],
  ['http-stub', 'HTTP stubs'],
  ['strategy-case', 'strategy case'],
  ['test', 'jest test'],
];

/** The actions on a request. */
export const Actions = ({ entry }: { readonly entry: Entry }) => (
  <div class="detail-actions">
    <Button icon="resend" onClick={() => attempt(() => resend(entry))}>
      Resend
    </Button>
    <Button icon="edit" onClick={() => go(routeHash('send', [entry.id]))}>
      Edit &amp; send
    </Button>
    <fieldset class="copies">
      <legend>Copy as</legend>
      {EXPORTS.filter(([form]) => form !== 'http-stub' || entry.upstream.length > 0).map(([form, name]) => (
        <Button key={form} onClick={() => copy(`as ${name}`, () => api.exported(entry.id, form))}>
          {name}
        </Button>
      ))}
      <Button onClick={() => copy('as JSON', () => JSON.stringify(jsonOf(entry), undefined, 2))}>JSON</Button>
    </fieldset>
  </div>
);

async function resend(entry: Entry): Promise<void> {
  const { application } = await api.status();
  const result = await api.send(requestOf(entry, application.name));
  note(`Sent again: ${resultText(result)} after ${durationText(result.durationMs)}`);
}

const resultText = (result: SendResult): string =>
  'reply' in result ? messageName(result.reply.messageId) : result.error;

/** Both messages in the JSON form of `esp-host wire encode`. */
const jsonOf = ({ request, reply }: Entry) => ({ request: request.message, reply: reply?.message ?? null });
