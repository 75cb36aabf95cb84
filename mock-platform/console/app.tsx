import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { messageOf } from './api/api.js';
import { ChartsView } from './charts/charts-view.js';
import { ConfigurationView } from './configuration/configuration-view.js';
import { FaultsView } from './faults/faults-view.js';
import { JournalView } from './journal/journal-view.js';
import { SendView } from './send/send-view.js';
import { Bar } from './shell/bar.js';
import { Help } from './shell/help.js';
import { focusFilter, isTyping } from './shell/keyboard.js';
import { go, hashOf, route } from './shell/navigation.js';
import { RefusedBanner } from './shell/refused-banner.js';
import { type Route, VIEWS, type ViewId } from './shell/routes.js';
import { useStore } from './state/store.js';
import { StrategiesView } from './strategies/strategies-view.js';
import { StubsView } from './stubs/stubs-view.js';
import { Button, Problem } from './ui/parts.js';
import { Toasts } from './ui/toasts.js';
import { WhatsAppView } from './whatsapp/whatsapp-view.js';

const COMPONENTS: Readonly<Record<ViewId, ComponentType<{ route: Route }>>> = {
  journal: JournalView,
  send: SendView,
  configuration: ConfigurationView,
  whatsapp: WhatsAppView,
  faults: FaultsView,
  stubs: StubsView,
  strategies: StrategiesView,
  charts: ChartsView,
};

export function App() {
  const current = useStore(route);
  const [help, setHelp] = useState(false);
  useShortcuts(() => setHelp(true));
  const View = COMPONENTS[current.view];
  const title = VIEWS.find(({ id }) => id === current.view)?.title ?? '';
  useEffect(() => {
    document.title = `${title} · esp-host console`;
  }, [title]);
  return (
    <div class="shell">
      <Bar shown={current.view} onHelp={() => setHelp(true)} />
      <div class="stage">
        <RefusedBanner />
        <main class={`view view-${current.view}`} aria-label={title}>
          <Guarded key={current.view} route={current}>
            <View route={current} />
          </Guarded>
        </main>
      </div>
      <Toasts />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

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
function useShortcuts(onHelp: () => void): void {
  // `onHelp` is new in each render, but always does the same
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event) || document.querySelector('dialog[open]') !== null) return;
      const view = VIEWS[Number(event.key) - 1];
      if (view !== undefined) go(hashOf(view.id));
      else if (event.key === '?') onHelp();
      else if (event.key !== '/' || !focusFilter()) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}
