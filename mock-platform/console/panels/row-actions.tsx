import type { PanelAction } from '../api/types.js';
import { Dialog } from '../ui/dialog.js';
import { Button } from '../ui/parts.js';
import { attempt } from '../ui/toasts.js';
import { ActionForm, type Run } from './action-form.js';
import { type Data, hasAction, requestOf } from './values.js';

/** An action of a row, as the row was when its dialog opened: updates don't change the target. */
export interface RowAction {
  readonly action: PanelAction;
  readonly row: Data;
  readonly name: string;
}

interface RowActionsProps extends Omit<RowAction, 'action'> {
  readonly actions: readonly PanelAction[];
  readonly run: Run;
  onOpen(action: RowAction): void;
}

/** The buttons of a row. An action with a form opens a dialog. */
export function RowActions({ actions, row, name, run, onOpen }: RowActionsProps) {
  return (
    <span class="row-actions">
      {actions
        .filter((action) => hasAction(action, row))
        .map((action) => (
          <Button
            key={action.title}
            label={`${action.title} ${name}`}
            onClick={() =>
              action.form === null ? attempt(() => run(requestOf(action, row, {}))) : onOpen({ action, row, name })
            }
          >
            {action.title}
          </Button>
        ))}
    </span>
  );
}

interface RowDialogProps {
  /** Undefined while closed. */
  readonly open: RowAction | undefined;
  readonly run: Run;
  onClose(): void;
}

/** The form of an action of a row. */
export const RowDialog = ({ open, run, onClose }: RowDialogProps) =>
  open && (
    <Dialog title={`${open.action.title} ${open.name}`} onClose={onClose}>
      <ActionForm action={open.action} source={open.row} run={run} onDone={onClose} />
    </Dialog>
  );
