import { useId } from 'preact/hooks';
import { Button, Problem } from '../ui/parts.js';
import type { Field } from './schema.js';
import { type FormValue, type FormValues, isGroup, isList, withValue } from './values.js';

interface FormProps {
  readonly fields: readonly Field[];
  readonly values: FormValues;
  /** What is wrong, by the name of the field. */
  readonly problems?: Readonly<Record<string, string>>;
  onChange(values: FormValues): void;
}

/** A form for a JSON Schema. Empty fields are omitted, which the platform may reject. */
export const SchemaForm = ({ fields, values, problems, onChange }: FormProps) => (
  <div class="form">
    {fields.map((field) => (
      <FormField
        key={field.name}
        field={field}
        label={field.name}
        value={values[field.name]}
        problem={problems?.[field.name]}
        onChange={(value) => onChange(withValue(values, field.name, value))}
      />
    ))}
  </div>
);

interface FieldProps {
  readonly field: Field;
  readonly label: string;
  readonly value: FormValue;
  readonly problem?: string | undefined;
  onChange(value: FormValue): void;
}

function FormField(props: FieldProps) {
  const { field, label, value, onChange } = props;
  if (field.kind === 'group') {
    return (
      <fieldset class="form-group">
        <legend>
          {label} <Marks field={field} />
        </legend>
        <Description text={field.description} />
        <SchemaForm
          fields={field.fields}
          values={isGroup(value) ? value : {}}
          onChange={(values) => onChange(Object.keys(values).length === 0 ? undefined : values)}
        />
      </fieldset>
    );
  }
  return field.kind === 'repeat' ? <Repeated {...props} field={field} /> : <Scalar {...props} />;
}

/** A key that may repeat. */
function Repeated({ field, label, value, onChange }: FieldProps & { readonly field: Field & { kind: 'repeat' } }) {
  const items = isList(value) ? value : [];
  const change = (all: readonly FormValue[]): void => onChange(all.length === 0 ? undefined : all);
  return (
    <fieldset class="form-group">
      <legend>
        {label} <Marks field={field} />
      </legend>
      <Description text={field.description} />
      {items.map((item, index) => (
        // items have no id
        <div class="form-item" key={index}>
          <FormField
            field={{ ...field.item, required: false }}
            label={`${label} ${index + 1}`}
            value={item}
            onChange={(changed) => change(items.with(index, changed ?? ''))}
          />
          <Button
            icon="close"
            label={`Remove ${label} ${index + 1}`}
            onClick={() => change(items.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <Button icon="add" onClick={() => change([...items, field.item.kind === 'group' ? {} : ''])}>
        Add {label}
      </Button>
    </fieldset>
  );
}

function Scalar({ field, label, value, problem, onChange }: FieldProps) {
  const id = useId();
  const hint = `${id}-hint`;
  const text = typeof value === 'string' ? value : undefined;
  return (
    <div class="form-field">
      <label class="label" for={id}>
        {label} <Marks field={field} />
      </label>
      <Control
        id={id}
        field={field}
        text={text}
        hint={field.description && hint}
        isWrong={problem !== undefined}
        onChange={onChange}
      />
      <Problem>{problem}</Problem>
      {text !== undefined && !isChosen(field) && (
        <button type="button" class="link-button form-leave-out" onClick={() => onChange(undefined)}>
          omit<span class="unseen"> {label}</span>
        </button>
      )}
      {field.description && (
        <p class="hint" id={hint}>
          {field.description}
        </p>
      )}
    </div>
  );
}

const isChosen = ({ kind }: Field): boolean => kind === 'choice' || kind === 'boolean';

interface ControlProps {
  readonly id: string;
  readonly field: Field;
  readonly text: string | undefined;
  readonly hint: string | undefined;
  readonly isWrong: boolean;
  onChange(value: string | undefined): void;
}

function Control({ id, field, text, hint, isWrong, onChange }: ControlProps) {
  const choices = field.kind === 'boolean' ? ['true', 'false'] : field.kind === 'choice' ? field.choices : undefined;
  if (choices !== undefined) {
    return (
      <select
        id={id}
        value={text ?? ''}
        aria-describedby={hint}
        aria-invalid={isWrong}
        onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? undefined : currentTarget.value)}
      >
        <option value="">{field.byDefault === undefined ? 'omitted' : `default: ${field.byDefault}`}</option>
        {choices.map((choice) => (
          <option key={choice} value={String(choice)}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      id={id}
      class={field.kind === 'text' ? '' : 'mono'}
      inputMode={field.kind === 'integer' ? 'numeric' : undefined}
      value={text ?? ''}
      placeholder={text === '' ? 'empty text' : placeholderOf(field)}
      aria-describedby={hint}
      aria-invalid={isWrong}
      aria-required={field.required}
      spellcheck={false}
      onInput={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function placeholderOf(field: Field): string {
  if (field.byDefault !== undefined) return `default: ${field.byDefault}`;
  if (field.example !== undefined) return `for example ${field.example}`;
  return field.kind === 'any' ? 'omitted; JSON or a text' : 'omitted';
}

const Marks = ({ field }: { readonly field: Field }) => (
  <>
    {field.required && <span class="required">required</span>}
    {field.kind !== 'text' && field.kind !== 'choice' && field.kind !== 'any' && (
      <span class="label-kind">{KINDS[field.kind]}</span>
    )}
  </>
);

const KINDS: Readonly<Record<string, string>> = {
  integer: 'int',
  number: 'number',
  boolean: 'boolean',
  group: 'list',
  repeat: 'repeats',
};

const Description = ({ text }: { readonly text: string | undefined }) => (text ? <p class="hint">{text}</p> : null);
