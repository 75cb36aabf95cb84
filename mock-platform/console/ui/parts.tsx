import type { ComponentChildren } from 'preact';
import type { Outcome } from '../api/types.js';
import { Icon, type IconName } from './icons.js';

/** Components shared by all views. */

interface ButtonProps {
  readonly children?: ComponentChildren;
  readonly icon?: IconName;
  readonly kind?: 'primary' | 'danger' | undefined;
  readonly label?: string | undefined;
  readonly title?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly pressed?: boolean | undefined;
  readonly type?: 'button' | 'submit';
  onClick?(): unknown;
}

/** A button. `label` names an icon without text. */
export function Button({
  children,
  icon,
  kind,
  label,
  title,
  disabled,
  pressed,
  type = 'button',
  onClick,
}: ButtonProps) {
  const classes = ['button', kind && `button-${kind}`, children === undefined && 'button-icon'].filter(Boolean);
  return (
    <button
      type={type}
      class={classes.join(' ')}
      aria-label={label}
      title={title ?? label}
      disabled={disabled}
      aria-pressed={pressed}
      onClick={() => onClick?.()}
    >
      {icon && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}

interface ViewHeadProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** The heading of a view, and its actions. */
export const ViewHead = ({ title, note, children }: ViewHeadProps) => (
  <header class="view-head">
    <h1>{title}</h1>
    {note && <p class="view-note">{note}</p>}
    <div class="view-tools">{children}</div>
  </header>
);

interface PanelProps {
  readonly title: string;
  readonly count?: number | undefined;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly class?: string;
}

/** A section of a view with its own heading. */
export const Panel = ({ title, count, tools, children, class: className = '' }: PanelProps) => (
  <section class={`panel ${className}`} aria-label={title}>
    <header class="panel-head">
      <h2>
        {title}
        {count !== undefined && <span class="count">{count}</span>}
      </h2>
      <div class="panel-tools">{tools}</div>
    </header>
    <div class="panel-body">{children}</div>
  </section>
);

/** An error message. */
export const Problem = ({ children }: { readonly children?: ComponentChildren }) =>
  children ? (
    <p class="problem" role="alert">
      <Icon name="warning" />
      <span>{children}</span>
    </p>
  ) : null;

export const Empty = ({ children }: { readonly children: ComponentChildren }) => <p class="empty">{children}</p>;

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  response: 'Response',
  fault: 'Fault',
  none: 'No reply',
  lost: 'Connection lost',
  pending: 'Pending',
};

export const outcomeText = (outcome: Outcome): string => OUTCOMES[outcome];

export const OutcomeChip = ({
  outcome,
  code,
}: {
  readonly outcome: Outcome;
  readonly code?: string | number | undefined;
}) => (
  <span class={`chip chip-${outcome}`}>
    {OUTCOMES[outcome]}
    {code !== undefined && ` ${code}`}
  </span>
);

interface LabelledProps {
  readonly name: string;
  readonly hint?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A field with a label above it. */
export const Labelled = ({ name, hint, children }: LabelledProps) => (
  <div class="labelled">
    {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children */}
    <label class="labelled">
      <span class="label">{name}</span>
      {children}
    </label>
    {hint && <p class="hint">{hint}</p>}
  </div>
);

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly choices: readonly { readonly value: T; readonly text: string }[];
  readonly value: NoInfer<T>;
  readonly name: string;
  onChange(value: NoInfer<T>): void;
}

/** A choice of a few visible options. */
export const Segments = <T extends string>({ label, choices, value, name, onChange }: SegmentsProps<T>) => (
  <fieldset class="segments">
    <legend class="unseen">{label}</legend>
    {choices.map((choice) => (
      <label key={choice.value}>
        <input
          type="radio"
          name={name}
          value={choice.value}
          checked={choice.value === value}
          onChange={() => onChange(choice.value)}
        />
        <span>{choice.text}</span>
      </label>
    ))}
  </fieldset>
);
