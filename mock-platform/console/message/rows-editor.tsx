import type { EntryType } from '../api/types.js';
import { Button } from '../ui/parts.js';
import { keyText } from './entries.js';
import { type EditRow, newRow, TYPES } from './rows.js';

interface EditorProps {
  /** The accessible name of the list. */
  readonly label: string;
  readonly rows: readonly EditRow[];
  onChange(rows: readonly EditRow[]): void;
}

/** Rows of key, type and value; a list has its own rows below it. */
export function RowsEditor({ label, rows, onChange }: EditorProps) {
  const change = (id: number, row: EditRow): void => onChange(rows.map((one) => (one.id === id ? row : one)));
  return (
    <fieldset class="rows">
      <legend class="unseen">{label}</legend>
      {rows.map((row, index) => (
        <Row
          key={row.id}
          label={`${label} ${index + 1}`}
          row={row}
          onChange={(changed) => change(row.id, changed)}
          onRemove={() => onChange(rows.filter(({ id }) => id !== row.id))}
        />
      ))}
      <Button icon="add" onClick={() => onChange([...rows, newRow()])}>
        Add entry
      </Button>
    </fieldset>
  );
}

interface RowProps {
  readonly label: string;
  readonly row: EditRow;
  onChange(row: EditRow): void;
  onRemove(): void;
}

function Row({ label, row, onChange, onRemove }: RowProps) {
  return (
    <div class="row-edit">
      <input
        class="mono"
        aria-label={`${label}: key`}
        placeholder="Key"
        value={keyText(row.key)}
        readOnly={typeof row.key !== 'string'}
        spellcheck={false}
        onInput={({ currentTarget }) => onChange({ ...row, key: currentTarget.value })}
      />
      <select
        aria-label={`${label}: type`}
        value={row.type}
        onChange={({ currentTarget }) => onChange({ ...row, type: currentTarget.value as EntryType })}
      >
        {TYPES.map((type) => (
          <option key={type}>{type}</option>
        ))}
      </select>
      {row.type === 'list' ? (
        <span class="row-edit-list">a list:</span>
      ) : (
        <input
          class="mono"
          aria-label={`${label}: value`}
          placeholder={PLACEHOLDERS[row.type]}
          value={row.text}
          spellcheck={false}
          onInput={({ currentTarget }) => onChange({ ...row, text: currentTarget.value })}
        />
      )}
      <Button icon="close" label={`Remove ${label}`} onClick={onRemove} />
      {row.type === 'list' && (
        <div class="row-edit-rows">
          <RowsEditor label={`${label}: list`} rows={row.rows} onChange={(rows) => onChange({ ...row, rows })} />
        </div>
      )}
    </div>
  );
}

const PLACEHOLDERS: Readonly<Record<EntryType, string>> = {
  str: 'Text',
  utf16: 'Text',
  int: 'Integer',
  bin: 'Hex',
  strx: 'Hex',
  list: '',
};
