import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { api, messageOf } from './api/api.js';
import type { MockPanel } from './api/types.js';
import { ChartsView } from './charts/charts-view.js';
import { ConfigurationView } from './configuration/configuration-view.js';
import { FaultsView } from './faults/faults-view.js';
import { JournalView } from './journal/journal-view.js';
import { PanelView } from './panels/panel-view.js';
import { SendView } from './send/send-view.js';
import { Bar } from './shell/bar.js';
import { Help } from './shell/help.js';
import { focusFilter, isTyping } from './shell/keyboard.js';
import { go, hashOf, route } from './shell/navigation.js';
import { NoticesStrip } from './shell/notices-strip.js';
import { Palette } from './shell/palette.js';
import { RefusedBanner } from './shell/refused-banner.js';
import { type Route, routeHash, VIEWS, type ViewId } from './shell/routes.js';
import { changes, live } from './state/session.js';
import { useStore } from './state/store.js';
import { useResource } from './state/use-resource.js';
import { StrategiesView } from './strategies/strategies-view.js';
import { StubsView } from './stubs/stubs-view.js';
import { Button, Problem } from './ui/parts.js';
import { Toasts } from './ui/toasts.js';

interface ViewProps {
  readonly route: Route;
  /** The pages of the mocks; undefined while loading. */
  readonly panels: readonly MockPanel[] | undefined;
}

const COMPONENTS: Readonly<Record<ViewId, ComponentType<ViewProps>>> = {
  journal: JournalView,
  send: SendView,
  configuration: ConfigurationView,
  faults: FaultsView,
  stubs: StubsView,
  strategies: StrategiesView,
  charts: ChartsView,
  mock: PanelView,
};

export function App() {
  const current = useStore(route);
  const [dialog, setDialog] = useState<'help' | 'palette'>();
  const closeDialog = (): void => setDialog(undefined);
  const { reload } = useStore(changes);
  const connection = useStore(live);
  const panels = useResource(api.panels, [connection, reload]).data;
  useShortcuts(panels ?? [], setDialog);
  const View = COMPONENTS[current.view];
  const title = titleOf(current, panels ?? []);
  useEffect(() => {
    document.title = `${title} · esp-host console`;
  }, [title]);
  return (
    <div class="shell">
      <Bar shown={current} panels={panels ?? []} onHelp={() => setDialog('help')} />
      <div class="stage">
        <RefusedBanner />
        <NoticesStrip />
        <main class={`view view-${current.view}`} aria-label={title}>
          <Guarded
            key={current.view === 'mock' ? routeHash('mock', current.parts.slice(0, 1)) : current.view}
            route={current}
          >
            <View route={current} panels={panels} />
          </Guarded>
        </main>
      </div>
      <Toasts />
      {dialog === 'help' && <Help onClose={closeDialog} />}
      {dialog === 'palette' && <Palette panels={panels ?? []} onClose={closeDialog} />}
    </div>
  );
}

const titleOf = ({ view, parts: [name = ''] }: Route, panels: readonly MockPanel[]): string =>
  view === 'mock'
    ? (panels.find((panel) => panel.name === name)?.title ?? name)
    : (VIEWS.find(({ id }) => id === view)?.title ?? '');

/** Shows the error of a view that throws, without affecting other views. */
function Guarded({ route: shown, children }: { readonly route: Route; readonly children: ComponentChildren }) {
  const [error, retry] = useErrorBoundary();
  // The error may belong to one request: retry when the route changes.
  useEffect(retry, [shown]);
  if (error === undefined) return <>{children}</>;
  return (
    <>
      <h1>Something went wrong in this view</h1>
      <Problem>{messageOf(error)}</Problem>
      <p>
        <Button onClick={retry}>Try again</Button>
      </p>
    </>
  );
}

/** Keyboard shortcuts of all views. */
function useShortcuts(panels: readonly MockPanel[], onDialog: (dialog: 'help' | 'palette') => void): void {
  useEffect(() => {
    const hashes = [
      ...VIEWS.map(
        ({ id }) =>
          () =>
            hashOf(id),
      ),
      ...panels.map(
        ({ name }) =>
          () =>
            routeHash('mock', [name]),
      ),
    ];
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      const isPalette = event.key === 'k' && (event.ctrlKey || event.metaKey);
      if (isTyping(event) && !isPalette) return;
      const hash = hashes[Number(event.key) - 1];
      if (isPalette) onDialog('palette');
      else if (hash !== undefined) go(hash());
      else if (event.key === '?') onDialog('help');
      else if (event.key !== '/' || !focusFilter()) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [panels]);
}
