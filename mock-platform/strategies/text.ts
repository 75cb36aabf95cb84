import type { ServiceRequest } from './model.js';
import type { Run, RunStep, StepOutcome } from './run.js';
import { type DataValues, textOf } from './values.js';

/** A run for people: a line a step with what was sent, what came, and where that led; why, where it ends nowhere. */
export function runText(run: Run): string {
  const width = Math.max(...run.steps.map(({ id }) => id.length));
  const lines = run.steps.map((step) => `  ${step.id.padEnd(width)}  ${stepText(step)}`);
  const end = run.end.kind === 'nowhere' ? [`  ends nowhere at ${run.end.step}: ${run.end.why}`] : [];
  return `${[run.strategy, ...lines, ...end].join('\n')}\n`;
}

function stepText(step: RunStep): string {
  const went = step.went === undefined ? '' : ` -> ${step.went}`;
  switch (step.kind) {
    case 'externalService': {
      const { sent, came, durationMs } = step;
      return `${requestText(sent)} => ${outcomeText(came)} (${Math.round(durationMs)} ms)${went}`;
    }
    case 'assign':
      return `${valuesText(step.assigned)}${went}`;
    default:
      return `routed to ${step.routedTo}`.trimEnd();
  }
}

/** `DMS Messaging.ValidateContact Id=+16315551002` */
function requestText({ appName, appType, service, method, parameters }: ServiceRequest): string {
  return `${appName ?? `type ${appType}`} ${service}.${method} ${valuesText(parameters)}`.trimEnd();
}

export function outcomeText(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case 'response':
      return `response ${valuesText(outcome.parameters)}`.trimEnd();
    case 'fault':
      return `fault ${outcome.code} ${outcome.text.replaceAll(/\s+/g, ' ')}`.trimEnd();
    case 'timeout':
      return 'timeout';
    default:
      return outcome.why === undefined ? 'connection lost' : `connection lost (${outcome.why})`;
  }
}

/** `Name=value Other="two words"` */
const valuesText = (values: DataValues): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : quoted(textOf(value))}`)
    .join(' ');

const quoted = (text: string): string => (/[\s"]/.test(text) ? JSON.stringify(text) : text);
