import { api } from '../api/api.js';
import { changes, live } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { Icon } from '../ui/icons.js';
import { Button } from '../ui/parts.js';
import { copy } from '../ui/toasts.js';

/** Over every view, as long as what the files say could not be taken over (`esp-host dev`): what is wrong, and where. */
export function RefusedBanner() {
  const { reload } = useStore(changes);
  const state = useStore(live);
  const last = useResource(api.reload, [reload, state]).data?.last;
  return (
    <div role="alert">
      {last?.kind === 'refused' && (
        <div class="refused">
          <Icon name="warning" />
          <div class="refused-text">
            <p>
              <strong>The last change was refused:</strong> what ran before runs on. Correct it and save.
            </p>
            <ul>
              {last.problems.map((problem) => (
                <li key={placeOf(problem)}>
                  <code>{placeOf(problem)}</code> {problem.message}
                </li>
              ))}
            </ul>
          </div>
          <Button
            icon="copy"
            onClick={() =>
              copy('what is wrong', () => last.problems.map((one) => `${placeOf(one)}: ${one.message}`).join('\n'))
            }
          >
            Copy
          </Button>
        </div>
      )}
    </div>
  );
}

const placeOf = ({ file, line, column }: { file: string; line: number; column: number }): string =>
  `${file}:${line}:${column}`;
