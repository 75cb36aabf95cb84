import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { api, messageOf } from '../api/api.js';
import type { StrategyFile, StrategyRun, StrategySweep, StrategyTest } from '../api/types.js';
import { EditLink } from '../editor/edit-link.js';
import { LazyEditor } from '../editor/lazy-editor.js';
import { go } from '../shell/navigation.js';
import { routeHash } from '../shell/routes.js';
import { kept, useStore } from '../state/store.js';
import { Button, Problem } from '../ui/parts.js';
import { Cases } from './cases.js';
import { Compare } from './compare.js';
import { graphOf } from './graph.js';
import { pictureOf } from './picture.js';
import { PictureView } from './picture-view.js';
import { type DataValues, setOf, shownValues } from './run.js';
import { RunDetail } from './run-detail.js';
import { Sweep } from './sweep.js';

/** What was typed for the data of each strategy, by its file. */
const typed = kept<Readonly<Record<string, DataValues>>>('strategy-data', {});

interface StrategyProps {
  readonly strategy: StrategyFile;
  readonly isEdited: boolean;
  /** The control that chooses another strategy. */
  readonly children: ComponentChildren;
}

/** One strategy: its start data, its text while it is edited, its picture, the path of a run, and its test cases. */
export function Strategy({ strategy, isEdited, children }: StrategyProps) {
  const { file, data, steps, tests } = strategy;
  const all = useStore(typed);
  const values = shownValues(data, all[file]);
  const [run, setRun] = useState<StrategyRun>();
  const [cases, setCases] = useState<StrategyTest['cases']>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState<'run' | 'test' | 'sweep'>();
  const [sweep, setSweep] = useState<StrategySweep>();
  const [isCompared, setCompared] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const picture = useMemo(() => pictureOf(graphOf(steps)), [strategy]);
  const show = (ran: StrategyRun): void => {
    setRun(ran);
    setChosen(ran.steps.at(0)?.id);
  };
  const attempt = async (what: NonNullable<typeof busy>, work: () => Promise<void>): Promise<void> => {
    setBusy(what);
    try {
      await work();
      setProblem(undefined);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(undefined);
    }
  };
  const start = (event: Event): void => {
    event.preventDefault();
    void attempt('run', async () => show(await api.runStrategy(file, setOf(values, data))));
  };
  const test = (): Promise<void> =>
    attempt('test', async () => {
      setCases(undefined);
      setCases((await api.testStrategy(file)).cases);
    });
  const sweepAll = (): Promise<void> =>
    attempt('sweep', async () => setSweep(await api.sweepStrategy(file, setOf(values, data))));
  const cannotStart = busy !== undefined || steps.length === 0;
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
                onInput={({ currentTarget }) =>
                  typed.set({ ...all, [file]: { ...values, [name]: currentTarget.value } })
                }
              />
            </label>
          ))}
          <div class="strategy-buttons">
            <Button type="submit" kind="primary" icon="play" disabled={cannotStart}>
              {busy === 'run' ? 'Running…' : 'Run'}
            </Button>
            {tests.length > 0 && (
              <Button disabled={cannotStart} title="Run its test cases, each on a platform of its own" onClick={test}>
                {busy === 'test' ? 'Testing…' : `Test (${tests.length})`}
              </Button>
            )}
            <Button disabled={cannotStart} title="Run it twice, and compare the runs" onClick={() => setCompared(true)}>
              Compare
            </Button>
            <Button
              disabled={cannotStart}
              title="Try every outcome of each External Service step, without sending anything"
              onClick={sweepAll}
            >
              {busy === 'sweep' ? 'Sweeping…' : 'Sweep'}
            </Button>
            <EditLink
              id={strategy.id}
              path={file}
              href={isEdited ? undefined : routeHash('strategies', [file, 'edit'])}
            />
          </div>
        </form>
        <Problem>{problem}</Problem>
        {run && <Outcome run={run} />}
        {isCompared && (
          <Compare
            run={run}
            onRun={({ variant }) => api.runStrategy(file, setOf(values, data), variant)}
            onShow={show}
            onClose={() => setCompared(false)}
          />
        )}
        {sweep && <Sweep sweep={sweep} onClose={() => setSweep(undefined)} />}
        {cases && <Cases cases={cases} onShow={(one) => show(one.run)} />}
      </section>
      <div class={isEdited ? 'strategy-edit' : undefined}>
        {isEdited && (
          <LazyEditor key={strategy.id} id={strategy.id}>
            <Button icon="close" label="Close the editor" onClick={() => go(routeHash('strategies', [file]))} />
          </LazyEditor>
        )}
        {steps.length > 0 && (
          <div class="strategy-run">
            <PictureView picture={picture} run={run} chosen={chosen} onChoose={setChosen} />
            <RunDetail strategy={strategy} run={run} chosen={chosen} />
          </div>
        )}
      </div>
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
