import { useId } from 'preact/hooks';
import type { Configuration, Status } from '../api/types.js';
import { Labelled, Segments } from '../ui/parts.js';
import type { Draft } from './draft.js';

interface TargetProps {
  readonly draft: Draft;
  readonly status: Status;
  readonly configuration: Configuration;
  onChange(draft: Draft): void;
}

/** The target of a request, and the application that it names. */
export function Target({ draft, status: { addresses }, configuration, onChange }: TargetProps) {
  const names = useId();
  const types = useId();
  const choices = [
    { value: 'host', text: `Host ${addresses.host}` },
    { value: 'interaction-server', text: `Interaction Server ${addresses.interactionServer}` },
  ] as const;
  return (
    <>
      <div class="labelled">
        <span class="label">To</span>
        <Segments
          label="To"
          name="to"
          choices={choices}
          value={draft.to}
          onChange={(to) => onChange({ ...draft, to })}
        />
      </div>
      <div class="pair pair-three">
        <Labelled name="AppName">
          <input
            list={names}
            value={draft.appName}
            placeholder="omitted"
            spellcheck={false}
            onInput={({ currentTarget }) => onChange({ ...draft, appName: currentTarget.value })}
          />
        </Labelled>
        <Labelled name="AppType">
          <input
            list={types}
            value={draft.appType}
            placeholder="number or name"
            spellcheck={false}
            onInput={({ currentTarget }) => onChange({ ...draft, appType: currentTarget.value })}
          />
        </Labelled>
        <Labelled name="Timeout (ms)">
          <input
            inputMode="numeric"
            value={draft.timeoutMs}
            placeholder="default"
            onInput={({ currentTarget }) => onChange({ ...draft, timeoutMs: currentTarget.value })}
          />
        </Labelled>
      </div>
      <datalist id={names}>
        {configuration.applications.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id={types}>
        {configuration.types.map(({ number, name }) => (
          <option key={number} value={number} label={name} />
        ))}
      </datalist>
    </>
  );
}
