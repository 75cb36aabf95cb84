import { useId, useMemo } from 'preact/hooks';
import type { FrameAndMessage } from '../api/types.js';
import { messageEntries, messageName } from '../message/entries.js';
import { Tree } from '../message/tree-view.js';
import { countOf } from '../ui/format.js';
import { Button, Segments } from '../ui/parts.js';
import { copy } from '../ui/toasts.js';
import { Frame } from './frame.js';
import { HexFrame } from './hex.js';

const FORMS = [
  { value: 'list', text: 'List' },
  { value: 'bytes', text: 'Bytes' },
] as const;

interface MessageProps {
  readonly side: 'Request' | 'Reply';
  readonly part: FrameAndMessage;
  readonly as: 'list' | 'bytes';
  onAs(as: 'list' | 'bytes'): void;
}

/** A message as a collapsible list, or as its bytes with their meaning. */
export function MessageContent({ side, part, as, onAs }: MessageProps) {
  const name = useId();
  const frame = useMemo(() => new HexFrame(part.hex, part.ranges), [part]);
  return (
    <>
      <div class="message-tools">
        <Segments label={`${side} as`} name={name} choices={FORMS} value={as} onChange={onAs} />
        <span class="message-reference">{titleOf(part)}</span>
        <span class="frame-size">{countOf(frame.length, 'byte')}</span>
        <Button icon="copy" title="Copy the frame as hex" onClick={() => copy('the frame as hex', () => frame.hex)}>
          Hex
        </Button>
      </div>
      {as === 'bytes' ? <Frame frame={frame} /> : <Lists side={side} part={part} />}
    </>
  );
}

function titleOf({ message }: FrameAndMessage): string {
  if (message === null) return '';
  const { messageId, referenceId } = message;
  return `${messageName(messageId)}, ${referenceId === null ? 'without ReferenceId' : `ReferenceId ${referenceId}`}`;
}

const Lists = ({ side, part: { message } }: { readonly side: string; readonly part: FrameAndMessage }) =>
  message === null ? (
    <p class="empty">Its lists are invalid. The bytes show why.</p>
  ) : (
    <Tree label={`${side}: ${messageName(message.messageId)}`} entries={messageEntries(message)} empty="No lists" />
  );
