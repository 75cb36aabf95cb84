import type { PanelField } from '../api/types.js';
import { routeHash } from '../shell/routes.js';
import { clockTime, fullTime } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { isFailed, textOf } from './values.js';

interface ValueProps {
  readonly field: PanelField;
  readonly value: unknown;
}

/** A value in the format of its field. A value that does not fit the format is shown as text. */
export function Value({ field: { as, good }, value }: ValueProps) {
  const text = textOf(value);
  switch (as) {
    case 'code':
      return <code>{text}</code>;
    case 'time':
      return isTime(value) ? <time title={fullTime(value)}>{clockTime(value)}</time> : text;
    case 'date':
      return isTime(value) ? <time>{fullTime(value).slice(0, 19)}</time> : text;
    case 'status':
      return <span class={isFailed(value) ? 'status status-bad' : 'status'}>{text}</span>;
    case 'state':
      return (
        <span class={good.includes(text) ? 'state state-good' : 'state'}>
          <span class="dot" aria-hidden="true" />
          {text}
        </span>
      );
    case 'entry':
      return isEntry(value) ? (
        <a href={routeHash('journal', [value.id])}>
          {value.referenceId === null ? `request ${value.id}` : `ReferenceId ${value.referenceId}`}
        </a>
      ) : (
        text
      );
    case 'warning':
      return <Warning value={value} />;
    default:
      return text;
  }
}

/** A text that stands out; nothing without a text. */
export const Warning = ({ value }: { readonly value: unknown }) =>
  value ? (
    <p class="advice advice-warning">
      <Icon name="warning" />
      <span>{textOf(value)}</span>
    </p>
  ) : null;

/** Whether `Date` can represent it. */
const isTime = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= 8.64e15;

const isEntry = (value: unknown): value is { readonly id: number; readonly referenceId: number | null } =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  Number.isInteger(value.id) &&
  'referenceId' in value &&
  (value.referenceId === null || Number.isInteger(value.referenceId));
