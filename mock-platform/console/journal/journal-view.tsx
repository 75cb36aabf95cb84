import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Filter, MOST_CHARACTERS, parseFilter } from '../../filter/index.js';
import type { Summary } from '../api/types.js';
import { isTyping } from '../shell/keyboard.js';
import { go } from '../shell/navigation.js';
import { parseRoute, type Route, routeHash } from '../shell/routes.js';
import { journal } from '../state/session.js';
import { kept, useStore } from '../state/store.js';
import { countOf, countText, durationText, times, zoneOffset } from '../ui/format.js';
import { Empty, Problem } from '../ui/parts.js';
import { attempt } from '../ui/toasts.js';
import { KEY_ACTIONS } from './actions.js';
import { Detail } from './detail.js';
import { failedFrom, figuresOf, indexOfId } from './entry-list.js';
import { JournalGrid } from './grid.js';
import { JournalSearch, type SearchState } from './search.js';
import { Splitter, splitWidth } from './splitter.js';
import { Toolbar } from './toolbar.js';

/** The filter is written to the address this long after the last key. */
const ADDRESS_MS = 300;

/** A filter with times is read again this often. */
const TIMES_MS = 30_000;

export function JournalView({ route }: { readonly route: Route }) {
  const { entries, total, loading, problem } = useStore(journal.state);
  const [frozen, setFrozen] = useState<readonly Summary[]>();
  const [text, setText] = useFilterText(route);
  const filter = useFilter(text);
  const all = frozen ?? entries;
  const isSearched = !filter.isEmpty && (filter.needsWhole || (!loading && total > entries.length));
  const { found, problem: searchProblem } = useSearch(text, filter, isSearched);
  const shown = useMemo(() => {
    if (filter.isEmpty) return all;
    if (!isSearched || found === undefined) return all.filter(filter.matches);
    const newest = frozen === undefined ? Number.POSITIVE_INFINITY : (frozen[0]?.id ?? 0);
    return frozen === undefined ? found.entries : found.entries.filter(({ id }) => id <= newest);
  }, [all, filter, found, isSearched]);
  const isSearching = isSearched && found === undefined && searchProblem === undefined;
  const { open, selected, onSelect, onOpen, onClose, part, onPart, compared, onCompare } = useSelection(route);
  const onFailed = (by: -1 | 1): void => {
    const target = failedFrom(shown, indexOfId(shown, selected), by);
    if (target !== undefined) onSelect(target.id);
  };
  const pause = (): void => setFrozen((last) => (last === undefined ? journal.state.value.entries : undefined));
  useViewKeys((key) => {
    if (key === 'Escape') return open !== undefined && onClose();
    if (key === 'p') return pause();
    if (key === '[' || key === ']') return onFailed(key === '[' ? -1 : 1);
    if (selected === undefined) return undefined;
    return key === 'c' ? onCompare(compared === selected ? undefined : selected) : KEY_ACTIONS[key]?.(selected);
  });
  const width = useStore(splitWidth);
  return (
    <>
      <h1 class="unseen">Journal</h1>
      <Toolbar
        filter={text}
        problems={filter.problems}
        entries={all}
        missed={frozen === undefined ? undefined : Math.max(0, (entries[0]?.id ?? 0) - (frozen[0]?.id ?? 0))}
        onFilter={setText}
        onPause={pause}
        onClear={() => {
          setFrozen(undefined);
          void attempt(() => journal.clear());
        }}
      />
      <Problem>{problem ?? searchProblem}</Problem>
      <div class={open === undefined ? 'split' : 'split split-open'} style={{ '--detail': `${width}%` }}>
        <div class="split-list">
          <JournalGrid entries={shown} selected={selected} onSelect={onSelect} onOpen={onOpen} />
          {shown.length === 0 && <Empty>{emptyText(loading || isSearching, all.length)}</Empty>}
          <FiguresLine
            shown={shown}
            matching={isSearched ? found?.total : undefined}
            kept={all.length}
            total={total}
            loading={loading}
            isSearching={isSearching}
          />
        </div>
        {open !== undefined && (
          <>
            <Splitter />
            <Detail
              id={open}
              summary={entries[indexOfId(entries, open)]}
              part={part}
              compared={compared}
              onCompare={onCompare}
              onPart={onPart}
              onClose={onClose}
            />
          </>
        )}
      </div>
    </>
  );
}

/** The filter; one with times is read again while time goes by. */
function useFilter(text: string): Filter {
  const [round, setRound] = useState(0);
  const hasTimes = /\b(since|until):/i.test(text);
  useEffect(() => {
    if (!hasTimes) return undefined;
    const timer = window.setInterval(() => setRound((count) => count + 1), TIMES_MS);
    return () => window.clearInterval(timer);
  }, [hasTimes]);
  const zone = useStore(times);
  return useMemo(() => parseFilter(text, { now: Date.now(), offset: zoneOffset() }), [text, round, zone]);
}

/** Asks the platform for what the list cannot decide, and follows what arrives. */
function useSearch(text: string, filter: Filter, isWanted: boolean): SearchState {
  const loads = useStore(journal.loads);
  const [state, setState] = useState<SearchState>({});
  useEffect(() => {
    setState({});
    if (!isWanted) return undefined;
    let stop = (): void => undefined;
    const timer = window.setTimeout(() => {
      const search = new JournalSearch(journal, text.slice(0, MOST_CHARACTERS), filter);
      const unwatch = search.state.watch(() => setState(search.state.value));
      stop = () => {
        unwatch();
        search.stop();
      };
    }, ADDRESS_MS);
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, [filter, isWanted, loads]);
  return state;
}

function emptyText(loading: boolean, kept: number): string {
  if (kept > 0) return loading ? 'Searching…' : 'No request matches the filter.';
  return loading ? 'Loading…' : 'No requests yet. Send one: press 2, or run npx esp-host send.';
}

/** The filter as typed; the address follows. */
function useFilterText(route: Route): [string, (text: string) => void] {
  const written = route.query.filter ?? '';
  const [text, setText] = useState(written);
  const known = useRef(written);
  useEffect(() => {
    // What this view wrote arrives late: more may have been typed since.
    if (written !== known.current) setText(written);
    known.current = written;
  }, [written]);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      const { view, parts, query } = parseRoute(window.location.hash);
      const filter = query.filter ?? '';
      // Another address: the user has gone on, and the page is about to follow.
      if (view !== 'journal' || filter !== known.current || filter === text) return;
      known.current = text;
      go(routeHash('journal', parts, { ...query, filter: text }), true);
    }, ADDRESS_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return [text, setText];
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

/** The selected request, kept while the user visits other views. */
const cursor = kept<{ readonly id?: number }>('journal-selected', {});

/** The selected and the open request. While a request is open, moving the selection opens the next one. */
function useSelection({ parts: [id, part], query }: Route) {
  const open = numberOf(id);
  const left = useStore(cursor).id;
  const setCursor = (target: number): void => cursor.set({ id: target });
  useEffect(() => {
    if (open !== undefined) setCursor(open);
  }, [open]);
  const latest = useRef({ open, part, query });
  latest.current = { open, part, query };
  const show = useCallback((parts: readonly (string | number | undefined)[], replace: boolean) => {
    const named = parts.filter((part) => part !== undefined);
    go(routeHash('journal', named, latest.current.query), replace);
  }, []);
  const onOpen = useCallback(
    (target: number) => {
      setCursor(target);
      show([target, latest.current.part], latest.current.open !== undefined);
    },
    [show],
  );
  const onSelect = (target: number): void => (open === undefined ? setCursor(target) : onOpen(target));
  const onClose = (): void => {
    show([], false);
    document.querySelector<HTMLElement>('[data-grid]')?.focus();
  };
  const onPart = (next: string): void => show([open, next === '' ? undefined : next], true);
  const compared = numberOf(query.diff);
  const onCompare = (base: number | undefined): void => {
    const { diff: _before, ...others } = query;
    const parts = [open, part].filter((one) => one !== undefined);
    go(routeHash('journal', parts, base === undefined ? others : { ...others, diff: String(base) }), true);
  };
  return { open, part, selected: open ?? left, onSelect, onOpen, onClose, onPart, compared, onCompare };
}

function useViewKeys(take: (key: string) => unknown): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event) || document.querySelector('dialog[open]') !== null) return;
      take(event.key);
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  });
}

interface FiguresProps {
  readonly shown: readonly Summary[];
  /** The number of requests on the platform that match; undefined if the list decides. */
  readonly matching: number | undefined;
  /** The number of requests in the console, and on the platform. */
  readonly kept: number;
  readonly total: number;
  readonly loading: boolean;
  readonly isSearching: boolean;
}

/** Totals and percentiles of the list. */
function FiguresLine({ shown, matching, kept, total, loading, isSearching }: FiguresProps) {
  const { requests, faults, lost, p50, p95 } = useMemo(() => figuresOf(shown), [shown]);
  return (
    <p class="figures">
      <span data-figure="requests">
        {matching !== undefined
          ? `${countText(matching)} of ${countOf(Math.max(total, matching), 'request')}`
          : requests === kept
            ? countOf(requests, 'request')
            : `${countText(requests)} of ${countOf(kept, 'request')}`}
      </span>
      {faults > 0 && <span class="figure-fault">{countOf(faults, 'fault')}</span>}
      {lost > 0 && <span class="figure-lost">{countText(lost)} lost</span>}
      {p50 !== undefined && <span>p50 {durationText(p50)}</span>}
      {p95 !== undefined && <span>p95 {durationText(p95)}</span>}
      {isSearching && <span class="figure-more">searching…</span>}
      {matching !== undefined && matching > requests && (
        <span class="figure-more">{`the newest ${countText(requests)}`}</span>
      )}
      {matching === undefined && total > kept && (
        <span class="figure-more">{loading ? 'loading…' : `the newest of ${countText(total)}`}</span>
      )}
    </p>
  );
}
