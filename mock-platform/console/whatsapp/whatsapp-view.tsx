import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/api.js';
import type { WhatsApp } from '../api/types.js';
import { changes } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { clockTime, fullTime } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { Button, Empty, Panel, Problem, Segments, ViewHead } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { attempt } from '../ui/toasts.js';
import { Directory } from './directory.js';
import { Messages } from './messages.js';
import { isAlwaysValid, isFailed, isVersion, VERSIONS } from './numbers.js';

/** There are no events for calls. */
const EVERY_MS = 3000;

export function WhatsAppView() {
  const { whatsapp: changed } = useStore(changes);
  const { data, problem, reload } = useResource(api.whatsapp, [changed], EVERY_MS);
  const act = async (work: () => Promise<unknown>): Promise<boolean> => {
    const done = await attempt(work);
    reload();
    return done;
  };
  return (
    <>
      <ViewHead
        title="WhatsApp"
        note={data && `The mock WhatsApp Business API client, registered as ${data.registeredNumber}.`}
      />
      <Problem>{problem}</Problem>
      {data ? (
        <div class="panels">
          <Version whatsapp={data} onChange={(version) => act(() => api.setWhatsAppVersion(version))} />
          <Directory numbers={data.numbers} act={act} />
          <Tokens tokens={data.tokens} onExpire={() => act(api.expireTokens)} />
          <Messages messages={data.messages} />
          <Calls calls={data.calls} />
        </div>
      ) : (
        <Empty>Loading…</Empty>
      )}
    </>
  );
}

interface VersionProps {
  readonly whatsapp: WhatsApp;
  /** Sets another version. Resolves to whether it succeeded. */
  onChange(version: string): Promise<boolean>;
}

function Version({ whatsapp: { version }, onChange }: VersionProps) {
  const [other, setOther] = useState('');
  const [asked, setAsked] = useState(false);
  const [wanted, setWanted] = useState<string>();
  // The version has arrived, or someone else has set another.
  useEffect(() => setWanted(undefined), [version]);
  const known = VERSIONS.find((one) => one === (wanted ?? version));
  const choices = [...VERSIONS, 'other'].map((value) => ({ value, text: value }));
  const typed = asked || known === undefined;
  const set = async (value: string): Promise<void> => {
    setAsked(false);
    setWanted(value);
    if (!(await onChange(value))) setWanted(undefined);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void set(other);
  };
  return (
    <Panel title="Version" class="panel-wide">
      <form class="version" onSubmit={submit}>
        <Segments
          label="Version of the API client"
          name="version"
          choices={choices}
          value={typed ? 'other' : known}
          onChange={(value) => (value === 'other' ? setAsked(true) : void set(value))}
        />
        {typed && (
          <>
            <input
              aria-label="Another version"
              placeholder={version}
              value={other}
              spellcheck={false}
              onInput={({ currentTarget }) => setOther(currentTarget.value)}
            />
            <Button type="submit" disabled={!isVersion(other)}>
              Set
            </Button>
          </>
        )}
        <span class="version-now">
          now <strong>{version}</strong>
        </span>
      </form>
      <Advice version={version} />
    </Panel>
  );
}

const Advice = ({ version }: { readonly version: string }) => (
  <p class={isAlwaysValid(version) ? 'advice advice-warning' : 'advice'}>
    <Icon name="warning" />
    <span>
      {isAlwaysValid(version)
        ? `${version} reports every number as valid, and makes up a wa_id. `
        : 'From 2.43 on, the contacts endpoint reports every number as valid (Genesys moved from 2.41.3 to 2.45.1). '}
      The vendor’s advice: remove <code>ValidateContact</code> from strategies that rely on it.
    </span>
  </p>
);

function Tokens({ tokens, onExpire }: { readonly tokens: WhatsApp['tokens']; onExpire(): unknown }) {
  const tools = (
    <Button disabled={!tokens.some(({ state }) => state === 'valid')} onClick={onExpire}>
      Expire all
    </Button>
  );
  return (
    <Panel title="Tokens" count={tokens.length} tools={tools}>
      <Table
        label="Tokens"
        head={['Expires', 'State']}
        rows={tokens.map(({ expiresAt, state }, index) => ({
          key: index,
          cells: [
            fullTime(expiresAt).slice(0, 19),
            <span key="state" class={state === 'valid' ? 'state state-good' : 'state'}>
              <span class="dot" aria-hidden="true" />
              {state}
            </span>,
          ],
        }))}
        empty="No logins yet."
      />
    </Panel>
  );
}

function Calls({ calls }: Pick<WhatsApp, 'calls'>) {
  return (
    <Panel title="Calls" count={calls.length} class="panel-wide">
      <Table
        label="Calls"
        head={['Time', 'Method', 'Path', 'Contacts', 'Status']}
        rows={calls.map(({ at, method, path, contacts, status }, index) => ({
          key: `${at} ${calls.length - index}`,
          cells: [
            clockTime(at),
            method,
            <code key="path">{path}</code>,
            contacts?.join(', ') ?? '–',
            <span key="status" class={isFailed(status) ? 'status status-bad' : 'status'}>
              {status ?? '–'}
            </span>,
          ],
        }))}
        empty="No calls yet."
      />
    </Panel>
  );
}
