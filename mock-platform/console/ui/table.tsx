import type { ComponentChildren } from 'preact';
import { Empty } from './parts.js';

interface TableProps {
  readonly label: string;
  readonly head: readonly string[];
  readonly rows: readonly { readonly key: string | number; readonly cells: readonly ComponentChildren[] }[];
  /** Indexes of numeric columns. */
  readonly numeric?: readonly number[];
  readonly empty?: string;
}

/** A table that scrolls horizontally if it is too wide. */
export function Table({ label, head, rows, numeric = [], empty }: TableProps) {
  if (rows.length === 0 && empty !== undefined) return <Empty>{empty}</Empty>;
  const classOf = (index: number): string | undefined => (numeric.includes(index) ? 'number' : undefined);
  return (
    <div class="table" role="group" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((title, index) => (
              <th key={title} scope="col" class={classOf(index)}>
                {title === '' ? <span class="unseen">Actions</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, index) => (
                <td key={head[index]} class={classOf(index)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
