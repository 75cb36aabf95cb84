import { useId, useState } from 'preact/hooks';
import { api, messageOf } from '../api/api.js';
import type { FaultKind, Method } from '../api/types.js';
import { fieldsOf } from '../form/schema.js';
import { SchemaForm } from '../form/schema-form.js';
import { type EditRow, newRow } from '../message/rows.js';
import { useResource } from '../state/use-resource.js';
import { Button, Labelled, Panel, Problem } from '../ui/parts.js';
import { type FaultDraft, problemAt } from './like.js';
import { ANY, type MatchDraft, ruleOf } from './rule.js';

interface AddFaultProps {
  readonly kinds: readonly FaultKind[];
  readonly draft: FaultDraft;
  onChange(draft: FaultDraft): void;
  /** Adds a rule. @throws ApiError */
  onAdd(rule: Readonly<Record<string, unknown>>): Promise<void>;
}

/** The form that adds a fault. */
export function AddFault({ kinds, draft, onChange, onAdd }: AddFaultProps) {
  const { values, match } = draft;
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const kind = kinds.find((one) => one.kind === draft.kind) ?? kinds[0];
  const fields = kind === undefined ? [] : fieldsOf(kind.settings);
  const setMatch = (changed: MatchDraft): void => onChange({ ...draft, match: changed });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (kind === undefined) return;
    try {
      setProblems({});
      await onAdd(ruleOf(kind.kind, fields, values, kind.match ? match : { ...ANY, times: match.times }));
      onChange({ ...draft, values: {} });
    } catch (error) {
      setProblems(problemAt(messageOf(error), [...fields.map(({ name }) => name), 'times']));
    }
  };
  return (
    <Panel title="Add a fault">
      <form class="form" onSubmit={submit}>
        <Kinds
          kinds={kinds}
          chosen={kind?.kind}
          onChoose={(name) => {
            setProblems({});
            onChange({ ...draft, kind: name, values: {} });
          }}
        />
        <SchemaForm
          key={kind?.kind}
          fields={fields}
          values={values}
          problems={problems}
          onChange={(changed) => onChange({ ...draft, values: changed })}
        />
        <MatchForm match={match} kind={kind} problem={problems.times} onChange={setMatch} />
        <Problem>{problems['']}</Problem>
        <div>
          <Button type="submit" kind="primary" icon="faults" disabled={kind === undefined}>
            Add
          </Button>
        </div>
      </form>
    </Panel>
  );
}

interface KindsProps {
  readonly kinds: readonly FaultKind[];
  readonly chosen: string | undefined;
  onChoose(kind: string): void;
}

const Kinds = ({ kinds, chosen, onChoose }: KindsProps) => (
  <fieldset class="kinds">
    <legend class="label">Kind</legend>
    {kinds.map(({ kind, description }) => (
      <label key={kind}>
        <input type="radio" name="fault-kind" checked={kind === chosen} onChange={() => onChoose(kind)} />
        <span>
          <strong>{kind}</strong>
          <span class="hint">{description}</span>
        </span>
      </label>
    ))}
  </fieldset>
);

interface MatchFormProps {
  readonly match: MatchDraft;
  /** A kind may take no `match`; all kinds take `times`. */
  readonly kind: FaultKind | undefined;
  /** What is wrong with `times`. */
  readonly problem: string | undefined;
  onChange(match: MatchDraft): void;
}

function MatchForm({ match, kind, problem, onChange }: MatchFormProps) {
  const matches = kind?.match !== false;
  const legend = kind?.upstream === true ? 'Applies to calls made for' : 'Applies to';
  const methods = useResource(api.status).data?.methods ?? [];
  const services = useId();
  const names = useId();
  return (
    <fieldset class="form meets">
      <legend>{matches ? legend : 'Applies to every request'}</legend>
      <div class="pair pair-four">
        {matches && (
          <>
            <Labelled name="Service">
              <input
                list={services}
                placeholder="any"
                value={match.service}
                spellcheck={false}
                onInput={({ currentTarget }) => onChange({ ...match, service: currentTarget.value })}
              />
            </Labelled>
            <Labelled name="Method">
              <input
                list={names}
                placeholder="any"
                value={match.method}
                spellcheck={false}
                onInput={({ currentTarget }) => onChange({ ...match, method: currentTarget.value })}
              />
            </Labelled>
            <Labelled name="AppName">
              <input
                placeholder="any"
                value={match.appName}
                spellcheck={false}
                onInput={({ currentTarget }) => onChange({ ...match, appName: currentTarget.value })}
              />
            </Labelled>
          </>
        )}
        <Labelled name="Times">
          <input
            inputMode="numeric"
            placeholder="always"
            aria-invalid={problem !== undefined}
            value={match.times}
            onInput={({ currentTarget }) => onChange({ ...match, times: currentTarget.value })}
          />
        </Labelled>
      </div>
      <Problem>{problem}</Problem>
      {matches && <Conditions match={match} onChange={onChange} />}
      <Choices id={services} methods={methods} read={({ service }) => service} />
      <Choices
        id={names}
        methods={methods.filter(({ service }) => match.service === '' || service === match.service)}
        read={({ method }) => method}
      />
    </fieldset>
  );
}

interface ChoicesProps {
  readonly id: string;
  readonly methods: readonly Method[];
  read(method: Method): string;
}

const Choices = ({ id, methods, read }: ChoicesProps) => (
  <datalist id={id}>
    {[...new Set(methods.map(read))].map((name) => (
      <option key={name} value={name} />
    ))}
  </datalist>
);

/** The parameters that a request must have. */
function Conditions({ match, onChange }: Omit<MatchFormProps, 'kind' | 'problem'>) {
  const change = (parameters: readonly EditRow[]): void => onChange({ ...match, parameters });
  const set = (row: EditRow): void => change(match.parameters.map((one) => (one.id === row.id ? row : one)));
  return (
    <div class="rows">
      {match.parameters.map((row, index) => (
        <div class="row-edit row-edit-pair" key={row.id}>
          <input
            class="mono"
            aria-label={`Parameter ${index + 1}: key`}
            placeholder="Key"
            value={String(row.key)}
            onInput={({ currentTarget }) => set({ ...row, key: currentTarget.value })}
          />
          <input
            class="mono"
            aria-label={`Parameter ${index + 1}: value`}
            placeholder="Value"
            value={row.text}
            onInput={({ currentTarget }) => set({ ...row, text: currentTarget.value })}
          />
          <Button
            icon="close"
            label={`Remove parameter ${index + 1}`}
            onClick={() => change(match.parameters.filter(({ id }) => id !== row.id))}
          />
        </div>
      ))}
      <Button icon="add" onClick={() => change([...match.parameters, newRow()])}>
        Parameter
      </Button>
    </div>
  );
}
