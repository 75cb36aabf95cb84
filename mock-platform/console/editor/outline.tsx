import { useMemo, useRef } from 'preact/hooks';
import { Button } from '../ui/parts.js';
import { added, moved, NEW_NAME, NEW_STUBS, outlineOf, switched } from './stub-text.js';

interface OutlineProps {
  readonly kind: 'stubs' | 'http-stubs';
  readonly text: string;
  onText(text: string): void;
  /** Selects `length` characters from the column. */
  onShow(line: number, column: number, length: number): void;
}

/** The stubs of a file, to go to, add, move, and switch off. */
export function Outline({ kind, text, onText, onShow }: OutlineProps) {
  const current = useMemo(() => outlineOf(text), [text]);
  const last = useRef(current);
  last.current = current ?? last.current;
  // While the text is not YAML, as in the middle of a word, the outline stays, so that the editor does not jump.
  const stubs = last.current ?? [];
  const add = (): void => {
    const next = added(text, NEW_STUBS[kind]);
    onText(next);
    const line = outlineOf(next)?.[0]?.line ?? 1;
    // The name is what is typed first.
    onShow(line, (next.split('\n')[line - 1]?.indexOf(NEW_NAME) ?? 0) + 1, NEW_NAME.length);
  };
  return (
    <fieldset class="outline" disabled={current === undefined}>
      <legend class="unseen">Stubs of the file</legend>
      <Button icon="add" title="Before the others: the first stub that matches answers" onClick={add}>
        Add a stub
      </Button>
      <ol>
        {stubs.map(({ name, line, disabled }, index) => (
          <li key={`${index} ${name}`} class={disabled ? 'outline-off' : undefined}>
            <input
              type="checkbox"
              aria-label={`${name} is on`}
              title={disabled ? 'Switch on' : 'Switch off'}
              checked={!disabled}
              onChange={() => onText(switched(text, index, !disabled))}
            />
            <button type="button" class="link-button" onClick={() => onShow(line, 1, 0)}>
              {name}
            </button>
            <Button
              icon="up"
              label={`Move ${name} up`}
              disabled={index === 0}
              onClick={() => onText(moved(text, index, -1))}
            />
            <Button
              icon="down"
              label={`Move ${name} down`}
              disabled={index === stubs.length - 1}
              onClick={() => onText(moved(text, index, 1))}
            />
          </li>
        ))}
      </ol>
    </fieldset>
  );
}
