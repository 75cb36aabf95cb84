import { api } from '../api/api.js';
import type { LiveState } from '../api/events.js';
import type { MockPanel, Status } from '../api/types.js';
import { changes, live } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { countOf } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { hashOf } from './navigation.js';
import { type Route, routeHash, VIEWS } from './routes.js';
import { THEMES, theme } from './theme.js';

const LIVE: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Connection lost, reconnecting…',
};

interface BarProps {
  readonly shown: Route;
  readonly panels: readonly MockPanel[];
  onHelp(): void;
}

/** The side bar: the views, and the state of the console and the platform. */
export function Bar({ shown, panels, onHelp }: BarProps) {
  const { faults, reload } = useStore(changes);
  const state = useStore(live);
  const status = useResource(api.status, [state, reload]).data;
  const rules = useResource(api.faults, [faults]).data?.rules.filter(({ isUsedUp }) => !isUsedUp).length ?? 0;
  return (
    <header class="bar">
      <p class="brand">
        <span class="brand-mark" aria-hidden="true">
          e
        </span>
        <span class="bar-text">esp-host</span>
      </p>
      <nav aria-label="Views">
        {VIEWS.map(({ id, title }) => (
          <a key={id} href={hashOf(id)} aria-current={id === shown.view ? 'page' : undefined} title={title}>
            <Icon name={id} />
            <span class="bar-text">{title}</span>
            {id === 'faults' && rules > 0 && (
              <span class="badge" title={countOf(rules, 'active fault')}>
                <span class="unseen">, </span>
                {rules}
                <span class="unseen"> active</span>
              </span>
            )}
          </a>
        ))}
        {panels.map(({ name, title }) => (
          <a
            key={name}
            href={routeHash('mock', [name])}
            aria-current={shown.view === 'mock' && shown.parts[0] === name ? 'page' : undefined}
            title={title}
          >
            <Icon name="mock" />
            <span class="bar-text">{title}</span>
          </a>
        ))}
      </nav>
      <BarFoot state={state} status={status} onHelp={onHelp} />
    </header>
  );
}

interface BarFootProps {
  readonly state: LiveState;
  readonly status: Status | undefined;
  onHelp(): void;
}

function BarFoot({ state, status, onHelp }: BarFootProps) {
  const chosen = useStore(theme);
  const next = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length] ?? 'system';
  return (
    <div class="bar-foot">
      {status && (
        <p class="bar-text platform" title={`Host ${status.addresses.host}`}>
          <strong>{status.application.name}</strong> {status.application.typeName}
          <br />
          <span>{status.addresses.host}</span>
        </p>
      )}
      <p class={`live live-${state}`} role="status" title={LIVE[state]}>
        <span class="dot" aria-hidden="true" />
        <span class="bar-text">{LIVE[state]}</span>
      </p>
      <div class="bar-buttons">
        <button
          type="button"
          class="icon-button"
          aria-label={`Theme: ${chosen}. Change to ${next}`}
          title={`Theme: ${chosen}`}
          onClick={() => theme.set(next)}
        >
          <Icon name={chosen} />
        </button>
        <button type="button" class="icon-button" aria-label="Keyboard" title="Keyboard (?)" onClick={onHelp}>
          <Icon name="keyboard" />
        </button>
        <a class="icon-button api-link" href="api/docs" title="The admin API">
          API
        </a>
      </div>
    </div>
  );
}
