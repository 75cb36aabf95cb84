import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { MOST_CHARACTERS } from '../../filter/index.js';
import type { Summary } from '../api/types.js';
import { type Completion, completed, completionOf } from './completion.js';

interface FilterFieldProps {
  readonly value: string;
  readonly problems: readonly string[];
  /** What completes the names of parameters and the values of terms. */
  readonly entries: readonly Summary[];
  onChange(text: string): void;
}

/** Its completions are not those of a datalist. */
const WITHOUT_LIST = { list: undefined } as const;

/** The filter. Completes terms, parameters and values: Down chooses, and Enter or Tab takes. */
export function FilterField({ value, problems, entries, onChange }: FilterFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const caret = useRef<number | undefined>(undefined);
  const [completion, setCompletion] = useState<Completion>();
  const [chosen, setChosen] = useState(-1);
  const show = (next: Completion | undefined): void => {
    setCompletion(next);
    setChosen(-1);
  };
  useLayoutEffect(() => {
    if (caret.current !== undefined) input.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [value]);
  const typed = ({ currentTarget: { value: text, selectionStart } }: { currentTarget: HTMLInputElement }): void => {
    onChange(text);
    show(completionOf(text, selectionStart ?? text.length, entries));
  };
  const take = (option: string): void => {
    if (completion === undefined) return;
    const next = completed(value, completion, option);
    caret.current = next.caret;
    onChange(next.text);
    show(completionOf(next.text, next.caret, entries));
    input.current?.focus();
  };
  const pressed = (event: KeyboardEvent): void => {
    const options = completion?.options ?? [];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = options[chosen];
    if (completion !== undefined && step !== undefined) {
      setChosen((at) => Math.min(options.length - 1, Math.max(-1, at + step)));
    } else if (completion !== undefined && event.key === 'Escape') show(undefined);
    else if (option !== undefined && (event.key === 'Enter' || event.key === 'Tab')) take(option);
    else if (['Escape', 'Enter', 'ArrowDown'].includes(event.key)) toList();
    else return;
    event.preventDefault();
  };
  return (
    <div class="filter">
      <input
        ref={input}
        type="search"
        role="combobox"
        {...WITHOUT_LIST}
        data-filter
        aria-label="Filter"
        aria-autocomplete="list"
        aria-expanded={completion !== undefined}
        aria-controls={`${id}-options`}
        aria-activedescendant={chosen < 0 ? undefined : `${id}-${chosen}`}
        aria-describedby="filter-problems"
        aria-invalid={problems.length > 0}
        placeholder="Filter: text, service: method: outcome:fault code:904 Id=+1631 log: ms:>100"
        value={value}
        maxLength={MOST_CHARACTERS}
        spellcheck={false}
        autocomplete="off"
        onInput={typed}
        onKeyDown={pressed}
        onBlur={() => show(undefined)}
      />
      <kbd>/</kbd>
      <div class="filter-options" id={`${id}-options`} role="listbox" aria-label="Completions" hidden={!completion}>
        {completion?.options.map((option, index) => (
          <div
            key={option}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            tabIndex={-1}
            onMouseDown={(event) => {
              event.preventDefault();
              take(option);
            }}
          >
            {option}
          </div>
        ))}
      </div>
      <p class="filter-problems" id="filter-problems" role="status">
        {completion === undefined ? problems.join('; ') : ''}
      </p>
    </div>
  );
}

/** Moves the focus from the filter to the list. */
const toList = (): void => document.querySelector<HTMLElement>('[data-grid]')?.focus();
