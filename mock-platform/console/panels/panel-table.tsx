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
                : [<RowActions key="actions" actions={actions} row={row} name={nameOf(row, keys)} run={run} />]),
            ],
          }))}
        />
      </div>
      {found.length === 0 && <Empty>{rows.length === 0 ? empty : 'No matches.'}</Empty>}
      {found.length > MOST && <p class="hint">and {countOf(found.length - MOST, 'more row')}</p>}
    </>
  );
}

/** The first value of a row, which names it. */
const nameOf = (row: Data, [key = 'value']: readonly string[]): string => textOf(row[key]);

interface RowActionsProps {
  readonly actions: readonly PanelAction[];
  readonly row: Data;
  readonly name: string;
  readonly run: Run;
}

/** The buttons of a row. An action with a form opens a dialog. */
function RowActions({ actions, row, name, run }: RowActionsProps) {
  const [open, setOpen] = useState<PanelAction>();
  return (
    <span class="row-actions">
      {actions.map((action) => (
        <Button
          key={action.title}
          label={`${action.title} ${name}`}
          onClick={() => (action.form === null ? attempt(() => run(requestOf(action, row, {}))) : setOpen(action))}
        >
          {action.title}
        </Button>
      ))}
      {open && (
        <Dialog title={`${open.title} ${name}`} onClose={() => setOpen(undefined)}>
          <ActionForm action={open} source={row} run={run} onDone={() => setOpen(undefined)} />
        </Dialog>
      )}
    </span>
  );
}
