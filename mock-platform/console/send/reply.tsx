import type { JsonMessage, Outcome, SendResult } from '../api/types.js';
import { EntryDiff } from '../diff/entry-diff.js';
import { find, findList, messageEntries, messageName } from '../message/entries.js';
import { Tree } from '../message/tree-view.js';
import { routeHash } from '../shell/routes.js';
import { durationText } from '../ui/format.js';
import { Empty, OutcomeChip, Problem } from '../ui/parts.js';
import type { Sent } from './send-view.js';

interface ReplyProps {
  readonly sent: Sent | undefined;
  /** Why sending failed. */
  readonly problem: string | undefined;
}

/** The result of the last request. */
export const Reply = ({ sent, problem }: ReplyProps) => (
  <>
    <header class="panel-head">
      <h2>Reply</h2>
      {sent?.result !== undefined && <Result result={sent.result} />}
      {sent?.result?.entry !== undefined && <EntryLink id={sent.result.entry} />}
    </header>
    <div class="panel-body">
      {problem === undefined ? <Body sent={sent} /> : <Problem>{problem}</Problem>}
      {sent?.origin !== undefined && sent.result?.entry !== undefined && (
        <EntryDiff before={sent.origin} after={sent.result.entry} />
      )}
    </div>
  </>
);

const Result = ({ result }: { readonly result: SendResult }) => (
  <>
    {'reply' in result && <OutcomeChip outcome={outcomeOf(result.reply)} code={faultOf(result.reply).code} />}
    <span class="detail-latency">{durationText(result.durationMs)}</span>
  </>
);

function Body({ sent }: { readonly sent: Sent | undefined }) {
  if (sent === undefined) return <Empty>Nothing sent yet.</Empty>;
  if (sent.result === undefined) return <Empty>Waiting for the reply…</Empty>;
  return 'reply' in sent.result ? <Message message={sent.result.reply} /> : <Problem>{sent.result.error}</Problem>;
}

const outcomeOf = ({ messageId }: JsonMessage): Outcome => (messageId === 502 ? 'fault' : 'response');

function faultOf(message: JsonMessage): { code: string | undefined; text: string | undefined } {
  const parameters = findList(message.request, 'Parameters');
  const read = (key: string): string | undefined => find(parameters, key) ?? find(message.request, key);
  return message.messageId === 502
    ? { code: read('FaultCode'), text: read('FaultString') }
    : { code: undefined, text: undefined };
}

function Message({ message }: { readonly message: JsonMessage }) {
  const { text } = faultOf(message);
  const name = messageName(message.messageId);
  return (
    <>
      {text !== undefined && <p class="detail-fault">{text}</p>}
      <h3>
        {name}
        <span class="message-reference">ReferenceId {message.referenceId ?? 'missing'}</span>
      </h3>
      <Tree label={name} entries={messageEntries(message)} empty="No lists" />
    </>
  );
}

const EntryLink = ({ id }: { readonly id: number }) => (
  <a class="entry-link" href={routeHash('journal', [id])}>
    #{id} in the journal
  </a>
);
