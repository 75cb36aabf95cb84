import type { LogLine } from '../api/types.js';
import { visible } from '../message/entries.js';

/** A log line in full, with its fields. */
export const LogFields = ({ line: { message, fields } }: { readonly line: LogLine }) => (
  <div class="log-line">
    <p class="log-text">{visible(message)}</p>
    {Object.keys(fields).length > 0 && (
      <dl>
        {Object.entries(fields).map(([name, value]) => (
          <div key={name}>
            <dt>{visible(name)}</dt>
            <dd>{visible(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}</dd>
          </div>
        ))}
      </dl>
    )}
  </div>
);
