import { useState } from 'preact/hooks';
import type { Summary } from '../api/types.js';
import { ConfirmedButton, Dialog } from '../ui/dialog.js';
import { countText } from '../ui/format.js';
import { Button } from '../ui/parts.js';
import { ColumnsDialog } from './columns-dialog.js';
import { FilterField } from './filter-field.js';

interface ToolbarProps {
  readonly filter: string;
  readonly problems: readonly string[];
  readonly entries: readonly Summary[];
  /** The number of requests since the list was paused; undefined: not paused. */
  readonly missed: number | undefined;
  onFilter(text: string): void;
  onPause(): void;
  onClear(): void;
}

export function Toolbar({ filter, problems, entries, missed, onFilter, onPause, onClear }: ToolbarProps) {
  const [help, setHelp] = useState(false);
  const [choice, setChoice] = useState(false);
  return (
    <div class="toolbar" role="toolbar" aria-label="Journal">
      <FilterField value={filter} problems={problems} entries={entries} onChange={onFilter} />
      <Button label="Filter syntax" onClick={() => setHelp(true)}>
        ?
      </Button>
      <Button icon="columns" label="Columns and times" onClick={() => setChoice(true)} />
      <Button icon={missed === undefined ? 'pause' : 'play'} pressed={missed !== undefined} title="p" onClick={onPause}>
        {missed === undefined ? 'Pause' : `Resume${missed > 0 ? ` (${countText(missed)} new)` : ''}`}
      </Button>
      <ConfirmedButton
        icon="clear"
        title="Clear the journal of the platform"
        label="Clear"
        question="Clear the journal?"
        action="Clear"
        onConfirm={onClear}
      >
        This removes all requests from the platform, for everybody who looks at them.
      </ConfirmedButton>
      {choice && <ColumnsDialog onClose={() => setChoice(false)} />}
      {help && <FilterHelp onClose={() => setHelp(false)} />}
    </div>
  );
}

const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  ['invalid "two words"', 'texts in the request, the reply, the log lines and the upstream calls, in any case'],
  ['service:Messaging', 'part of the service name'],
  ['method:validate', 'part of the method name'],
  ['outcome:fault', 'response, fault, none (no reply), lost (connection), pending'],
  ['code:904, code:900-920', 'the FaultCode'],
  ['since:5m, until:14:05', 'the time: ago in s, m or h, or of today'],
  ['client:50123', 'part of the client address, or of what it came through'],
  ['application:Billing', 'part of the name of the answering application'],
  ['Id=+1631, Tags.x=1, -Id=', 'a parameter of the request or the reply that contains a text; none of the name'],
  ['log:refused, upstream:/v1/', 'in a log line, in an upstream call'],
  ['stub:name, injected:delay', 'answered by a stub, affected by an injected fault'],
  ['stub:*, injected:*, log:*', 'by any stub, by any injected fault, with log lines'],
  ['ms:>100, ms:<5', 'slower, faster'],
  ['id:17', 'one request'],
  ['-outcome:response', 'a minus negates a term'],
  ['code:904 or ms:>100', 'the terms on either side of or'],
];

const FilterHelp = ({ onClose }: { onClose(): void }) => (
  <Dialog title="Filter syntax" onClose={onClose}>
    <p>All terms must match, or all those on one side of an or.</p>
    <dl class="keys keys-wide">
      {TERMS.map(([term, meaning]) => (
        <div key={term}>
          <dt>
            <code>{term}</code>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
