import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/api.js';
import type { Stub } from '../api/types.js';
import { changed, changes } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { countOf } from '../ui/format.js';
import { Button, Empty, Panel, Problem, Segments, ViewHead } from '../ui/parts.js';
import { attempt, copy } from '../ui/toasts.js';
import { AddStub } from './add-stub.js';

/** There are no events for hits. */
const EVERY_MS = 3000;

export function StubsView() {
  const { stubs: count, configuration } = useStore(changes);
  const { data, problem, reload } = useResource(api.stubs, [count], EVERY_MS);
  const applications = useResource(api.configuration, [configuration]).data?.applications ?? [];
  const names = applications.filter(({ kind }) => kind === 'stubs').map(({ name }) => name);
  const all = [...new Set([...names, ...(data ?? []).map(({ application }) => application)])];
  return (
    <>
      <ViewHead title="Stubs" note="Applications with canned answers." />
      <Problem>{problem}</Problem>
      <div class="columns columns-list">
        <div class="stubs">
          {data === undefined && <Empty>Loading…</Empty>}
          {data !== undefined && all.length === 0 && <Empty>platform.yaml has no stubbed applications.</Empty>}
          {data !== undefined &&
            all.map((application) => (
              <Application
                key={application}
                name={application}
                stubs={data.filter((stub) => stub.application === application)}
              />
            ))}
        </div>
        <AddStub applications={all} onAdded={reload} />
      </div>
    </>
  );
}

const Application = ({ name, stubs }: { readonly name: string; readonly stubs: readonly Stub[] }) => (
  <Panel title={name} count={stubs.length}>
    {stubs.length === 0 && <Empty>No stubs: every request gets the fault for unmatched requests.</Empty>}
    {stubs.map((stub) => (
      <StubLine key={stub.id} stub={stub} />
    ))}
  </Panel>
);

function StubLine({ stub }: { readonly stub: Stub }) {
  const [open, setOpen] = useState(false);
  const remove = async (): Promise<void> => {
    await attempt(() => api.removeStub(stub.id));
    changed('stubs');
  };
  return (
    <details class="stub" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <strong>{stub.name}</strong>
        {stub.scenario && <span class="tag">scenario {stub.scenario}</span>}
        <span class={stub.hits === 0 ? 'hits hits-none' : 'hits'}>{hits(stub.hits)}</span>
      </summary>
      {open && <Definition stub={stub} onRemove={remove} />}
    </details>
  );
}

const hits = (count: number): string => (count === 0 ? 'never hit' : countOf(count, 'hit'));

const FORMS = [
  { value: 'yaml', text: 'YAML' },
  { value: 'json', text: 'JSON' },
] as const;

function Definition({ stub, onRemove }: { readonly stub: Stub; onRemove(): unknown }) {
  const [form, setForm] = useState<'yaml' | 'json'>('yaml');
  const [yaml, setYaml] = useState('');
  const { definition } = stub;
  useEffect(() => {
    let gone = false;
    void attempt(async () => {
      const { stringify } = await import('yaml');
      if (!gone) setYaml(stringify(definition).trimEnd());
    });
    return () => {
      gone = true;
    };
  }, [definition]);
  const text = form === 'yaml' ? yaml : JSON.stringify(definition, undefined, 2);
  return (
    <div class="definition">
      <div class="definition-tools">
        <Segments label="Definition as" name={`stub-${stub.id}`} choices={FORMS} value={form} onChange={setForm} />
        <Button icon="copy" onClick={() => copy('the stub', () => text)}>
          Copy
        </Button>
        <Button kind="danger" onClick={onRemove}>
          Remove<span class="unseen"> {stub.name}</span>
        </Button>
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
