import { api } from '../api/api.js';
import type { Configuration } from '../api/types.js';
import { asEntries, listText } from '../message/entries.js';
import { changes, journal } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { ConfirmedButton } from '../ui/dialog.js';
import { agoText, countText, fullTime } from '../ui/format.js';
import { Empty, Panel, Problem, ViewHead } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { attempt, note } from '../ui/toasts.js';

/** There are no events for connections and their traffic. */
const EVERY_MS = 3000;

export function ConfigurationView() {
  const { configuration: changed } = useStore(changes);
  const { data, problem, reload } = useResource(api.configuration, [changed], EVERY_MS);
  return (
    <>
      <ViewHead title="Configuration" note="The emulated configuration, and the open connections.">
        <Reset onDone={reload} />
      </ViewHead>
      <Problem>{problem}</Problem>
      {data ? <Tables configuration={data} /> : <Empty>Loading…</Empty>}
    </>
  );
}

function Tables({ configuration: { applications, connections, channels, types } }: { configuration: Configuration }) {
  return (
    <div class="panels">
      <Panel title="Applications" count={applications.length} class="panel-wide">
        <Table
          label="Applications"
          head={['Name', 'Type', 'Kind', 'Address', 'State']}
          rows={applications.map(({ name, type, typeName, kind, address, connected }) => ({
            key: name,
            cells: [
              <strong key="name">{name}</strong>,
              `${type} ${typeName}`,
              <span key="kind" class={`tag tag-${kind}`}>
                {kind}
              </span>,
              <code key="address">{address}</code>,
              <State key="state" good={connected} text={connected ? 'connected' : 'not connected'} />,
            ],
          }))}
        />
      </Panel>
      <Connections connections={connections} />
      <Panel title="Channels" count={channels.length} class="panel-wide">
        <Table
          label="Channels"
          head={['Name', 'Type', 'Settings']}
          rows={channels.map(({ name, type, ...settings }) => ({
            key: name,
            cells: [
              <strong key="name">{name}</strong>,
              type,
              <code key="settings" class="url">
                {listText(asEntries(settings)) || '–'}
              </code>,
            ],
          }))}
          empty="No channels."
        />
      </Panel>
      <Panel title="Application types" count={types.length}>
        <Table
          label="Application types"
          head={['Number', 'Name']}
          rows={types.map(({ number, name }) => ({ key: `${number} ${name}`, cells: [String(number), name] }))}
        />
      </Panel>
    </div>
  );
}

const State = ({ good, text }: { readonly good: boolean; readonly text: string }) => (
  <span class={good ? 'state state-good' : 'state state-bad'}>
    <span class="dot" aria-hidden="true" />
    {text}
  </span>
);

const PEERS: Readonly<Record<string, string>> = { host: 'Host', 'interaction-server': 'Interaction Server' };

function Connections({ connections }: Pick<Configuration, 'connections'>) {
  const now = Date.now();
  return (
    <Panel title="Connections" count={connections.length} class="panel-wide">
      <Table
        label="Connections"
        head={['From', 'To', 'Since', 'ADDP', 'Messages in', 'Messages out']}
        rows={connections.map(({ id, peer, peerName, to, since, addp, messagesIn, messagesOut }) => ({
          key: id,
          cells: [
            <span key="peer">
              {peerName} <code>{peer}</code>
            </span>,
            PEERS[to] ?? to,
            <time key="since" title={fullTime(since)}>
              {agoText(now - since)}
            </time>,
            addp === null ? 'off' : `timeout ${addp.timeoutMs / 1000} s`,
            countText(messagesIn),
            countText(messagesOut),
          ],
        }))}
        numeric={[4, 5]}
        empty="No connections."
      />
    </Panel>
  );
}

function Reset({ onDone }: { onDone(): void }) {
  const reset = async (): Promise<void> => {
    if (!(await attempt(() => api.reset()))) return;
    await journal.load();
    note('The platform was reset to its files');
    onDone();
  };
  return (
    <ConfirmedButton
      icon="resend"
      label="Reset the platform"
      question="Reset the platform?"
      action="Reset"
      onConfirm={reset}
    >
      This clears the journal, removes added stubs and faults, restarts all scenarios, and restores the mocks to their
      settings.
    </ConfirmedButton>
  );
}
