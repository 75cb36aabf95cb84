import { listText } from '../message/entries.js';
import { useStore } from '../state/store.js';
import { clockTime, fullTime } from '../ui/format.js';
import { Button, Panel } from '../ui/parts.js';
import { history, type SentRequest } from './history.js';

interface HistoryProps {
  onChoose(sent: SentRequest): void;
}

/** The requests that were sent before. Choosing one fills the form. */
export function HistoryList({ onChoose }: HistoryProps) {
  const all = useStore(history);
  if (all.length === 0) return null;
  return (
    <Panel
      title="History"
      count={all.length}
      class="send-history"
      tools={
        <Button icon="clear" onClick={() => history.set([])}>
          Forget all
        </Button>
      }
    >
      <ol>
        {all.map((sent) => (
          <li key={sent.at}>
            <button type="button" title="Fill the form with this request" onClick={() => onChoose(sent)}>
              <Line sent={sent} />
            </button>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const Line = ({ sent: { at, request } }: { readonly sent: SentRequest }) => (
  <>
    <time title={fullTime(at)}>{clockTime(at)}</time>
    <span class="sent-method">
      {request.service}.<strong>{request.method}</strong>
    </span>
    <span class="sent-parameters">{listText(request.parameters) || 'no parameters'}</span>
  </>
);
