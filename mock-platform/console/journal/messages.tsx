import type { Entry, FrameAndMessage, JsonMessage } from '../api/types.js';
import { messageEntries, messageName } from '../message/entries.js';
import { Tree } from '../message/tree-view.js';
import { outcomeText } from '../ui/parts.js';

/** Request and reply as collapsible lists. */
export const Messages = ({ entry }: { readonly entry: Entry }) => (
  <div class="messages">
    <Message side="Request" part={entry.request} />
    {entry.reply === null ? (
      <section class="message">
        <h3>Reply</h3>
        <p class="empty">
          {outcomeText(entry.outcome)}
          {entry.why && `: ${entry.why}`}
        </p>
      </section>
    ) : (
      <Message side="Reply" part={entry.reply} />
    )}
  </div>
);

interface MessageProps {
  readonly side: string;
  readonly part: FrameAndMessage;
}

const Message = ({ side, part: { message } }: MessageProps) =>
  message === null ? (
    <section class="message">
      <h3>{side}</h3>
      <p class="empty">Its lists are invalid. The Frame tab shows the bytes.</p>
    </section>
  ) : (
    <Lists side={side} message={message} />
  );

const Lists = ({ side, message }: { readonly side: string; readonly message: JsonMessage }) => (
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
