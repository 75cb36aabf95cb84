import { useEffect } from 'preact/hooks';
import { api } from '../api/api.js';
import type { FaultKind, FaultRule } from '../api/types.js';
import { go } from '../shell/navigation.js';
import { type Route, routeHash } from '../shell/routes.js';
import { changed, changes } from '../state/session.js';
import { kept, useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { Button, Empty, Panel, Problem, ViewHead } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { attempt } from '../ui/toasts.js';
import { AddFault } from './add-fault.js';
import { faultLike, NO_FAULT } from './like.js';
import { appliesTo, hitsText, settingsText } from './rule.js';

/** There are no events for hits. */
const EVERY_MS = 3000;

/** Changes the rules and updates the badge in the bar. */
const act = async (work: () => Promise<unknown>): Promise<boolean> => {
  const done = await attempt(work);
  changed('faults');
  return done;
};

/** What is typed into the form. */
const draft = kept('fault', NO_FAULT);

const add = async (rule: Readonly<Record<string, unknown>>): Promise<void> => {
  await api.addFault(rule);
  changed('faults');
};

export function FaultsView({ route: { query } }: { readonly route: Route }) {
  const { faults: count } = useStore(changes);
  const { data, problem } = useResource(api.faults, [count], EVERY_MS);
  useFilled(query.like, data?.kinds);
  return (
    <>
      <ViewHead title="Faults" note="Inject faults and see how strategies handle them." />
      <Problem>{problem}</Problem>
      {data ? (
        <div class="columns">
          <Form kinds={data.kinds} />
          <Rules rules={data.rules} kinds={data.kinds} />
        </div>
      ) : (
        <Empty>Loading…</Empty>
      )}
    </>
  );
}

const Form = ({ kinds }: { readonly kinds: readonly FaultKind[] }) => (
  <AddFault kinds={kinds} draft={useStore(draft)} onChange={(changed) => draft.set(changed)} onAdd={add} />
);

/** Fills the form from the journal entry in the address. */
function useFilled(id: string | undefined, kinds: readonly FaultKind[] | undefined): void {
  // only once, even if the kinds are loaded again
  useEffect(() => {
    if (id === undefined || kinds === undefined) return;
    void attempt(async () => {
      const [entry, { upstreams }] = await Promise.all([api.entry(Number(id)), api.configuration()]);
      draft.set(faultLike(entry, kinds, upstreams));
      go(routeHash('faults'), true);
    });
  }, [id, kinds === undefined]);
}

interface RulesProps {
  readonly rules: readonly FaultRule[];
  readonly kinds: readonly FaultKind[];
}

function Rules({ rules, kinds }: RulesProps) {
  const tools = (
    <Button kind="danger" disabled={rules.length === 0} onClick={() => act(api.removeFaults)}>
      Remove all
    </Button>
  );
  return (
    <Panel title="Active faults" count={rules.length} tools={tools}>
      <Table
        label="Active faults"
        head={['Fault', 'Applies to', 'Hits', '']}
        rows={rules.map((rule) => ({
          key: rule.id,
          cells: [
            <span key="kind" class="rule">
              <strong>{rule.kind}</strong>
              <span class="rule-settings">{settingsText(rule)}</span>
            </span>,
            appliesTo(rule, kinds),
            hitsText(rule),
            <Button
              key="remove"
              icon="close"
              label={`Remove ${rule.kind}, ${appliesTo(rule, kinds)}`}
              onClick={() => act(() => api.removeFault(rule.id))}
            />,
          ],
        }))}
        numeric={[2]}
        empty="No active faults."
      />
    </Panel>
  );
}
