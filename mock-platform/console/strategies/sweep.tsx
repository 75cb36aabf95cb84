import type { StrategySweep } from '../api/types.js';
import { countOf } from '../ui/format.js';
import { Button, Panel } from '../ui/parts.js';
import { endText } from './comparison.js';

interface SweepProps {
  readonly sweep: StrategySweep;
  onClose(): void;
}

/** Where the customer ends up after each outcome of each step. Paths that end nowhere come first. */
export function Sweep({ sweep: { paths, neverTaken, neverReached, cut }, onClose }: SweepProps) {
  const nowhere = paths.filter(({ routedTo }) => routedTo === null);
  const ordered = [...nowhere, ...paths.filter(({ routedTo }) => routedTo !== null)];
  return (
    <Panel title="All outcomes" tools={<Button icon="close" label="Close the outcomes" onClick={onClose} />}>
      <p role="status">
        {`${countOf(paths.length, 'path')}, ${nowhere.length === 0 ? 'all are routed' : `${nowhere.length} end nowhere`}`}
        {cut && '; there are more'}
      </p>
      {neverTaken.length > 0 && <p class="hint">{`Branches that are never taken: ${neverTaken.join(', ')}`}</p>}
      {neverReached.length > 0 && <p class="hint">{`Steps that are never reached: ${neverReached.join(', ')}`}</p>}
      <div class="table" tabIndex={0} role="group" aria-label="All paths">
        <table>
          <thead>
            <tr>
              <th scope="col">Outcomes</th>
              <th scope="col">Routed to</th>
            </tr>
          </thead>
          <tbody>
            {ordered.map(({ forced, ...end }, index) => (
              <tr key={index} class={end.routedTo === null ? 'compare-differs' : undefined}>
                <td>{forced.map(({ step, outcome }) => `${step}: ${outcome}`).join(' → ')}</td>
                <td>{endText(end)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
