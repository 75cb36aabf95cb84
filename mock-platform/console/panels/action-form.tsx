import { useState } from 'preact/hooks';
import { messageOf } from '../api/api.js';
import type { PanelAction } from '../api/types.js';
import { fieldsOf } from '../form/schema.js';
import { SchemaForm } from '../form/schema-form.js';
import { FormError, type FormValues, missing, toJson } from '../form/values.js';
import { Button, Problem } from '../ui/parts.js';
import { type ActionRequest, type Data, initialValues, requestOf } from './values.js';

/** Sends a request, and loads the state again. Rejects if the request fails. */
export type Run = (request: ActionRequest) => Promise<void>;

interface ActionFormProps {
  readonly action: PanelAction;
  /** The state, or the row. */
  readonly source: Data;
  readonly run: Run;
  onDone?(): void;
}

/** The form of an action. Until it is edited, it shows the current values. */
export function ActionForm({ action, source, run, onDone }: ActionFormProps) {
  const [edited, setEdited] = useState<FormValues>();
  const [problem, setProblem] = useState<string>();
  const fields = fieldsOf(action.form ?? {});
  const values = edited ?? initialValues(fields, source);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      setProblem(undefined);
      const [left] = missing(fields, values);
      if (left !== undefined) throw new FormError(`${left}: is required`);
      await run(requestOf(action, source, toJson(fields, values)));
      setEdited(undefined);
      onDone?.();
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <form class="action-form" aria-label={action.title} onSubmit={submit}>
      <SchemaForm fields={fields} values={values} onChange={setEdited} />
      <Button type="submit">{action.title}</Button>
      <Problem>{problem}</Problem>
    </form>
  );
}
