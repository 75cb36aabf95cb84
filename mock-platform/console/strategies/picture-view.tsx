import type { StrategyRun, StrategyStep } from '../api/types.js';
import { BOX, type Box, type Line, type Picture } from './picture.js';
import { isTaken, resultOf, visitsOf } from './run.js';

interface PictureProps {
  readonly picture: Picture;
  readonly run: StrategyRun | undefined;
  readonly chosen: string | undefined;
  onChoose(id: string): void;
}

/** A strategy as boxes and arrows, with the path of a run highlighted. */
export function PictureView({ picture, run, chosen, onChoose }: PictureProps) {
  const { width, height, boxes, lines } = picture;
  const order = [...lines].sort((a, b) => Number(isTaken(run, a.link)) - Number(isTaken(run, b.link)));
  return (
    <div class="picture" role="group" aria-label="Steps of the strategy" tabIndex={0}>
      <svg
        class={run === undefined ? 'strategy-picture' : 'strategy-picture has-run'}
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        aria-hidden="false"
      >
        <title>Steps of the strategy and the links between them</title>
        <defs>
          {['', '-taken'].map((kind) => (
            <marker
              key={kind}
              id={`arrow${kind}`}
              class={`arrow${kind}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerUnits="userSpaceOnUse"
              markerWidth={kind === '' ? 8 : 11}
              markerHeight={kind === '' ? 8 : 11}
              orient="auto"
            >
              <path d="M0,0.500 L8,4 L0,7.500 z" />
            </marker>
          ))}
        </defs>
        {order.map((line) => (
          <LinkLine key={`${line.link.from} ${line.link.to}`} line={line} taken={isTaken(run, line.link)} />
        ))}
        {boxes.map((box) => (
          <StepBox key={box.step.id} box={box} run={run} isChosen={box.step.id === chosen} onChoose={onChoose} />
        ))}
      </svg>
    </div>
  );
}

/** How many characters fit. */
const FITS = { label: 24, text: 31 } as const;

const fitting = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function LinkLine({ line: { link, path, label }, taken }: { readonly line: Line; readonly taken: boolean }) {
  return (
    <g class={taken ? 'link link-taken' : 'link'}>
      <title>{`${link.from} to ${link.to}${link.label === '' ? '' : `: ${link.label}`}`}</title>
      <path d={path} marker-end={`url(#arrow${taken ? '-taken' : ''})`} />
      {link.label !== '' && (
        <text x={label.x} y={label.y} dy="0.320em">
          {fitting(link.label, FITS.label)}
        </text>
      )}
    </g>
  );
}

interface StepBoxProps {
  readonly box: Box;
  readonly run: StrategyRun | undefined;
  readonly isChosen: boolean;
  onChoose(id: string): void;
}

const KINDS: Readonly<Record<StrategyStep['kind'], string>> = {
  externalService: 'External Service',
  assign: 'Assign',
  routeTo: 'Route to',
};

function StepBox({ box: { step, x, y }, run, isChosen, onChoose }: StepBoxProps) {
  const visits = visitsOf(run, step.id);
  const result = resultOf(run, step.id);
  const classes = ['step', `step-${step.kind}`, visits && 'step-taken', result === 'fault' && 'step-fault'];
  const choose = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onChoose(step.id);
  };
  return (
    <g
      class={classes.filter(Boolean).join(' ')}
      transform={`translate(${x} ${y})`}
      role="button"
      tabindex={0}
      aria-pressed={isChosen}
      onClick={() => onChoose(step.id)}
      onKeyDown={choose}
    >
      <title>{`${step.id}: ${KINDS[step.kind]} ${step.text}`}</title>
      <rect width={BOX.width} height={BOX.height} rx="6" />
      <text class="step-id" x="12" y="20">
        {fitting(step.id, FITS.label)}
      </text>
      <text class="step-kind" x={BOX.width - 12} y="20">
        {KINDS[step.kind]}
      </text>
      <text class="step-text" x="12" y="38">
        {fitting(step.text, FITS.text)}
      </text>
      {visits && (
        <g class="step-order">
          <circle cx="0" cy="0" r="10" />
          <text dy="0.340em">{visits.count > 1 ? `${visits.count}×` : visits.first}</text>
        </g>
      )}
    </g>
  );
}
