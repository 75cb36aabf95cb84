import type { RunStep, StrategyFile, StrategyRun } from '../api/types.js';
import { asEntries } from '../message/entries.js';
import { Tree } from '../message/tree-view.js';
import { durationText } from '../ui/format.js';
import { Empty, Panel } from '../ui/parts.js';

interface RunDetailProps {
  readonly strategy: StrategyFile;
  readonly run: StrategyRun | undefined;
  readonly chosen: string | undefined;
}

/** What the selected step sent and received, and the data at the end. */
export function RunDetail({ strategy, run, chosen }: RunDetailProps) {
  const ran = run?.steps.filter(({ id }) => id === chosen) ?? [];
  return (
    <div class="run-detail">
      <Panel title={chosen === undefined ? 'Step' : `Step ${chosen}`}>
        {chosen === undefined && (
          <Empty>Select a step to see what it does, and what it sent and received in a run.</Empty>
        )}
        {chosen !== undefined && ran.length === 0 && (
          <Definition strategy={strategy} id={chosen} hasRun={run !== undefined} />
        )}
        {ran.map((step, index) => (
          // the repeated runs of a step have no id
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

const Definition = ({ strategy, id, hasRun }: DefinitionProps) => (
  <>
    {hasRun && <p class="hint">The run did not reach this step.</p>}
    <Tree label={`Step ${id}`} entries={asEntries(strategy.steps.find((step) => step.id === id))} />
  </>
);

function StepDetail({ step }: { readonly step: RunStep }) {
  const { sent, outcome, assigned, branch, next, durationMs, kind } = step;
  return (
    <div class="step-detail">
      <p class="detail-meta">
        {[kind, durationText(durationMs), branch && `took ${branch}`, next && `went to ${next}`]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {assigned && <Tree label="Assigned" entries={asEntries(assigned)} empty="Nothing" />}
      {sent && (
        <section>
          <h3>
            Sent{' '}
            <span class="message-reference">{`${sent.appName ?? sent.appType ?? ''} ${sent.service}.${sent.method}`}</span>
          </h3>
          <Tree label="Sent parameters" entries={asEntries(sent.parameters)} empty="No parameters" />
        </section>
      )}
      {outcome && (
        <section>
          <h3>
            Received{' '}
            <span class={`chip chip-${outcome.kind === 'timeout' ? 'none' : outcome.kind}`}>
              {outcome.kind}
              {outcome.code !== undefined && ` ${outcome.code}`}
            </span>
          </h3>
          {outcome.text && <p class="detail-fault">{outcome.text}</p>}
          {outcome.parameters !== undefined && (
            <Tree label="Received parameters" entries={asEntries(outcome.parameters)} empty="No parameters" />
          )}
        </section>
      )}
    </div>
  );
}
