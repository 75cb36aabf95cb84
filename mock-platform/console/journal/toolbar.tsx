import { useState } from 'preact/hooks';
import { countText } from '../ui/format.js';
import { Button } from '../ui/parts.js';
import { FilterHelp } from './filter-help.js';

interface ToolbarProps {
  readonly filter: string;
  readonly problems: readonly string[];
  /** How many requests came since the list was paused; undefined: it is not. */
  readonly missed: number | undefined;
  onFilter(text: string): void;
  onPause(): void;
  onClear(): void;
}

export function Toolbar({ filter, problems, missed, onFilter, onPause, onClear }: ToolbarProps) {
  const [help, setHelp] = useState(false);
  return (
    <div class="toolbar" role="toolbar" aria-label="Journal">
      <div class="filter">
        <input
          type="search"
          data-filter
          aria-label="Filter"
          aria-describedby="filter-problems"
          aria-invalid={problems.length > 0}
          placeholder="Filter: text, service: method: outcome:fault code:904 client: ms:>100"
          value={filter}
          spellcheck={false}
          autocomplete="off"
          onInput={({ currentTarget }) => onFilter(currentTarget.value)}
          onKeyDown={leaveFilter}
        />
        <kbd>/</kbd>
        <p class="filter-problems" id="filter-problems" role="status">
          {problems.join('; ')}
        </p>
      </div>
      <Button label="What a filter can say" onClick={() => setHelp(true)}>
        ?
      </Button>
      <Button icon={missed === undefined ? 'pause' : 'play'} pressed={missed !== undefined} title="p" onClick={onPause}>
        {missed === undefined ? 'Pause' : `Resume${missed > 0 ? ` (${countText(missed)} new)` : ''}`}
      </Button>
      <Button icon="clear" title="Empty the journal of the platform" onClick={onClear}>
        Clear
      </Button>
      {help && <FilterHelp onClose={() => setHelp(false)} />}
    </div>
  );
}

/** Esc, Enter and the arrow down lead from the filter to the list. */
function leaveFilter(event: KeyboardEvent): void {
  if (!['Escape', 'Enter', 'ArrowDown'].includes(event.key)) return;
  event.preventDefault();
  document.querySelector<HTMLElement>('[data-grid]')?.focus();
}
