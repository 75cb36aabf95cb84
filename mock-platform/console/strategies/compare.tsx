import { useId, useState } from 'preact/hooks';
import { api } from '../api/api.js';
import type { StrategyRun } from '../api/types.js';
import { useResource } from '../state/use-resource.js';
import { Button, Empty, Panel, Problem } from '../ui/parts.js';
import { comparedSteps, endText, firstTwo, type Side, sidesOf } from './comparison.js';

interface CompareProps {
  readonly run: StrategyRun | undefined;
  /** Runs the strategy once. @throws ApiError */
  onRun(side: Side): Promise<StrategyRun>;
  /** Shows the path of a run. */
  onShow(run: StrategyRun): void;
  onClose(): void;
}

interface Compared {
  readonly titles: readonly [string, string];
  readonly runs: readonly [StrategyRun, StrategyRun];
}

/** Two runs side by side: with two variants of a mock, or before and after an edit. */
export function Compare({ run, onRun, onShow, onClose }: CompareProps) {
  const { data, problem: unknown } = useResource(api.strategyVariants);
  // The last run may be replaced while this is open.
  const [before] = useState(run);
  const [chosen, setChosen] = useState<readonly [string, string]>();
  const [compared, setCompared] = useState<Compared>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const sides = sidesOf(data ?? [], before !== undefined);
  const [left, right] = chosen ?? firstTwo(sides);
  const ranAs = (side: Side): Promise<StrategyRun> =>
    side.isLast && before !== undefined ? Promise.resolve(before) : onRun(side);
  const start = async (): Promise<void> => {
    const [one, other] = [left, right].map((name) => sides.find(({ title }) => title === name));
    if (one === undefined || other === undefined) return;
    setBusy(true);
    try {
      setCompared({ titles: [one.title, other.title], runs: await Promise.all([ranAs(one), ranAs(other)]) });
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="Compare two runs" tools={<Button icon="close" label="Close the comparison" onClick={onClose} />}>
      <Problem>{unknown ?? problem}</Problem>
      <div class="compare-sides">
        <Choice label="Left" sides={sides} value={left} onChange={(title) => setChosen([title, right])} />
        <Choice label="Right" sides={sides} value={right} onChange={(title) => setChosen([left, title])} />
        <Button kind="primary" icon="play" disabled={busy || data === undefined} onClick={start}>
          {busy ? 'Running…' : 'Run both'}
        </Button>
      </div>
      {compared === undefined ? (
        <Empty>Variants of a mock run on a platform of their own.</Empty>
      ) : (
        <Steps compared={compared} onShow={onShow} />
      )}
    </Panel>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly sides: readonly Side[];
  readonly value: string;
  onChange(title: string): void;
}

function Choice({ label, sides, value, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <span class="labelled">
      <label class="label" for={id}>
        {label}
      </label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {sides.map(({ title }) => (
          <option key={title} value={title}>
            {title}
          </option>
        ))}
      </select>
    </span>
  );
}

interface StepsProps {
  readonly compared: Compared;
  onShow(run: StrategyRun): void;
}

function Steps({ compared: { titles, runs }, onShow }: StepsProps) {
  const steps = comparedSteps(...runs);
  const differing = steps.filter(({ isSame }) => !isSame).length;
  return (
    <>
      <p role="status">
        {differing === 0 ? 'Both runs are the same.' : `${differing} of ${steps.length} steps differ.`}
      </p>
      <div class="table" tabIndex={0} role="group" aria-label="The steps of both runs">
        <table class="compare-steps">
          <thead>
            <tr>
              <th scope="col">Step</th>
              {runs.map((run, index) => (
                <th scope="col" key={index}>
                  <button type="button" class="link-button" title="Show its path" onClick={() => onShow(run)}>
                    {titles[index]}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {steps.map(({ id, left, right, isSame }, index) => (
              <tr key={index} class={isSame ? undefined : 'compare-differs'}>
                <th scope="row">{id}</th>
                <td>{left ?? '–'}</td>
                <td>{right ?? '–'}</td>
              </tr>
            ))}
            <tr class={endText(runs[0]) === endText(runs[1]) ? undefined : 'compare-differs'}>
              <th scope="row">Routed to</th>
              <td>{endText(runs[0])}</td>
              <td>{endText(runs[1])}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </>
  );
}
