import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { api, messageOf } from '../api/api.js';
import type { StrategyFile, StrategyRun } from '../api/types.js';
import { Button, Problem } from '../ui/parts.js';
import { graphOf } from './graph.js';
import { pictureOf } from './picture.js';
import { PictureView } from './picture-view.js';
import { type DataValues, setOf, startValues } from './run.js';
import { RunDetail } from './run-detail.js';

interface StrategyProps {
  readonly strategy: StrategyFile;
  /** The control that chooses another strategy. */
  readonly children: ComponentChildren;
}

/** One strategy: its start data, its picture, and the path of a run. */
export function Strategy({ strategy, children }: StrategyProps) {
  const [values, setValues] = useState<DataValues>(() => startValues(strategy.data));
  const [run, setRun] = useState<StrategyRun>();
  const [problem, setProblem] = useState<string>();
  const [running, setRunning] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const picture = useMemo(() => pictureOf(graphOf(strategy.steps)), [strategy]);
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    setRunning(true);
    try {
      const ran = await api.runStrategy(strategy.file, setOf(values, strategy.data));
      setRun(ran);
      setChosen(ran.steps.at(0)?.id);
      setProblem(undefined);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setRunning(false);
    }
  };
  return (
    <div class="strategy">
      <section class="panel strategy-start" aria-label="Start">
        {children}
        {strategy.problems?.map((one) => (
          <Problem key={one}>{one}</Problem>
        ))}
        <form class="strategy-data" onSubmit={start}>
          {Object.entries(values).map(([name, value]) => (
            <label key={name} class="labelled">
              <span class="label">{name}</span>
              <input
                value={value}
                spellcheck={false}
                onInput={({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value })}
              />
            </label>
          ))}
          <Button type="submit" kind="primary" icon="play" disabled={running || strategy.steps.length === 0}>
            {running ? 'Running…' : 'Run'}
          </Button>
        </form>
        <Problem>{problem}</Problem>
        {run && <Outcome run={run} />}
      </section>
      {strategy.steps.length > 0 && (
        <div class="strategy-run">
          <PictureView picture={picture} run={run} chosen={chosen} onChoose={setChosen} />
          <RunDetail strategy={strategy} run={run} chosen={chosen} />
        </div>
      )}
    </div>
  );
}

const Outcome = ({ run: { routedTo, endedAt, problem } }: { readonly run: StrategyRun }) => (
  <p class={routedTo === null ? 'run-outcome run-nowhere' : 'run-outcome'} role="status">
    {routedTo === null ? (
      <>
        Routed nowhere: ended at <strong>{endedAt}</strong>. {problem}
      </>
    ) : (
      <>
        Routed to <strong>{routedTo}</strong>
      </>
    )}
  </p>
);
