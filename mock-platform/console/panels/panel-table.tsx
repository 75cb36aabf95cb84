import { useState } from 'preact/hooks';
import type { PanelTable as Definition } from '../api/types.js';
import { countOf } from '../ui/format.js';
import { Empty } from '../ui/parts.js';
import { Table } from '../ui/table.js';
import type { Run } from './action-form.js';
import { type RowAction, RowActions, RowDialog } from './row-actions.js';
import { Value } from './value.js';
import { type Data, search, textOf } from './values.js';

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
      <RowDialog open={open} run={run} onClose={() => setOpen(undefined)} />
    </>
  );
}

/** The first value of a row, which names it. */
const nameOf = (row: Data, [key = 'value']: readonly string[]): string => textOf(row[key]);
