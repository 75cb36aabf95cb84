import type { LogLine } from '../api/types.js';
import { clockTime } from '../ui/format.js';
import { Empty } from '../ui/parts.js';

/** What the host logged about a request. */
export const LogLines = ({ lines }: { readonly lines: readonly LogLine[] }) =>
  lines.length === 0 ? (
    <Empty>The log has no line about this request: at level info, what went well leaves none.</Empty>
  ) : (
    <ol class="log">
      {lines.map((line, index) => (
        // lines are only ever added at the end
        <li key={index}>
          <time>{clockTime(line.at)}</time>
          <span class={`level level-${line.level}`}>{line.level}</span>
          <span class="log-text">
            {line.message}
            {fieldsOf(line).map(([name, value]) => (
              <span key={name} class="log-field">
                {' '}
                <b>{name}</b>={typeof value === 'string' ? value : JSON.stringify(value)}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );

const fieldsOf = ({ fields }: LogLine) => Object.entries(fields ?? {});
