import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { IconName } from './icons.js';
import { Button } from './parts.js';

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
  onClose(): void;
}

/** A modal dialog; Esc and a click outside close it. */
export function Dialog({ title, children, actions, onClose }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div class="dialog">
        <header class="panel-head">
          <h2 id={heading}>{title}</h2>
          <Button icon="close" label="Close" onClick={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
        {actions && <footer class="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}

interface ConfirmedButtonProps {
  readonly icon: IconName;
  readonly title?: string;
  /** The button's text, without the ellipsis. */
  readonly label: string;
  readonly question: string;
  /** The text of the button that confirms. */
  readonly action: string;
  /** What it does. */
  readonly children: ComponentChildren;
  onConfirm(): void;
}

/** A button that asks before it acts. */
export function ConfirmedButton({ icon, title, label, question, action, children, onConfirm }: ConfirmedButtonProps) {
  const [asked, setAsked] = useState(false);
  const close = (): void => setAsked(false);
  const confirm = (): void => {
    close();
    onConfirm();
  };
  return (
    <>
      <Button icon={icon} {...(title === undefined ? {} : { title })} onClick={() => setAsked(true)}>
        {label}…
      </Button>
      {asked && (
        <Dialog
          title={question}
          onClose={close}
          actions={
            <>
              <Button onClick={close}>Cancel</Button>
              <Button kind="danger" onClick={confirm}>
                {action}
              </Button>
            </>
          }
        >
          <p>{children}</p>
        </Dialog>
      )}
    </>
  );
}
