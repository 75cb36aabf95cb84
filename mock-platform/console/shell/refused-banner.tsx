import { api } from '../api/api.js';
import { changes, live } from '../state/session.js';
import { useStore } from '../state/store.js';
import { useResource } from '../state/use-resource.js';
import { placeOf } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { Button } from '../ui/parts.js';
import { copy } from '../ui/toasts.js';

/** The errors of a rejected change (`esp-host dev`), above every view until a change succeeds. */
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
              <strong>The last change was rejected.</strong> The previous version keeps running. Correct the error and
              save.
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
              copy('the errors', () => last.problems.map((one) => `${placeOf(one)}: ${one.message}`).join('\n'))
            }
          >
            Copy
          </Button>
        </div>
      )}
    </div>
  );
}
