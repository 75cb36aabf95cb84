import { useState } from 'preact/hooks';
import { messageOf } from '../api/api.js';
import type { Configuration, Method, Status } from '../api/types.js';
import type { Field } from '../form/schema.js';
import { SchemaForm } from '../form/schema-form.js';
import { newRow } from '../message/rows.js';
import { RowsEditor } from '../message/rows-editor.js';
import { Button, Labelled, Problem, Segments } from '../ui/parts.js';
import { asForm, asRows, type Draft, doubts, methodOf, withMethod } from './draft.js';
import { Target } from './target.js';

interface DraftFormProps {
  readonly draft: Draft;
  /** Of the method's parameters; undefined for an unknown method. */
  readonly fields: readonly Field[] | undefined;
  readonly status: Status;
  readonly configuration: Configuration;
  readonly isSending: boolean;
  onChange(draft: Draft): void;
  onSend(): void;
}

export function DraftForm({ draft, fields, status, configuration, isSending, onChange, onSend }: DraftFormProps) {
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!isSending) onSend();
  };
  const warnings = doubts(draft, fields ?? []);
  return (
    <form
      class="panel send-form"
      aria-label="Request"
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
    >
      <MethodChoice draft={draft} status={status} onChange={onChange} />
      <Target draft={draft} status={status} configuration={configuration} onChange={onChange} />
      <Parameters draft={draft} fields={fields} onChange={onChange} />
      <details class="more" open={draft.userData.length > 0}>
        <summary>UserData{draft.userData.length > 0 && <span class="count">{draft.userData.length}</span>}</summary>
        <RowsEditor label="UserData" rows={draft.userData} onChange={(userData) => onChange({ ...draft, userData })} />
      </details>
      <div class="send-foot">
        <Button type="submit" kind="primary" icon="send" disabled={isSending} title="Ctrl Enter">
          {isSending ? 'Sending…' : 'Send'}
        </Button>
        {warnings.length > 0 && <p class="doubts">{warnings.join('. ')}.</p>}
      </div>
    </form>
  );
}

interface ChoiceProps {
  readonly draft: Draft;
  readonly status: Status;
  onChange(draft: Draft): void;
}

const nameOf = ({ service, method }: Method): string => `${service}.${method}`;

const idOf = (method: Method): string => `${method.application} ${nameOf(method)}`;

function MethodChoice({ draft, status: { methods, application: host }, onChange }: ChoiceProps) {
  const method = methodOf(methods, draft);
  const applications = [...new Set(methods.map(({ application }) => application))];
  const choose = (name: string): void => {
    const chosen = methods.find((one) => idOf(one) === name);
    const free = { ...draft, service: '', method: '', mode: 'rows', rows: [newRow()] } as const;
    onChange(chosen === undefined ? free : withMethod(draft, chosen, host.name));
  };
  return (
    <>
      <Labelled name="Method" hint={method?.description}>
        <select value={method && idOf(method)} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          {applications.map((application) => (
            <optgroup key={application} label={application}>
              {methods
                .filter((one) => one.application === application)
                .map((one) => (
                  <option key={idOf(one)} value={idOf(one)} selected={one === method}>
                    {nameOf(one)}
                  </option>
                ))}
            </optgroup>
          ))}
          <option value="" selected={method === undefined}>
            Another method…
          </option>
        </select>
      </Labelled>
      {method?.warning !== undefined && <p class="method-warning">{method.warning}</p>}
      {method === undefined && (
        <div class="pair">
          <TextField name="Service" value={draft.service} onInput={(service) => onChange({ ...draft, service })} />
          <TextField name="Method name" value={draft.method} onInput={(name) => onChange({ ...draft, method: name })} />
        </div>
      )}
    </>
  );
}

interface TextFieldProps {
  readonly name: string;
  readonly value: string;
  onInput(text: string): void;
}

const TextField = ({ name, value, onInput }: TextFieldProps) => (
  <Labelled name={name}>
    <input value={value} spellcheck={false} onInput={({ currentTarget }) => onInput(currentTarget.value)} />
  </Labelled>
);

const MODES = [
  { value: 'form', text: 'Form' },
  { value: 'rows', text: 'Rows' },
] as const;

interface ParametersProps {
  readonly draft: Draft;
  readonly fields: readonly Field[] | undefined;
  onChange(draft: Draft): void;
}

function Parameters({ draft, fields, onChange }: ParametersProps) {
  const [problem, setProblem] = useState<string>();
  const change = (mode: Draft['mode']): void => {
    try {
      onChange(mode === 'form' ? asForm(draft, fields ?? []) : asRows(draft, fields ?? []));
      setProblem(undefined);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <section class="send-parameters" aria-label="Parameters">
      <header class="panel-head">
        <h2>Parameters</h2>
        {fields !== undefined && (
          <div class="panel-tools">
            {draft.mode === 'form' && <TextKind draft={draft} onChange={onChange} />}
            <Segments label="Parameters as" name="parameters-as" choices={MODES} value={draft.mode} onChange={change} />
          </div>
        )}
      </header>
      <Problem>{problem}</Problem>
      {draft.mode === 'form' && fields !== undefined ? (
        <>
          <SchemaForm fields={fields} values={draft.values} onChange={(values) => onChange({ ...draft, values })} />
          <details class="more" open={draft.others.length > 0}>
            <summary>
              Other parameters{draft.others.length > 0 && <span class="count">{draft.others.length}</span>}
            </summary>
            <RowsEditor
              label="Other parameters"
              rows={draft.others}
              onChange={(others) => onChange({ ...draft, others })}
            />
          </details>
        </>
      ) : (
        <RowsEditor label="Parameters" rows={draft.rows} onChange={(rows) => onChange({ ...draft, rows })} />
      )}
    </section>
  );
}

const TEXTS = [
  { value: 'str', text: 'str' },
  { value: 'utf16', text: 'utf16' },
] as const;

const TextKind = ({ draft, onChange }: Pick<ParametersProps, 'draft' | 'onChange'>) => (
  <>
    <span class="hint" aria-hidden="true">
      Texts as
    </span>
    <Segments
      label="Send texts as"
      name="texts-as"
      choices={TEXTS}
      value={draft.text}
      onChange={(text) => onChange({ ...draft, text })}
    />
  </>
);
