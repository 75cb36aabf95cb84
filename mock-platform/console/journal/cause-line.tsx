import { api } from '../api/api.js';
import type { Cause } from '../api/types.js';
import { visible } from '../message/entries.js';
import { routeHash } from '../shell/routes.js';
import { changed } from '../state/session.js';
import { clockTime } from '../ui/format.js';
import { Button } from '../ui/parts.js';
import { attempt, copy } from '../ui/toasts.js';

interface CauseProps {
  readonly cause: Cause;
  /** Shows an upstream call, by its index. */
  onShowCall(index: number): void;
}

/** Why an exchange came out as it did. */
export function CauseLine({ cause: { kind, text, details, fault, place, call }, onShowCall }: CauseProps) {
  return (
    <section class={`cause cause-${kind}`} aria-label="Cause">
      <h3>Cause</h3>
      <div class="cause-text">
        <p>
          {visible(text)}
          {fault && <span class="cause-since">{sinceText(fault)}</span>}
        </p>
        {place !== undefined && (
          <p class="cause-place">
            <code>{visible(place)}</code>
            <Button icon="copy" label="Copy the place" onClick={() => copy('the place', () => place)} />
          </p>
        )}
        {details !== undefined && <p class="cause-details">{visible(details)}</p>}
      </div>
      <div class="cause-actions">
        {fault?.isOn && <Button onClick={() => switchOff(fault.id)}>Switch off</Button>}
        {fault && <a href={routeHash('faults')}>Faults</a>}
        {(kind === 'stub' || kind === 'no-stub') && <a href={routeHash('stubs')}>Stubs</a>}
        {call !== undefined && <Button onClick={() => onShowCall(call)}>Show call</Button>}
      </div>
    </section>
  );
}

const sinceText = ({ since, isOn }: NonNullable<Cause['fault']>): string =>
  isOn ? `on since ${clockTime(since).slice(0, 8)}` : `added at ${clockTime(since).slice(0, 8)}, off now`;

async function switchOff(id: string): Promise<void> {
  await attempt(() => api.removeFault(id));
  changed('faults');
}
