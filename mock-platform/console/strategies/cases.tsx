import type { StrategyTest } from '../api/types.js';
import { durationText } from '../ui/format.js';

type Case = StrategyTest['cases'][number];

interface CasesProps {
  readonly cases: readonly Case[];
  /** Shows the path of a case. */
  onShow(one: Case): void;
}

/** The results of the test cases. */
export const Cases = ({ cases, onShow }: CasesProps) => (
  <section aria-label="Test results">
    <p role="status">{summaryOf(cases)}</p>
    <ul class="cases">
      {cases.map((one, index) => (
        // names may repeat
        <li key={index}>
          <span class={one.differences.length === 0 ? 'chip chip-response' : 'chip chip-fault'}>
            {one.differences.length === 0 ? 'passed' : 'failed'}
          </span>{' '}
          <button type="button" class="link-button" title="Show its path" onClick={() => onShow(one)}>
            {one.name}
          </button>{' '}
          {durationText(one.durationMs)}
          {one.differences.length > 0 && (
            <ul class="case-differences">
              {one.differences.map((difference) => (
                <li key={difference}>{difference}</li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  </section>
);

function summaryOf(cases: readonly Case[]): string {
  const passed = cases.filter(({ differences }) => differences.length === 0).length;
  return `${passed} of ${cases.length} passed`;
}
