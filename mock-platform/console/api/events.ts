import type { Changed, Summary } from './types.js';

export type LiveState = 'connecting' | 'live' | 'lost';

export interface EventsListener {
  /** A new or changed entry. */
  journal(entry: Summary): void;
  changed(what: Changed): void;
  /** `live` is repeated after each reconnect; events in between were missed. */
  state(state: LiveState): void;
}

const RETRY_MS = { first: 500, most: 10_000 } as const;

/**
 * Listens to the platform's events. The browser reconnects after a lost connection, but gives up after an error response
 * (a proxy's 502); then a new connection is opened, with growing delays. @returns a function that stops listening
 */
export function listen(listener: EventsListener): () => void {
  let source: EventSource;
  let timer: number | undefined;
  let retryMs: number = RETRY_MS.first;
  const open = (): void => {
    source = new EventSource('api/events');
    source.addEventListener('open', () => {
      retryMs = RETRY_MS.first;
      listener.state('live');
    });
    source.addEventListener('error', () => {
      listener.state('lost');
      if (source.readyState !== EventSource.CLOSED) return;
      timer = window.setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_MS.most);
    });
    source.addEventListener('journal', ({ data }) => listener.journal(JSON.parse(data) as Summary));
    source.addEventListener('changed', ({ data }) => listener.changed((JSON.parse(data) as { what: Changed }).what));
  };
  listener.state('connecting');
  open();
  return () => {
    window.clearTimeout(timer);
    source.close();
  };
}
