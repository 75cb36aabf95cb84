import { useStore } from '../state/store.js';
import { Dialog } from '../ui/dialog.js';
import { times } from '../ui/format.js';
import { Button, Segments } from '../ui/parts.js';
import { COLUMNS, columns, columnsIn, isRemovable, titleOf, USUAL, withColumn } from './columns.js';

const TIMES = [
  { value: 'local', text: 'Local' },
  { value: 'utc', text: 'UTC' },
] as const;

/** The choice of the list's columns, and of the time zone. */
export function ColumnsDialog({ onClose }: { onClose(): void }) {
  const shown = columnsIn(useStore(columns));
  const zone = useStore(times);
  return (
    <Dialog
      title="Columns and times"
      onClose={onClose}
      actions={
        <>
          <Button onClick={() => columns.set(USUAL.join())}>Usual columns</Button>
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <fieldset class="column-choice">
        <legend>Columns</legend>
        {COLUMNS.map((column) => (
          <label key={column}>
            <input
              type="checkbox"
              checked={shown.includes(column)}
              disabled={shown.includes(column) && !isRemovable(column, shown)}
              onChange={({ currentTarget }) => columns.set(withColumn(shown, column, currentTarget.checked).join())}
            />
            <span>{titleOf(column)}</span>
          </label>
        ))}
      </fieldset>
      <p class="hint">A narrow list hides those that don't fit.</p>
      <div class="labelled">
        <span class="label">Times in</span>
        <Segments label="Times in" name="times" choices={TIMES} value={zone} onChange={(next) => times.set(next)} />
      </div>
    </Dialog>
  );
}
