import { useState } from 'preact/hooks';
import type { PanelTable as Definition, PanelAction } from '../api/types.js';
import { Dialog } from '../ui/dialog.js';
import { countOf } from '../ui/format.js';
import { Button, Empty } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import { attempt } from '../ui/toasts.js';
import { ActionForm, type Run } from './action-form.js';
import { Value } from './value.js';
import { type Data, requestOf, search, textOf } from './values.js';

interface PanelTableProps {
  readonly title: string;
  readonly table: Definition;
  readonly rows: readonly Data[];
  readonly run: Run;
}

/** How many rows are rendered. */
const MOST = 200;

export function PanelTable({
  title,
  table: { columns, actions, search: hasSearch, empty },
  rows,
  run,
}: PanelTableProps) {
  const [wanted, setWanted] = useState('');
  const [open, setOpen] = useState<RowAction>();
  const close = (): void => setOpen(undefined);
  const keys = columns.map(({ value }) => value);
  const found = search(rows, keys, wanted);
  const head = columns.map((column) => column.title);
  return (
    <>
      {hasSearch && (
        <input
          type="search"
          data-filter
          aria-label={`Search ${title}`}
          placeholder="Search"
          value={wanted}
          onInput={({ currentTarget }) => setWanted(currentTarget.value)}
        />
      )}
      <div class="panel-table">
        <Table
          label={title}
          head={actions.length === 0 ? head : [...head, '']}
          rows={found.slice(0, MOST).map((row, index) => ({
            // rows have no id
            key: index,
            cells: [
              ...columns.map((field) => <Value key={field.title} field={field} value={row[field.value]} />),
              ...(actions.length === 0
                ? []
                : [
                    <RowActions
                      key="actions"
                      actions={actions}
                      row={row}
                      name={nameOf(row, keys)}
                      run={run}
                      onOpen={setOpen}
                    />,
                  ]),
            ],
          }))}
        />
      </div>
      {found.length === 0 && <Empty>{rows.length === 0 ? empty : 'No matches.'}</Empty>}
      {found.length > MOST && <p class="hint">and {countOf(found.length - MOST, 'more row')}</p>}
      {open && (
        <Dialog title={`${open.action.title} ${open.name}`} onClose={close}>
          <ActionForm action={open.action} source={open.row} run={run} onDone={close} />
        </Dialog>
      )}
    </>
  );
}

/** The first value of a row, which names it. */
const nameOf = (row: Data, [key = 'value']: readonly string[]): string => textOf(row[key]);

/** An action of a row, as the row was when its dialog opened: updates of the table don't change the target. */
interface RowAction {
  readonly action: PanelAction;
  readonly row: Data;
  readonly name: string;
}

interface RowActionsProps extends Omit<RowAction, 'action'> {
  readonly actions: readonly PanelAction[];
  readonly run: Run;
  onOpen(action: RowAction): void;
}

/** The buttons of a row. An action with a form opens a dialog. */
function RowActions({ actions, row, name, run, onOpen }: RowActionsProps) {
  return (
    <span class="row-actions">
      {actions.map((action) => (
        <Button
          key={action.title}
          label={`${action.title} ${name}`}
          onClick={() =>
            action.form === null ? attempt(() => run(requestOf(action, row, {}))) : onOpen({ action, row, name })
          }
        >
          {action.title}
        </Button>
      ))}
    </span>
  );
}
