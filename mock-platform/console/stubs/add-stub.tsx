import { useState } from 'preact/hooks';
import { api, messageOf } from '../api/api.js';
import type { StubOwner } from '../api/types.js';
import { changed } from '../state/session.js';
import { countOf } from '../ui/format.js';
import { Button, Labelled, Panel, Problem } from '../ui/parts.js';
import { note } from '../ui/toasts.js';
import { ownerKey, ownerText } from './owners.js';
import { EXAMPLES, readStubs } from './read-stubs.js';

interface AddStubProps {
  readonly owners: readonly StubOwner[];
  onAdded(): void;
}

export function AddStub({ owners, onAdded }: AddStubProps) {
  const [chosen, setChosen] = useState(0);
  const [typed, setText] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const owner = owners[chosen] ?? owners[0];
  const text = typed ?? (owner?.upstream === undefined ? EXAMPLES.application : EXAMPLES.upstream);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      setProblem(undefined);
      await add(owner, text);
      changed('stubs');
      onAdded();
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <Panel title="Add a stub">
      <form class="form" onSubmit={submit}>
        <Labelled name="Server">
          <select value={chosen} onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}>
            {owners.map((one, index) => (
              <option key={ownerKey(one)} value={index}>
                {ownerText(one)}
              </option>
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
          <Button type="submit" kind="primary" icon="add" disabled={owner === undefined}>
            Add
          </Button>
        </div>
      </form>
    </Panel>
  );
}

/** @throws StubTextError, ApiError */
async function add(owner: StubOwner | undefined, text: string): Promise<void> {
  if (owner === undefined) return;
  const { parse } = await import('yaml');
  const stubs = readStubs(text, parse);
  // Each is added before the others.
  for (const stub of stubs.toReversed()) await api.addStub(owner, stub);
  note(`Added ${countOf(stubs.length, 'stub')} to ${owner.application ?? owner.upstream}`);
}
