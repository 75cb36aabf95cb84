import { useState } from 'preact/hooks';
import { api } from '../api/api.js';
import { countOf } from '../ui/format.js';
import { Button, Empty, Panel } from '../ui/parts.js';
import { e164 } from './numbers.js';

interface DirectoryProps {
  readonly numbers: readonly string[];
  /** Runs `work`. Resolves to whether it succeeded. */
  act(work: () => Promise<unknown>): Promise<boolean>;
}

/** How many numbers are rendered; search finds the others. */
const MOST = 200;

/** The numbers on WhatsApp. */
export function Directory({ numbers, act }: DirectoryProps) {
  const [search, setSearch] = useState('');
  const wanted = search.replaceAll(/[^\d]/g, '');
  const found = numbers.filter((number) => number.includes(wanted));
  return (
    <Panel title="Directory" count={numbers.length}>
      <AddNumber numbers={numbers} act={act} />
      <input
        class="directory-search"
        type="search"
        data-filter
        aria-label="Search the directory"
        placeholder="Search"
        value={search}
        onInput={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      <ul class="numbers">
        {found.slice(0, MOST).map((number) => (
          <li key={number}>
            <code>{number}</code>
            <Button icon="close" label={`Remove ${number}`} onClick={() => act(() => api.removeNumber(number))} />
          </li>
        ))}
      </ul>
      {found.length === 0 && <Empty>{numbers.length === 0 ? 'No numbers yet.' : 'No matching number.'}</Empty>}
      {found.length > MOST && <p class="hint">and {countOf(found.length - MOST, 'more number')}</p>}
    </Panel>
  );
}

function AddNumber({ numbers, act }: DirectoryProps) {
  const [text, setText] = useState('');
  const number = e164(text);
  const problem = problemOf(text, number, numbers);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (number !== undefined && (await act(() => api.addNumber(number)))) setText('');
  };
  return (
    <form class="add-number" onSubmit={submit}>
      <input
        aria-label="Number to add"
        aria-describedby="add-number-problem"
        placeholder="+1 631 555 1002"
        inputMode="tel"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Button type="submit" icon="add" disabled={text === '' || problem !== undefined}>
        Add
      </Button>
      <p class="hint" id="add-number-problem" role="status">
        {problem}
      </p>
    </form>
  );
}

function problemOf(text: string, number: string | undefined, numbers: readonly string[]): string | undefined {
  if (text === '') return undefined;
  if (number === undefined) return 'Enter a plus, the country code and the number: +16315551002';
  return numbers.includes(number) ? `${number} is already in the directory` : undefined;
}
