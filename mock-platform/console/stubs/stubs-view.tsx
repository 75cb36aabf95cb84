import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/api.js';
import type { Stub, StubOwner, StubRequest, UsedFile } from '../api/types.js';
import { EditLink } from '../editor/edit-link.js';
import { LazyEditor } from '../editor/lazy-editor.js';
import { go } from '../shell/navigation.js';
import { type Route, routeHash } from '../shell/routes.js';
import { changed, changes } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { clockTime, countOf, placeOf } from '../ui/format.js';
import { Button, Empty, Panel, Problem, Segments, ViewHead } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { attempt, copy } from '../ui/toasts.js';
import { AddStub } from './add-stub.js';
import { ownerKey, ownersOf, ownerText } from './owners.js';

/** There are no events for hits. */
const EVERY_MS = 3000;

export function StubsView({ route: { parts } }: { readonly route: Route }) {
  const [edited] = parts;
  const { stubs: count, files: fileCount, configuration } = useStore(changes);
  const { data, problem, reload } = useResource(api.stubs, [count], EVERY_MS);
  const unmatched = useResource(api.unmatchedRequests, [count], EVERY_MS).data ?? [];
  const owners = ownersOf(useResource(api.configuration, [configuration]).data, data ?? []);
  const files = useResource(api.files, [fileCount]).data ?? [];
  return (
    <>
      <ViewHead title="Stubs" note="Applications and upstreams with canned answers." />
      <Problem>{problem}</Problem>
      <div class={edited === undefined ? 'columns columns-list' : 'columns columns-editor'}>
        <div class="stubs">
          {data === undefined && <Empty>Loading…</Empty>}
          {data !== undefined && owners.length === 0 && (
            <Empty>platform.yaml has no stubbed applications or upstreams.</Empty>
          )}
          {data !== undefined &&
            owners.map((owner) => (
              <Owner
                key={ownerKey(owner)}
                owner={owner}
                file={files.find(({ owners, kind }) => isFileOf(owner, owners, kind))}
                stubs={data.filter((stub) => ownerKey(stub) === ownerKey(owner))}
              />
            ))}
          {unmatched.length > 0 && <Unmatched requests={unmatched} />}
        </div>
        {edited === undefined ? (
          <AddStub owners={owners} onAdded={reload} />
        ) : (
          <LazyEditor key={edited} id={edited} onSaved={reload}>
            <Button icon="close" label="Close the editor" onClick={() => go(routeHash('stubs'))} />
          </LazyEditor>
        )}
      </div>
    </>
  );
}

interface OwnerProps {
  readonly owner: StubOwner;
  readonly stubs: readonly Stub[];
  readonly file: UsedFile | undefined;
}

const Owner = ({ owner, stubs, file }: OwnerProps) => (
  <Panel
    title={ownerText(owner)}
    count={stubs.length}
    tools={file && <EditLink id={file.id} path={file.path} href={routeHash('stubs', [file.id])} />}
  >
    {file?.problems.map((one) => (
      <Problem key={placeOf(one)}>{`${placeOf(one)}: ${one.message}. The previous stubs stay.`}</Problem>
    ))}
    {stubs.length === 0 && (
      <Empty>
        No stubs: every request gets the {owner.upstream === undefined ? 'fault' : 'response'} for unmatched requests.
      </Empty>
    )}
    {stubs.map((stub) => (
      <StubLine key={stub.id} stub={stub} />
    ))}
  </Panel>
);

const isFileOf = ({ application, upstream }: StubOwner, owners: readonly string[], kind: UsedFile['kind']): boolean =>
  kind === 'stubs' ? owners.includes(application ?? '') : kind === 'http-stubs' && owners.includes(upstream ?? '');

/** The requests of upstreams that no stub matched. For those of applications, the journal has the nearest stub. */
const Unmatched = ({ requests }: { readonly requests: readonly StubRequest[] }) => (
  <Panel title="Unmatched HTTP requests" count={requests.length}>
    <Table
      label="Unmatched HTTP requests"
      head={['Time', 'Upstream', 'Request', 'Nearest stub']}
      rows={requests.map(({ at, upstream, method, path, unmatched }, index) => ({
        key: `${at} ${index}`,
        cells: [
          <time key="at">{clockTime(at)}</time>,
          upstream,
          <code key="request">{`${method} ${path}`}</code>,
          unmatched,
        ],
      }))}
    />
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
        {stub.definition.disabled === true && <span class="tag">off</span>}
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
