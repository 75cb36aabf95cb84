import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { api } from '../api/api.js';
import type { MockPanel } from '../api/types.js';
import { changed } from '../state/session.js';
import { useResource } from '../state/use-resource.js';
import { Dialog } from '../ui/dialog.js';
import { Empty } from '../ui/parts.js';
import { attempt } from '../ui/toasts.js';
import { type Command, commandsOf, matching } from './commands.js';
import { go, hashOf } from './navigation.js';

const load = async (signal: AbortSignal) => {
  const [{ rules }, strategies, files] = await Promise.all([
    api.faults(signal),
    api.strategies(signal),
    api.files(signal),
  ]);
  return { rules, strategies, files };
};

const NOTHING = { rules: [], strategies: [], files: [] };

interface PaletteProps {
  readonly panels: readonly MockPanel[];
  onClose(): void;
}

/** Goes anywhere by a few letters. */
export function Palette({ panels, onClose }: PaletteProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const { data } = useResource(load);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  // After the dialog has opened, which focuses its first button.
  useEffect(() => input.current?.focus(), []);
  const commands = useMemo(() => commandsOf({ panels, ...(data ?? NOTHING) }), [panels, data]);
  const shown = matching(commands, text);
  const run = ({ does }: Command): void => {
    onClose();
    if ('view' in does) go(hashOf(does.view));
    else if ('hash' in does) go(does.hash);
    else void attempt(() => api.removeFault(does.faultOff)).then(() => changed('faults'));
  };
  const pressed = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = shown[at];
    if (step !== undefined) setAt(Math.min(shown.length - 1, Math.max(0, at + step)));
    else if (event.key === 'Enter' && chosen !== undefined) run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <input
        type="search"
        role="combobox"
        {...{ list: undefined }}
        ref={input}
        aria-label="Command"
        aria-autocomplete="list"
        aria-expanded={true}
        aria-controls={`${id}-commands`}
        aria-activedescendant={shown.length === 0 ? undefined : `${id}-${at}`}
        placeholder="A view, a strategy, a file, a fault"
        value={text}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={pressed}
      />
      <div class="palette" id={`${id}-commands`} role="listbox" aria-label="Commands">
        {shown.map((command, index) => (
          <div
            key={index}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            ref={(option) => {
              if (index === at) option?.scrollIntoView({ block: 'nearest' });
            }}
            onClick={() => run(command)}
            onKeyDown={pressed}
          >
            {command.title}
          </div>
        ))}
      </div>
      {shown.length === 0 && <Empty>Nothing has these words.</Empty>}
    </Dialog>
  );
}
