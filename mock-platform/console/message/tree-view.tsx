import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { JsonEntry } from '../api/types.js';
import { countOf } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { copy } from '../ui/toasts.js';
import { copiedText, type TreeRow, treeMove, treeRows } from './tree.js';

/** Lines rendered before the user asks for all. */
const MOST_LINES = 500;

/** Characters of a value shown before the user asks for all. */
const MOST_TEXT = 400;

interface TreeProps {
  readonly label: string;
  readonly entries: readonly JsonEntry[];
  readonly empty?: string;
}

/** A collapsible typed list. */
export function Tree({ label, entries, empty = 'Empty list' }: TreeProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState('0');
  const [whole, setWhole] = useState(false);
  const base = useId();
  const moved = useRef(false);
  const { rows, more } = useMemo(
    () => treeRows(entries, closed, whole ? undefined : MOST_LINES),
    [entries, closed, whole],
  );
  const at = Math.max(
    0,
    rows.findIndex(({ path }) => path === focused),
  );
  useEffect(() => {
    if (moved.current) document.getElementById(`${base}-${focused}`)?.focus();
    moved.current = false;
  }, [base, focused]);
  const toggle = (path: string, close: boolean): void =>
    setClosed((last) => (close ? new Set([...last, path]) : new Set([...last].filter((one) => one !== path))));
  const pressed = (event: KeyboardEvent): void => {
    const move = treeMove(rows, at, event.key);
    if (move === undefined) return;
    event.preventDefault();
    moved.current = true;
    if ('go' in move) setFocused(move.go);
    else if ('open' in move) toggle(move.open, false);
    else toggle(move.close, true);
  };
  if (entries.length === 0) return <p class="empty">{empty}</p>;
  return (
    <>
      <div class="tree" role="tree" aria-label={label} onKeyDown={pressed}>
        {rows.map((row, index) => (
          <Line
            key={row.path}
            row={row}
            id={`${base}-${row.path}`}
            isFocusable={index === at}
            onFocus={() => setFocused(row.path)}
            onToggle={() => toggle(row.path, row.open === true)}
          />
        ))}
      </div>
      {more && (
        <button type="button" class="link-button" onClick={() => setWhole(true)}>
          Show the rest
        </button>
      )}
    </>
  );
}

interface LineProps {
  readonly row: TreeRow;
  readonly id: string;
  readonly isFocusable: boolean;
  onFocus(): void;
  onToggle(): void;
}

function Line({ row, id, isFocusable, onFocus, onToggle }: LineProps) {
  const folds = row.children !== undefined && row.children > 0;
  return (
    <div
      role="treeitem"
      id={id}
      class="tree-line"
      aria-level={row.depth}
      aria-expanded={folds ? row.open : undefined}
      aria-selected={isFocusable}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      tabIndex={isFocusable ? 0 : -1}
      onFocus={onFocus}
      onDblClick={() => folds && onToggle()}
    >
      <span class="tree-key" style={{ paddingLeft: `${(row.depth - 1) * 14}px` }}>
        {folds ? (
          // biome-ignore lint/a11y: the tree item handles the keys
          <span class="fold" onClick={onToggle} />
        ) : (
          <span class="fold-none" />
        )}
        {row.key}
      </span>
      <span class={`type type-${row.type}`}>{row.type}</span>
      {row.value === undefined ? (
        <span class="tree-children">{countOf(row.children ?? 0, 'entry', 'entries')}</span>
      ) : (
        <Value text={row.value} />
      )}
      <button
        type="button"
        class="tree-copy"
        aria-label={`Copy ${row.key}`}
        title={row.value === undefined ? 'Copy the list as JSON' : 'Copy the value'}
        tabIndex={isFocusable ? 0 : -1}
        onClick={() => copy(row.key, () => copiedText(row))}
      >
        <Icon name="copy" />
      </button>
    </div>
  );
}

function Value({ text }: { readonly text: string }) {
  const [whole, setWhole] = useState(false);
  if (text === '') return <span class="tree-value tree-empty">empty</span>;
  if (whole || text.length <= MOST_TEXT) return <span class="tree-value">{text}</span>;
  return (
    <span class="tree-value">
      {text.slice(0, MOST_TEXT)}…{' '}
      <button type="button" class="link-button" tabIndex={-1} onClick={() => setWhole(true)}>
        all {countOf(text.length, 'character')}
      </button>
    </span>
  );
}
