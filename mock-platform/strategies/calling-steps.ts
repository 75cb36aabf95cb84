import { loadYaml } from '#server';
import { loadStrategies, strategyFiles } from './load.js';
import { type StepFile, type StrategyFile, strategySchema } from './schema.js';
import { templateNames } from './template.js';
import type { DataValues } from './values.js';

/** A step that calls a method, and its place in the file. */
export interface CallingStep {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The name of the strategy. */
  readonly strategy: string;
  readonly id: string;
  readonly appName: string | undefined;
  readonly appType: string | number | undefined;
  readonly service: string;
  readonly method: string;
  /** May contain templates. */
  readonly parameters: DataValues;
  readonly timeoutMs: number;
  /** The results that the strategy reads: `Balance`, `Address.City`. */
  readonly reads: readonly string[];
  /** The FaultCodes that have a step, and `other`. */
  readonly faults: readonly string[];
}

/** The steps that call a method, of a strategy or of all strategies in a folder. @throws ConfigError if one is invalid */
export function callingSteps(path: string): CallingStep[] {
  loadStrategies(path);
  return strategyFiles(path).flatMap((file) => {
    const loaded = loadYaml(file, strategySchema);
    return loaded.config.steps.flatMap((step, index): CallingStep[] => {
      const { id, externalService, on } = step;
      if (externalService === undefined) return [];
      const { appName, appType, service, method, parameters, timeoutMs } = externalService;
      const [place] = loaded.problem(['steps', index], '').problems;
      return [
        {
          ...{ file, line: place?.line ?? 1, column: place?.column ?? 1, strategy: loaded.config.name, id },
          ...{ appName, appType, service, method, parameters, timeoutMs },
          reads: [...readsOf(step, loaded.config)],
          faults: Object.keys(on?.fault ?? {}),
        },
      ];
    });
  });
}

/** What the conditions of the step name, and what templates read of the data that it saves. */
function readsOf({ on, save }: StepFile, { steps }: StrategyFile): Set<string> {
  const subjects = (on?.response ?? []).flatMap(({ when = {} }) => Object.keys(when));
  const ofReply = subjects.filter((subject) => !subject.includes('{{'));
  const ofSaved = textsIn(steps)
    .flatMap(templateNames)
    .filter((name) => save !== undefined && name.startsWith(`${save}.`))
    .map((name) => name.slice((save ?? '').length + 1));
  return new Set([...ofReply, ...ofSaved]);
}

/** All keys and texts in a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)]);
}
