import { Component, type ComponentChild, Fragment, type RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { JsonEntry, Outcome, Summary } from '../api/types.js';
import { useWindow } from '../list/use-window.js';
import { MOST_ROWS, rowAfterKey, topAfterAdding } from '../list/window.js';
import { entryValueText, isRightToLeft, keyText, oneLine } from '../message/entries.js';
import { hasOwnKeys, isTyping } from '../shell/keyboard.js';
import { kept, useStore } from '../state/store.js';
import { clockTime, durationText, times } from '../ui/format.js';
import { outcomeText } from '../ui/parts.js';
import { type Column, columns, columnsIn, titleOf, tracksOf } from './columns.js';
import { addedOnTop, indexOfId } from './entry-list.js';

export const ROW_HEIGHT = 26;
const HEADER_HEIGHT = 28;

/** Keys with an underscore, such as that of the channel, are much the same in every row: the others come first. */
const ownFirst = (entries: readonly JsonEntry[]): JsonEntry[] =>
  entries.toSorted(([one], [other]) => Number(keyText(one).startsWith('_')) - Number(keyText(other).startsWith('_')));

interface GridProps {
  /** Newest first. */
  readonly entries: readonly Summary[];
  readonly selected: number | undefined;
  onSelect(id: number): void;
  onOpen(id: number): void;
}

/** The list of requests. Only visible rows are in the page. */
export function JournalGrid({ entries, selected, onSelect, onOpen }: GridProps) {
  const windowed = useWindow(entries.length, ROW_HEIGHT, HEADER_HEIGHT);
  const { ref, window: shown, rowsSeen, onScroll } = windowed;
  const at = indexOfId(entries, selected);
  useKeepPlace(entries, windowed.moveTop);
  const inPlace = useLastPlace(ref, entries, selected, windowed.moveTop);
  // scroll only when the selection changes, not its position
  useLayoutEffect(() => {
    if (at < 0) return;
    if (inPlace.current !== selected) windowed.see(at);
    inPlace.current = undefined;
  }, [selected, at >= 0]);
  useGridKeys(ref, (key) => {
    const target = entries[rowAfterKey(key, at, entries.length, rowsSeen) ?? -1];
    if (target !== undefined) onSelect(target.id);
    else if (key === 'Enter' && selected !== undefined && at >= 0) onOpen(selected);
    else return false;
    return true;
  });
  const zone = useStore(times);
  const chosen = useStore(columns);
  const cells = useMemo(() => columnsIn(chosen), [chosen]);
  const isDrawn = at >= shown.first && at < shown.end;
  return (
    <div
      ref={ref}
      class="grid"
      role="grid"
      aria-label="Requests, newest first"
      aria-rowcount={entries.length + 1}
      aria-activedescendant={isDrawn ? rowId(selected) : undefined}
      data-grid
      tabIndex={0}
      style={tracksOf(cells)}
      onScroll={onScroll}
    >
      <div role="rowgroup" class="grid-head">
        <div role="row" class="grid-row" aria-rowindex={1}>
          {cells.map((id) => (
            <span key={id} role="columnheader" class={`cell cell-${id}`}>
              {id === 'time' && zone === 'utc' ? 'UTC time' : titleOf(id)}
            </span>
          ))}
        </div>
      </div>
      {/* The rows are new with other columns or times: they render only after a change of their entry. */}
      <div
        key={`${chosen} ${zone}`}
        role="rowgroup"
        class="grid-body"
        style={{ height: `${entries.length * ROW_HEIGHT}px` }}
      >
        {inSlots(entries.slice(shown.first, shown.end)).map(([slot, entry], index) => (
          <Row
            key={slot}
            entry={entry}
            columns={cells}
            index={shown.first + index}
            isSelected={entry.id === selected}
            onOpen={onOpen}
          />
        ))}
      </div>
    </div>
  );
}

/**
 * A key for each row in the page, so that an element that leaves at one end is reused at the other. That is faster than
 * creating a new one.
 */
function inSlots(entries: readonly Summary[]): readonly (readonly [slot: number | string, entry: Summary])[] {
  const taken = new Set<number>();
  return entries.map((entry) => {
    const slot = entry.id % MOST_ROWS;
    if (taken.has(slot)) return [`entry ${entry.id}`, entry];
    taken.add(slot);
    return [slot, entry];
  });
}

const rowId = (id: number | undefined): string => `request-${id}`;

/** Keeps the visible rows in place while others arrive above them. */
function useKeepPlace(entries: readonly Summary[], moveTop: (change: (top: number) => number) => void): void {
  const before = useRef(entries);
  useLayoutEffect(() => {
    const added = addedOnTop(before.current, entries);
    before.current = entries;
    if (added > 0) moveTop((top) => topAfterAdding(top, added, ROW_HEIGHT));
  }, [entries, moveTop]);
}

/** The first visible row when the view was left, and what was selected then. */
const lastPlace = kept<{ readonly id?: number; readonly offset?: number; readonly selected?: number | undefined }>(
  'journal-place',
  {},
);

/**
 * Scrolls to where the list was when the view or the page was left, once that row is loaded. @returns what was selected
 * there: it need not be scrolled to
 */
function useLastPlace(
  ref: RefObject<HTMLDivElement | null>,
  entries: readonly Summary[],
  selected: number | undefined,
  moveTop: (change: (top: number) => number) => void,
): RefObject<number | undefined> {
  const wanted = useRef(lastPlace.value.selected === selected ? lastPlace.value : {});
  const inPlace = useRef(wanted.current.id === undefined ? undefined : selected);
  const latest = useRef({ entries, selected });
  latest.current = { entries, selected };
  useLayoutEffect(() => {
    const { id, offset = 0 } = wanted.current;
    const at = indexOfId(entries, id);
    if (at < 0) return;
    wanted.current = {};
    // The user may have scrolled meanwhile.
    moveTop((top) => (top > 0 ? top : at * ROW_HEIGHT + offset));
  }, [entries, moveTop]);
  useLayoutEffect(() => {
    const grid = ref.current;
    const leave = (): void => lastPlace.set(placeAt(grid?.scrollTop ?? 0, latest.current));
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, [ref]);
  return inPlace;
}

/** At the top, the list stays with the newest. */
function placeAt(top: number, now: { readonly entries: readonly Summary[]; readonly selected: number | undefined }) {
  const id = top > 0 ? now.entries[Math.floor(top / ROW_HEIGHT)]?.id : undefined;
  return id === undefined ? {} : { id, offset: top % ROW_HEIGHT, selected: now.selected };
}

/** The list's keys work wherever the focused element doesn't use them. `take` returns whether it used the key. */
function useGridKeys(ref: RefObject<HTMLDivElement | null>, take: (key: string) => boolean): void {
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const inGrid = event.target instanceof Node && ref.current?.contains(event.target) === true;
      const isOurs = inGrid || event.key === 'j' || event.key === 'k' ? !isTyping(event) : !hasOwnKeys(event);
      if (event.defaultPrevented || event.shiftKey || !isOurs || !take(event.key)) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  });
}

interface RowProps {
  readonly entry: Summary;
  readonly columns: readonly Column[];
  readonly index: number;
  readonly isSelected: boolean;
  onOpen(id: number): void;
}

/** Renders only after a change: scrolling must stay cheap. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { entry, index, isSelected, onOpen } = this.props;
    return next.entry !== entry || next.index !== index || next.isSelected !== isSelected || next.onOpen !== onOpen;
  }

  override render({ entry, columns, index, isSelected, onOpen }: RowProps) {
    return (
      <div
        role="row"
        id={rowId(entry.id)}
        class={`grid-row grid-${entry.outcome}`}
        aria-rowindex={index + 2}
        aria-selected={isSelected}
        data-id={entry.id}
        style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
        onClick={() => onOpen(entry.id)}
      >
        <Cells entry={entry} columns={columns} />
      </div>
    );
  }
}

type CellsProps = Pick<RowProps, 'entry' | 'columns'>;

/** Doesn't render when its row only moves. */
class Cells extends Component<CellsProps> {
  override shouldComponentUpdate(next: CellsProps): boolean {
    return next.entry !== this.props.entry;
  }

  override render({ entry, columns }: CellsProps) {
    return (
      <>
        {columns.map((column) => (
          <Fragment key={column}>{CELLS[column](entry)}</Fragment>
        ))}
      </>
    );
  }
}

const CELLS: Readonly<Record<Column, (entry: Summary) => ComponentChild>> = {
  time: ({ at }) => (
    <span role="gridcell" class="cell cell-time">
      <TimeOfDay at={at} />
    </span>
  ),
  client: ({ client, via }) => (
    <span role="gridcell" class="cell cell-client" title={via && `${client} via ${via}`}>
      {client}
    </span>
  ),
  application: ({ application }) => (
    <span role="gridcell" class="cell cell-application">
      {application}
    </span>
  ),
  method: ({ service, method }) => (
    <span role="gridcell" class="cell cell-method">
      <span class="service">{oneLine(service) || '?'}.</span>
      {oneLine(method) || '?'}
    </span>
  ),
  parameters: ({ parameters }) => (
    <span role="gridcell" class="cell cell-parameters">
      <List entries={ownFirst(parameters)} />
    </span>
  ),
  reply: (entry) => (
    <span role="gridcell" class="cell cell-reply" data-short={entry.faultCode ?? SHORT[entry.outcome]}>
      {entry.injectedFault && <span class="tag tag-injected">injected</span>}
      {entry.stub && <span class="tag tag-stub">stub</span>}
      <Reply entry={entry} />
    </span>
  ),
  latency: ({ durationMs }) => (
    <span role="gridcell" class="cell cell-latency">
      {durationText(durationMs)}
    </span>
  ),
  reference: ({ referenceId }) => (
    <span role="gridcell" class="cell cell-reference">
      {referenceId ?? '–'}
    </span>
  ),
  id: ({ id }) => (
    <span role="gridcell" class="cell cell-id">
      {id}
    </span>
  ),
};

/** The outcomes in a narrow list. */
const SHORT: Readonly<Record<Outcome, string>> = {
  response: 'ok',
  fault: 'fault',
  none: 'none',
  lost: 'lost',
  pending: '…',
};

/** A narrow list hides the milliseconds. */
function TimeOfDay({ at }: { readonly at: number }) {
  const text = clockTime(at);
  return (
    <>
      {text.slice(0, 8)}
      <span class="cell-ms">{text.slice(8)}</span>
    </>
  );
}

/** The most entries of a list that fit into a cell. */
const MOST_ENTRIES = 12;

const List = ({ entries }: { readonly entries: readonly JsonEntry[] }) => (
  <>
    {entries.slice(0, MOST_ENTRIES).map((entry, index) => (
      // keys may repeat, and the list never changes
      <Fragment key={index}>
        <i>{keyText(entry[0])}=</i>
        {inOrder(entryValueText(entry))}{' '}
      </Fragment>
    ))}
  </>
);

/** A text that is written from right to left must not reorder what follows it. */
const inOrder = (text: string) => (isRightToLeft(text) ? <bdi dir="ltr">{text}</bdi> : text);

function Reply({ entry: { outcome, faultCode, faultText, why, results } }: { readonly entry: Summary }) {
  if (outcome === 'fault') return <>{oneLine(`${faultCode ?? ''} ${faultText ?? ''}`.trim())}</>;
  if (outcome !== 'response') return <>{[outcomeText(outcome), why].filter(Boolean).join(': ')}</>;
  return results.length === 0 ? <i>empty response</i> : <List entries={results} />;
}
