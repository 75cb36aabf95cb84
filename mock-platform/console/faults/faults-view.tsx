import { api } from '../api/api.js';
import type { FaultKind, FaultRule } from '../api/types.js';
import { changed, changes } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { Button, Empty, Panel, Problem, ViewHead } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { attempt } from '../ui/toasts.js';
import { AddFault } from './add-fault.js';
import { appliesTo, hitsText, settingsText } from './rule.js';

/** There are no events for hits. */
const EVERY_MS = 3000;

/** Changes the rules and updates the badge in the bar. */
const act = async (work: () => Promise<unknown>): Promise<boolean> => {
  const done = await attempt(work);
  changed('faults');
  return done;
};

export function FaultsView() {
  const { faults: count } = useStore(changes);
  const { data, problem } = useResource(api.faults, [count], EVERY_MS);
  return (
    <>
      <ViewHead title="Faults" note="Inject faults and see how strategies handle them." />
      <Problem>{problem}</Problem>
      {data ? (
        <div class="columns">
          <AddFault kinds={data.kinds} onAdd={(rule) => act(() => api.addFault(rule))} />
          <Rules rules={data.rules} kinds={data.kinds} />
        </div>
      ) : (
        <Empty>Loading…</Empty>
      )}
    </>
  );
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
