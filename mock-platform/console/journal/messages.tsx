import type { Entry, FrameAndMessage } from '../api/types.js';
import { messageEntries, messageName } from '../message/entries.js';
import { Tree } from '../message/tree-view.js';
import { outcomeText } from '../ui/parts.js';

/** Request and reply as lists that unfold. */
export const Messages = ({ entry }: { readonly entry: Entry }) => (
  <div class="messages">
    <Message side="Request" part={entry.request} />
    {entry.reply === null ? (
      <section class="message">
        <h3>Reply</h3>
        <p class="empty">{outcomeText(entry.outcome)}</p>
      </section>
    ) : (
      <Message side="Reply" part={entry.reply} />
    )}
  </div>
);

const Message = ({ side, part: { message } }: { readonly side: string; readonly part: FrameAndMessage }) => (
  <section class="message">
    <h3>
      {messageName(message.messageId)}
      <span class="message-reference">
        {message.referenceId === null ? 'without ReferenceId' : `ReferenceId ${message.referenceId}`}
      </span>
    </h3>
    <Tree label={`${side}: ${messageName(message.messageId)}`} entries={messageEntries(message)} empty="No lists" />
  </section>
);
