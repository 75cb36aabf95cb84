import { messageOf } from '../api/api.js';
import { Store, useStore } from '../state/store.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isProblem: boolean;
}

const SHOWN_MS = { note: 4000, problem: 12_000 } as const;

const toasts = new Store<readonly Toast[]>([]);
let lastId = 0;

function show(text: string, isProblem: boolean): void {
  const id = ++lastId;
  toasts.update((all) => [...all.slice(-2), { id, text, isProblem }]);
  window.setTimeout(() => dismiss(id), isProblem ? SHOWN_MS.problem : SHOWN_MS.note);
}

const dismiss = (id: number): void => toasts.update((all) => all.filter((toast) => toast.id !== id));

/** Shows a message for a few seconds. */
export const note = (text: string): void => show(text, false);

/** Shows a problem. */
export const warn = (text: string): void => show(text, true);

/** Runs `work` and shows an error if it fails. @returns whether it succeeded */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    show(messageOf(error), true);
    return false;
  }
}

/** Copies a text, which may have to be fetched first. */
export const copy = (what: string, text: () => string | Promise<string>): Promise<boolean> =>
  attempt(async () => {
    const content = await text();
    await navigator.clipboard.writeText(content).catch((error: unknown) => {
      throw new Error(`Cannot copy: ${messageOf(error)}`);
    });
    note(`Copied ${what}`);
  });

export function Toasts() {
  const all = useStore(toasts);
  return (
    <div class="toasts" role="status">
      {all.map(({ id, text, isProblem }) => (
        <p key={id} class={isProblem ? 'toast toast-problem' : 'toast'}>
          <span>{text}</span>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
