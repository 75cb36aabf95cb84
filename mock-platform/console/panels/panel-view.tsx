import { api } from '../api/api.js';
import type { MockPanel, PanelSection } from '../api/types.js';
import { go } from '../shell/navigation.js';
import { type Route, routeHash } from '../shell/routes.js';
import { changed, changes, live } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { Button, Empty, Panel, Problem, ViewHead } from '../ui/parts.js';
import { attempt } from '../ui/toasts.js';
import { ActionForm, type Run } from './action-form.js';
import { Conversations } from './conversations.js';
import { PanelTable } from './panel-table.js';
import { Value, Warning } from './value.js';
import { type Data, isCurrent, requestOf, rowsOf } from './values.js';

/** A state may change without an event, for instance when a token expires. */
const EVERY_MS = 3000;

interface PanelViewProps {
  readonly route: Route;
  /** Undefined while loading. */
  readonly panels: readonly MockPanel[] | undefined;
}

/** The page of a mock, drawn from the data that the mock provides. */
export function PanelView({ route: { parts }, panels }: PanelViewProps) {
  const [name = '', chosen] = parts;
  const panel = panels?.find((one) => one.name === name);
  if (panel !== undefined) return <MockView key={name} panel={panel} chosen={chosen} />;
  return (
    <>
      <ViewHead title={name} />
      <Empty>{panels === undefined ? 'Loading…' : `No mock named ${name} has a page.`}</Empty>
    </>
  );
}

interface MockViewProps {
  readonly panel: MockPanel;
  /** The name of a conversation. */
  readonly chosen: string | undefined;
}

function MockView({ panel: { name, title, description, state: path, sections }, chosen }: MockViewProps) {
  const { [name]: count } = useStore(changes);
  const state = useStore(live);
  const { data, problem } = useResource((signal) => api.mockState(path, signal), [count, state], EVERY_MS);
  const run: Run = async (request) => {
    try {
      await api.act(request);
    } finally {
      changed(name);
    }
  };
  return (
    <>
      <ViewHead title={title} note={description} />
      <Problem>{problem}</Problem>
      {data ? (
        <div class="panels">
          {sections.map((section) => (
            <Section
              key={section.title}
              section={section}
              state={data}
              run={run}
              chosen={chosen}
              onChoose={(conversation) => go(routeHash('mock', [name, conversation]))}
            />
          ))}
        </div>
      ) : (
        <Empty>Loading…</Empty>
      )}
    </>
  );
}

interface SectionProps {
  readonly section: PanelSection;
  readonly state: Data;
  readonly run: Run;
  /** The name of a conversation. */
  readonly chosen: string | undefined;
  onChoose(conversation: string): void;
}

function Section({ section, state, run, chosen, onChoose }: SectionProps) {
  const { title, description, fields, table, conversations, actions } = section;
  const rows = table && rowsOf(state, table.rows);
  const isWide = table === undefined || table.columns.length > 2;
  const values = fields.filter(({ as }) => as !== 'warning');
  const buttons = actions.filter(({ form }) => form === null);
  const tools = buttons.map((action) => (
    <Button
      key={action.title}
      pressed={isCurrent(action, state) || undefined}
      onClick={() => attempt(() => run(requestOf(action, state, {})))}
    >
      {action.title}
    </Button>
  ));
  return (
    <Panel title={title} count={rows?.length} tools={tools} class={isWide ? 'panel-wide' : ''}>
      <div class="section">
        {description && <p class="hint">{description}</p>}
        {values.length > 0 && (
          <dl class="facts">
            {values.map((field) => (
              <div key={field.title}>
                <dt>{field.title}</dt>
                <dd>
                  <Value field={field} value={state[field.value]} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        {fields
          .filter(({ as }) => as === 'warning')
          .map(({ title, value }) => (
            <Warning key={title} value={state[value]} />
          ))}
        {actions.map(
          (action) => action.form && <ActionForm key={action.title} action={action} source={state} run={run} />,
        )}
        {conversations && (
          <Conversations
            definition={conversations}
            rows={rowsOf(state, conversations.rows)}
            {...{ title, run, chosen, onChoose }}
          />
        )}
        {table && rows && <PanelTable title={title} table={table} rows={rows} run={run} />}
      </div>
    </Panel>
  );
}
