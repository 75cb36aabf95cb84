import { useState } from 'preact/hooks';
import { api, messageOf } from '../api/api.js';
import { changed } from '../state/session.js';
import { countOf } from '../ui/format.js';
import { Button, Labelled, Panel, Problem } from '../ui/parts.js';
import { note } from '../ui/toasts.js';
import { EXAMPLE, readStubs } from './read-stubs.js';

interface AddStubProps {
  readonly applications: readonly string[];
  onAdded(): void;
}

export function AddStub({ applications, onAdded }: AddStubProps) {
  const [chosen, setChosen] = useState<string>();
  const [text, setText] = useState(EXAMPLE);
  const [problem, setProblem] = useState<string>();
  const application = chosen ?? applications[0];
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      setProblem(undefined);
      await add(application, text);
      changed('stubs');
      onAdded();
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <Panel title="Add a stub">
      <form class="form" onSubmit={submit}>
        <Labelled name="Application">
          <select value={application} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            {applications.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Labelled>
        <Labelled
          name="Definition"
          hint="JSON or YAML; a list adds several. You can paste the result of “Copy as stub”."
        >
          <textarea
            class="mono"
            rows={14}
            spellcheck={false}
            aria-invalid={problem !== undefined}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </Labelled>
        <Problem>{problem}</Problem>
        <div>
          <Button type="submit" kind="primary" icon="add" disabled={application === undefined}>
            Add
          </Button>
        </div>
      </form>
    </Panel>
  );
}

/** @throws StubTextError, ApiError */
async function add(application: string | undefined, text: string): Promise<void> {
  const { parse } = await import('yaml');
  const stubs = readStubs(text, parse);
  for (const stub of stubs) await api.addStub(application ?? '', stub);
  note(`Added ${countOf(stubs.length, 'stub')} to ${application}`);
}
