import type { RunStep, StrategyFile, StrategyRun } from '../api/types.js';
import { asEntries } from '../message/entries.js';
import { Tree } from '../message/tree-view.js';
import { durationText } from '../ui/format.js';
import { Empty, Panel } from '../ui/parts.js';
import { graphOf } from './graph.js';

interface RunDetailProps {
  readonly strategy: StrategyFile;
  readonly run: StrategyRun | undefined;
  readonly chosen: string | undefined;
}

/** What the chosen step sent and got, and the data at the end. */
export function RunDetail({ strategy, run, chosen }: RunDetailProps) {
  const ran = run?.steps.filter(({ id }) => id === chosen) ?? [];
  return (
    <div class="run-detail">
      <Panel title={chosen === undefined ? 'Step' : `Step ${chosen}`}>
        {chosen === undefined && <Empty>Choose a step to see what it does, and what it sent and got in a run.</Empty>}
        {chosen !== undefined && ran.length === 0 && (
          <Definition strategy={strategy} id={chosen} hasRun={run !== undefined} />
        )}
        {ran.map((step, index) => (
          // a step that ran several times has nothing else that tells them apart
          <StepDetail key={index} step={step} />
        ))}
      </Panel>
      {run && (
        <Panel title="Data at the end">
          <Tree label="Data at the end" entries={asEntries(run.data)} empty="No data" />
        </Panel>
      )}
    </div>
  );
}

interface DefinitionProps {
  readonly strategy: StrategyFile;
  readonly id: string;
  readonly hasRun: boolean;
}

function Definition({ strategy, id, hasRun }: DefinitionProps) {
  const at = graphOf(strategy.steps).steps.findIndex((step) => step.id === id);
  return (
    <>
      {hasRun && <p class="hint">The run did not come through here.</p>}
      <Tree label={`Step ${id}`} entries={asEntries(strategy.steps[at])} />
    </>
  );
}

function StepDetail({ step: { sent, got, branch, next, durationMs, kind } }: { readonly step: RunStep }) {
  return (
    <div class="step-detail">
      <p class="detail-meta">
        {[kind, durationText(durationMs), branch && `took ${branch}`, next && `went to ${next}`]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {sent && (
        <section>
          <h3>
            Sent{' '}
            <span class="message-reference">{`${sent.appName ?? sent.appType ?? ''} ${sent.service}.${sent.method}`}</span>
          </h3>
          <Tree label="Sent parameters" entries={asEntries(sent.parameters)} empty="No parameters" />
        </section>
      )}
      {got && (
        <section>
          <h3>
            Got{' '}
            <span class={`chip chip-${CHIPS[got.kind] ?? 'none'}`}>
              {got.kind}
              {got.code !== undefined && ` ${got.code}`}
            </span>
          </h3>
          {got.text && <p class="detail-fault">{got.text}</p>}
          {got.parameters !== undefined && (
            <Tree label="Parameters that came back" entries={asEntries(got.parameters)} empty="No parameters" />
          )}
        </section>
      )}
    </div>
  );
}

const CHIPS: Readonly<Record<string, string>> = { response: 'response', fault: 'fault', lost: 'lost', timeout: 'none' };
